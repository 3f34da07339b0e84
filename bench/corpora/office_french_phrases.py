"""French office papers: what stands printed on them, and how their sentences run.

Labels are `key = one / another`; the fields of a sentence are those of `office_tongue.FILL`.
"""

LABELS = """
order = Bon de commande / Commande d'achat / Commande ferme
delivery = Bon de livraison / Bordereau de livraison / Avis d'expédition
quotation = Devis / Proposition commerciale / Offre de prix
invoice = Facture / Facture de location / Facture d'abonnement
reminder1 = Premier rappel / Rappel de paiement / Relance
reminder2 = Deuxième rappel / Seconde relance / Mise en demeure amiable
reminder3 = Mise en demeure / Dernier avis avant poursuites / Troisième et dernière relance
contract = Contrat / Convention / Contrat de prestation
minutes = Compte rendu de réunion / Procès-verbal de réunion / Relevé de décisions
certificate = Attestation de présence / Attestation de fin de formation / Certificat de participation
notice = Note d'information / Communication du comité social et économique / Avis au personnel
freight = Lettre de voiture / Lettre de voiture internationale CMR / Récépissé de transport
customs = Déclaration en douane / Document administratif unique / Déclaration d'importation
expenses = Note de frais / Relevé de frais professionnels / État de frais
policy = Conditions particulières / Attestation d'assurance / Police d'assurance
report = Rapport technique / Rapport d'intervention / Étude technique
letter = Lettre / Courrier
mail = Courriel / E-mail
receipt = Reçu / Ticket / Justificatif
label = Étiquette / Bordereau
number = N° / Numéro / Réf.
date = Date / Date d'émission / Émis le
customer = N° client / Code client / Compte client
supplier = N° fournisseur / Code fournisseur
your_ref = Votre référence / V/Réf. / Vos réf.
our_ref = Notre référence / N/Réf. / Nos réf.
subject = Objet / Concerne
attention = À l'attention de / Suivi par / Interlocuteur
phone = Tél. / Téléphone
account = IBAN / Compte
qty = Qté / Quantité
item = Désignation / Article / Libellé
ref = Réf. / Référence / Code
price = P.U. HT / Prix unitaire
amount = Montant HT / Montant / Total HT
net = Total HT / Sous-total HT
tax = TVA 20 % / TVA (20,00 %)
gross = Total TTC / Net à payer TTC / Montant total TTC
due = Échéance / À régler avant le / Date limite de paiement
delivered = Livraison prévue le / Date de livraison souhaitée
valid = Offre valable jusqu'au / Validité du devis
ship_to = Adresse de livraison / Livrer à
weight = Poids brut (kg) / Poids total
parcels = Nombre de colis / Colis / Palettes
carrier = Transporteur / Voiturier
plate = Immatriculation / Véhicule
period = Période / Loyer du mois de / Abonnement
between = Entre les soussignés / Entre
and = et / d'une part, et
party1 = ci-après dénommé le Prestataire / ci-après le Bailleur
party2 = ci-après dénommé le Client / ci-après le Preneur
effective = Date d'effet / Prise d'effet le / À compter du
fee = Redevance mensuelle HT / Loyer trimestriel HT / Prix forfaitaire annuel HT
deposit = Dépôt de garantie / Caution
article = Article / Art.
made = Fait à {c}, le {e}
approved = Lu et approuvé, bon pour accord / Bon pour accord, date et signature
  / Signature précédée de la mention « lu et approuvé »
signed = Signature / Pour le prestataire / Cachet et signature
signed2 = Le client / Nom et qualité du signataire / Reçu par (nom, date)
page = Page {p} sur {t} / {p}/{t} / page {p} - {t}
present = Présents / Étaient présents
excused = Excusés / Absents excusés
agenda = Ordre du jour / Points abordés
next = Prochaine réunion le / Prochaine séance
certify = Nous soussignés certifions que / Le responsable de formation atteste que
attended = a suivi avec assiduité la formation / a participé à la session
hours = Durée (heures) / Nombre d'heures
insured = Assuré / Souscripteur / Bénéficiaire
policy_no = Contrat n° / Police n°
premium = Prime annuelle TTC / Cotisation TTC
employee = Collaborateur / Salarié / Nom du salarié
month = Mois / Période concernée
kinds = repas / hôtel / péage / train / taxi / parking / carburant / avion / fournitures / petit-déjeuner
refund = Total à rembourser / Montant remboursable
advance = Avance perçue / Acompte déduit
sender = Expéditeur / Chargeur
consignee = Destinataire / Consignataire
origin = Lieu de prise en charge / Lieu de chargement
destination = Lieu prévu pour la livraison / Lieu de déchargement
goods = Nature de la marchandise / Marchandises
marks = Marques et numéros / Marques
tariff = Code des marchandises / Nomenclature
value = Valeur statistique / Valeur facturée
country = Pays d'origine / Pays de provenance
terms = Conditions de livraison / Incoterm
declarant = Déclarant / Représentant en douane
procedure = Régime / Procédure
mass = Masse brute (kg) / Masse nette (kg)
from = De / Expéditeur
to = À / Destinataire
sent = Envoyé / Date
wrote = Le {e}, {p} a écrit : / {p} a écrit le {e} :
original = -----Message d'origine----- / ---------- Message transféré ----------
dear = Madame, Monsieur, / Bonjour, / Cher Monsieur, / Chère Madame,
bye = Veuillez agréer, Madame, Monsieur, l'expression de nos salutations distinguées. / Cordialement,
  / Bien à vous, / Sincères salutations,
received = REÇU LE / COURRIER ARRIVÉ LE / COMPTABILITÉ - REÇU
copy = COPIE / DUPLICATA / ORIGINAL CLIENT / PAYÉ / À CLASSER / VU
open = Facture impayée / Solde restant dû
summary = Synthèse / Introduction / Contexte / Méthode / Essais / Mesures / Constats / Analyse
  / Recommandations / Conclusion / Sécurité / Planning
measure = Mesure / Point de mesure / Relevé
short = Place de stationnement / Archives - boîte / Photo du chantier / Clé du bureau / Vestiaire
  / Pneus hiver / Compteur / Ticket de caisse / Badge visiteur / Colis fragile
total = Total / TOTAL À PAYER
corrected = Annule et remplace le document précédent / Version rectifiée
legal = Pas d'escompte pour paiement anticipé.
  / Tout retard entraîne une indemnité forfaitaire de recouvrement de 40 euros.
  / TVA acquittée sur les encaissements. / Réserve de propriété jusqu'au paiement intégral.
  / Conditions générales de vente au verso. / Document établi en deux exemplaires originaux.
courses = Sécurité incendie / Gestes et postures / Habilitation électrique / Conduite de chariots
  / Accueil téléphonique / Tableur, niveau 2 / Secourisme du travail / Anglais professionnel
  / Gestion du stress
bodies = Comité de direction / Réunion de chantier / Comité social et économique / Revue qualité
  / Point hebdomadaire / Conseil d'administration / Copropriétaires / Comité de pilotage
covers = Incendie / Vol et vandalisme / Responsabilité civile / Bris de glace / Dégât des eaux
  / Protection juridique / Catastrophes naturelles / Assistance 0 km / Perte d'exploitation
  / Dommages électriques
eaten = Menu du jour / Café / Eau minérale 50 cl / Plat du marché / Dessert maison / Bière pression / Thé
  / Salade niçoise / Entrecôte frites / Formule midi / Croissant / Stationnement 2 h
"""
PATTERNS = {
    "clause": """
La sous-traitance {d} est subordonnée à l'accord préalable et écrit du client.
Le prestataire conserve la propriété {d} jusqu'au complet encaissement du prix.
Tout report demandé moins de {q} jours avant {n} donne lieu à facturation.
Les parties élisent domicile en leurs sièges respectifs pour l'exécution {d}.
Une réunion de suivi portant sur {n} se tient tous les {q} mois.
Le client souscrit à ses frais l'assurance couvrant {n} et en justifie à première demande.
L'entretien courant et {n} incombent au preneur, les grosses réparations au bailleur.
À l'expiration, {n} est restitué en bon état dans les {q} jours.
Le personnel affecté {a} demeure sous l'autorité exclusive du prestataire.
{n} est établi en euros et s'entend hors taxes, port et emballage en sus.
Le client s'engage à respecter {n} pendant une durée de {q} mois à compter {d}.
{n} peut être modifié d'un commun accord des parties sous réserve {d}.
À défaut {b} dans un délai de {q} jours, {n} sera réputé accepté.
Toute contestation relative {a} doit être notifiée par lettre recommandée avec avis de réception.
Les frais liés {a} restent à la charge exclusive de la partie défaillante.
En cas de non-respect {d}, le prestataire se réserve le droit de suspendre {n} sans indemnité.
{n} ne saurait engager la responsabilité du prestataire au-delà du montant {d}.
Les parties conviennent que {n} prévaut sur toute stipulation contraire {d}.
Sauf dénonciation {q} jours avant le terme, {n} est reconduit tacitement.
Le présent document annule et remplace toute disposition antérieure relative {a}.
Le paiement {d} intervient à {q} jours fin de mois, par virement bancaire.
Les informations échangées au titre {d} demeurent strictement confidentielles pendant {q} ans.
Aucune tolérance de l'une des parties ne vaut renonciation {a}.
Le tribunal de commerce du siège social est seul compétent pour connaître {d}.
Les risques sont transférés dès {n}, même en cas de réserve portant sur {n}.
Sont exclus {n} ainsi que les dommages résultant {d} ou d'un cas de force majeure.
La révision {d} s'effectue chaque année selon l'indice publié, sans pouvoir excéder {q} %.
Conformément au règlement sur les données personnelles, vous disposez d'un droit d'accès {a}.
Le locataire tient à disposition {n} et facilite l'accès nécessaire {a}.
L'acceptation {d} emporte adhésion sans réserve aux présentes conditions.
Toute heure commencée est due ; {n} fait l'objet d'une facturation séparée.
Si l'une des clauses est déclarée nulle, {n} conserve son plein effet.""",
    "letter": """
Nous faisons suite à votre courrier du {e} concernant {n}.
Après examen de votre dossier, {n} ne peut être accordé avant réception {d}.
Nous vous prions de nous retourner {n} dûment complété avant le {e}.
Mme ou M. {p} reste à votre disposition pour toute précision relative {a}.
Votre demande portant sur {n} a été enregistrée sous la référence {k}.
Nous avons bien reçu la somme de {m} au titre {d}.
Sans nouvelles de votre part sous {q} jours, nous transmettrons {n} à notre conseil.
Le différend avec la société {f} porte sur {n} et non sur {n}.
Une visite est proposée le {e} dans les locaux de {c}.
Nous regrettons le retard pris dans {n}, dû à l'absence {d}.
Vous trouverez ci-joint {n} ainsi qu'une copie {d}.
Il apparaît que {n} a été transmis par erreur à {p}, à {c}.
L'expert {p} a évalué {n} à {m}, hors frais annexes.
Conformément à l'entretien téléphonique du {e}, nous confirmons {n}.
Nous contestons formellement {n} pour les motifs exposés dans notre lettre du {e}.
La commission se réunira à {c} et statuera sur {n}.""",
    "minutes": """
{p} présente {n} et rappelle que {n} doit être bouclé avant le {e}.
Le budget alloué {a} passe à {m} après discussion.
Il est décidé de reporter {n} à la séance du {e}.
{p} s'inquiète {d} et demande un point d'étape dans {q} jours.
Tour de table : {n} avance normalement, {n} prend du retard.
La proposition de {p} concernant {n} est adoptée par {q} voix.
{p} se charge de relancer la société {f} au sujet {d}.
Aucune remarque sur {n} ; le compte rendu précédent est approuvé.
Le site de {c} signale {q} incidents liés {a} depuis le {e}.
Un groupe de travail sur {n} est constitué autour de {p}.
La question {d} sera traitée hors réunion par {p} et {p}.
Les élus demandent que {n} soit affiché avant le {e}.
L'indicateur de suivi {d} s'établit à {v} % contre {v} % le mois dernier.
{p} quitte la séance ; {n} n'est pas abordé.""",
    "report": """
L'essai réalisé le {e} sur {n} {k} donne une valeur moyenne de {v} bar.
{n} présente une usure de {v} mm, supérieure à la tolérance du constructeur.
Il est recommandé de remplacer {n} dans un délai de {q} jours.
La mesure {d} a été répétée {q} fois avec un écart type de {v} %.
Aucune anomalie n'a été relevée sur {n} ni sur {n}.
La température {d} atteint {v} °C après {q} minutes de fonctionnement.
Le repère {k} correspond {a} installé par {f} en zone {k}.
Les vibrations {d} restent inférieures à {v} mm/s dans les deux directions.
Un suintement a été observé au droit {d}, côté {c}.
La note de calcul retient un coefficient de {v} pour {n}.
{n} devra être contrôlé par {p} avant toute remise en service.
Le plan {k} ne fait pas apparaître {n} ; une mise à jour est nécessaire.
La consommation mesurée sur {n} est de {v} kWh par jour, soit {m} par an.
Les photographies {k} à {k} illustrent l'état {d}.
Le débit {d} chute de {v} % lorsque {n} est à l'arrêt.
Cette hypothèse est écartée : {n} fonctionnait normalement le {e}.
L'échantillon {k} prélevé près {d} contient {v} mg/l de fer.
Sur les {q} points inspectés, {q} nécessitent une intervention sur {n}.""",
    "notice": """
Le comité informe le personnel que {n} entrera en vigueur le {e}.
La consultation relative {a} se tiendra à {c} le {e}.
Les demandes liées {a} sont à déposer auprès de {p} avant le {e}.
À la suite de l'accord signé le {e}, {n} est étendu à tous les services.
La participation de l'employeur {a} est portée à {m}.
Les permanences des élus ont lieu tous les {q} jours dans le bureau {k}.
La direction a confirmé le maintien {d} jusqu'au {e}.
Les élus ont voté contre {n} par {q} voix.
Pour toute question sur {n}, contactez {p} au poste {k}.
Une enquête portant sur {n} sera menée par le cabinet {f}.
Les salariés de {c} ne sont pas concernés par {n}.""",
    "mail": """
Peux-tu m'envoyer {n} avant le {e} ?
Je viens de voir avec {p} pour {n} : c'est bon de son côté.
Merci de valider {n}, sinon on repousse {n}.
Ci-joint {n} et la dernière version {d}.
Le fournisseur {f} nous annonce {q} jours de retard sur {n}.
On se retrouve à {c} le {e} pour parler {d} ?
J'ai relancé {p} hier, toujours rien sur {n}.
Attention, le montant de {m} ne correspond pas {a}.
Je serai absent jusqu'au {e}, voir avec {p} en cas d'urgence.
La salle {k} est réservée pour {n}.
Pour info, {n} a été livré ce matin sans {n}.
Pas d'objection de ma part sur {n}.""",
    "footing": """
Document à conserver par l'intéressé, aucun duplicata ne sera délivré.
Organisme enregistré auprès du préfet de région ; ce numéro ne vaut pas agrément de l'État.
Les données recueillies sont destinées {a} et conservées {q} ans.
Toute remarque sur {n} est à adresser par écrit au secrétariat.
Diffusion : affichage, intranet et {n}.
Les justificatifs originaux sont agrafés au verso, sans quoi {n} ne sera pas traité.
Rappel : {n} fait l'objet d'une note distincte.
Le secrétariat reste joignable du lundi au vendredi, poste {k}.
Fait pour servir et valoir ce que de droit.
Imprimé {k}, version {v}, remplace toutes les versions antérieures.
La signature du responsable vaut validation {d}.
Pour l'application {d}, se reporter au livret d'accueil.""",
    "dunning": """
Sauf erreur de notre part, le règlement de la facture citée ci-dessus ne nous est pas parvenu.
Notre service comptable n'a trouvé aucune trace de votre virement à la date du {e}.
Nous vous saurions gré de solder ce compte avant le {e}.
Si votre paiement a croisé ce courrier, veuillez ne pas en tenir compte.
Malgré notre précédent courrier du {e}, vous restez redevable de cette somme.
À défaut de règlement sous {q} jours, le dossier sera remis à un huissier à {c}.
Des pénalités au taux légal majoré de {q} points courent depuis l'échéance.
Vos commandes en cours sont suspendues jusqu'au complet paiement.
Pour convenir d'un échéancier, appelez {p} avant le {e}.
Nous vous mettons en demeure de payer sans autre délai.
Une copie de la facture et {d} est jointe à la présente.""",
}
