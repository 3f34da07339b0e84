"""French as it is written in offices: its words, names and places."""

from bench.corpora.office_french_phrases import LABELS, PATTERNS
from bench.corpora.office_lists import Noun, listed, pairs_of, sentences, syllabic, towns, variants
from bench.corpora.office_tongue import Tongue

NOUNS = {
    "trade": """contrat m, commande f, facture f, livraison f, marchandise f, prestation f, redevance f,
    loyer m, échéance f, tarif m, remise f, acompte m, règlement m, garantie f, résiliation f,
    sinistre m, avenant m, clause f, prestataire m, client m, fournisseur m, bailleur m,
    preneur m, litige m, préavis m, pénalité f, indemnité f, assurance f, attestation f,
    dossier m, devis m, expédition f, emballage m, transport m, dédouanement m, créance f,
    mandat m, reprise f, réclamation f, stock m, budget m, calendrier m, audit m,
    cautionnement m, franchise f, déclaration f, cession f, compte m, virement m, enlèvement m""",
    "staff": """réunion f, équipe f, direction f, comité m, formation f, congé m, horaire m, planning m,
    recrutement m, effectif m, prime f, salaire m, absence f, candidature f, entretien m,
    projet m, atelier m, accord m, élection f, délégation f, règlement m, cantine f, mutuelle
    f, prévention f, télétravail m, déménagement m, organigramme m, service m, intérim m,
    apprentissage m, consultation f, enquête f, astreinte f, ancienneté f, participation f,
    convention f, commission f, restructuration f, badge m, audit m""",
    "tech": """pompe f, vanne f, capteur m, moteur m, échangeur m, chaudière f, réseau m, automate m,
    armoire f, câble m, soudure f, joint m, palier m, courroie f, compresseur m, toiture f,
    dalle f, poutre f, conduite f, ventilateur m, filtre m, brûleur m, disjoncteur m,
    transformateur m, onduleur m, ascenseur m, convoyeur m, presse f, fraiseuse f, cuve f,
    débitmètre m, manomètre m, serveur m, sauvegarde f, logiciel m, alarme f, extincteur m,
    étanchéité f, isolation f, fondation f, ferraillage m, revêtement m, charpente f,
    tuyauterie f""",
}
ADJECTIVES = {
    "all": """annuel annuelle, écrit écrite, applicable, initial initiale, partiel partielle,
    contractuel contractuelle, provisoire, définitif définitive, ferme, prévu prévue, signé
    signée, mensuel mensuelle, complémentaire, forfaitaire, tacite, commun commune, préalable,
    exceptionnel exceptionnelle, obligatoire, collectif collective, interne, externe, régional
    régionale, trimestriel trimestrielle, nominatif nominative, global globale, urgent
    urgente, rectifié rectifiée, conforme, tardif tardive, en cours, reporté reportée, précité
    précitée, confidentiel confidentielle""",
    "tech": """principal principale, auxiliaire, hydraulique, pneumatique, électrique, thermique,
    vertical verticale, inférieur inférieure, défectueux défectueuse, usé usée, neuf neuve,
    corrodé corrodée, fissuré fissurée, étanche, rotatif rotative, d'origine, métallique,
    extérieur extérieure, de secours, nord, sud, amont, aval, central centrale, vibrant
    vibrante, surchauffé surchauffée, calorifugé calorifugée, modulaire, horizontal
    horizontale""",
}


def _noun(entry: str) -> Noun:
    word, gender = entry.rsplit(" ", 1)
    feminine = gender == "f"
    if word[0] in "aeiouéèêîâ":
        return Noun(word, f"l'{word}", f"de l'{word}", f"à l'{word}", f"d'{word}", feminine)
    if feminine:
        return Noun(word, f"la {word}", f"de la {word}", f"à la {word}", f"de {word}", feminine)
    return Noun(word, f"le {word}", f"du {word}", f"au {word}", f"de {word}", feminine)


FRENCH = Tongue(
    code="fr",
    labels=variants(LABELS),
    months=listed("""janvier, février, mars, avril, mai, juin, juillet, août, septembre, octobre, novembre,
    décembre"""),
    firsts=listed("""Adrien, Agathe, Alain, Amélie, Anaïs, Antoine, Aurélie, Baptiste, Béatrice, Benoît,
    Brigitte, Camille, Cédric, Céline, Chantal, Christophe, Claire, Corinne, Damien, Delphine,
    Didier, Élise, Émilie, Étienne, Fabrice, Florence, Franck, Gaëlle, Gérard, Grégory,
    Guillaume, Hélène, Hervé, Inès, Jérôme, Joëlle, Julien, Karim, Laetitia, Laurent, Léa,
    Loïc, Lucie, Ludovic, Maëlle, Magali, Marion, Mathieu, Mélanie, Mireille, Nadège,
    Nathalie, Nicolas, Noémie, Olivier, Pascal, Pauline, Philippe, Quentin, Rachid, Raphaëlle,
    Rémi, Romain, Sabine, Samira, Sandrine, Sébastien, Solène, Stéphane, Sylvie, Thibault,
    Valérie, Véronique, Vincent, Xavier, Yannick, Yves, Zoé"""),
    lasts=syllabic(
        """Bar, Beau, Bel, Ber, Bois, Bon, Bour, Car, Chal, Cham, Char, Cor, Dau, Del, Dor, Du, Fer,
        Fon, Gar, Gir, Gra, Lam, Lan, Mar, Mon, Mor, Pel, Per, Pou, Rou, Sau, Ser, Tal, Tour, Val,
        Vil""",
        """bin, celle, chet, din, geon, gnier, laud, lier, lot, mont, nard, neau, rand, reau, sier,
        tel, thon, ton, vet, zac""",
        """Lefèvre, Girard, Caron, Mercier, Gauthier, Lemaître, Hubert, Noël, Aubert, Collet, Bénard,
        Prévost, Jacquot, Benali, Diallo, N'Guessan, Ferreira, Le Goff, Kervella, d'Almeida,
        Haddad, Traoré, Weiss, Castelli""",
    ),
    roads=listed("""rue #, avenue #, boulevard #, impasse #, chemin #, quai #, place #, allée #, rue du
    Général #, rue des Tilleuls, avenue de la Gare, rue de l'Industrie, route de Paris, ZI des
    Peupliers, rue du Moulin, chemin des Vignes, rue de la République, cours #, rue du Docteur
    #, passage #, zone artisanale #"""),
    towns=towns("""Lyon 69, Villeurbanne 69, Grenoble 38, Saint-Étienne 42, Dijon 21, Nantes 44, Rennes 35,
    Angers 49, Le Mans 72, Tours 37, Orléans 45, Reims 51, Metz 57, Nancy 54, Strasbourg 67,
    Mulhouse 68, Besançon 25, Annecy 74, Chambéry 73, Valence 26, Nîmes 30, Montpellier 34,
    Toulouse 31, Pau 64, Bordeaux 33, Limoges 87, Poitiers 86, La Rochelle 17, Brest 29,
    Quimper 29, Caen 14, Rouen 76, Le Havre 76, Amiens 80, Lille 59, Roubaix 59, Arras 62,
    Troyes 10, Bourges 18, Clermont-Ferrand 63, Vichy 03, Aix-en-Provence 13, Marseille 13,
    Toulon 83, Nice 06, Bastia 20, Perpignan 66, Albi 81, Niort 79"""),
    trades=listed("""Logistique, Bureautique, Services, Maintenance, Électricité, Transports, Conseil,
    Ingénierie, Propreté, Papeterie, Énergies, Distribution, Formation, Courtage, Mécanique,
    Froid Industriel, Informatique, Menuiserie, Négoce, Mobilier, Imprimerie, Bâtiment,
    Étanchéité, Restauration, Sécurité, Location, Emballages, Outillage, Assurances, Fret"""),
    forms=listed("SARL, SAS, SA, EURL, SASU, SNC, & Fils, et Cie, Groupe SAS"),
    wares=listed("""Ramette papier, Cartouche toner, Classeur à levier, Vis tête hexagonale, Rondelle plate,
    Gaine technique, Palette europe, Film étirable, Gants nitrile, Disque à tronçonner, Câble
    souple, Réglette LED, Cloison amovible, Fauteuil, Bureau, Armoire basse, Écran, Station
    d'accueil, Batterie, Filtre à huile, Roulement à billes, Joint torique, Tube acier,
    Peinture glycéro, Enduit, Plaque de plâtre, Robinet, Flexible, Détergent, Sac poubelle,
    Carton double cannelure, Ruban adhésif, Serrure, Badge, Extincteur, Casque, Gilet, Lampe
    frontale, Forfait maintenance, Heure de main-d'œuvre, Déplacement, Licence"""),
    kinds=listed("""noir, blanc, gris clair, inox, galvanisé, zingué, renforcé, A4 80 g, A3, grand modèle,
    petit modèle, type B, série 3, haute densité, recyclé, réversible, magnétique, 230 V, 12
    V, étanche, sans fil, pro, standard, lot de 10, lot de 50, calibre fin, avec notice, sur
    mesure, bleu nuit, antistatique, ignifugé, double face"""),
    nouns={domain: tuple(_noun(one) for one in listed(text)) for domain, text in NOUNS.items()},
    adjectives={domain: pairs_of(text) for domain, text in ADJECTIVES.items()},
    patterns={genre: sentences(text) for genre, text in PATTERNS.items()},
    long_date="{d} {m} {y}",
    thousands=" ",
    iban=("FR76", 27),
    two_surnames=0.06,
)  # fmt: skip
