"""Portuguese as it is written in offices: its words, names and places."""

from bench.corpora.office_lists import Noun, listed, pairs_of, sentences, syllabic, towns, variants
from bench.corpora.office_portuguese_phrases import LABELS, PATTERNS
from bench.corpora.office_tongue import Tongue

NOUNS = {
    "trade": """contrato m, encomenda f, fatura f, entrega f, mercadoria f, avença f, renda f, vencimento
    m, tarifa f, desconto m, adiantamento m, pagamento m, garantia f, rescisão f, sinistro m,
    aditamento m, cláusula f, prestador m, cliente m, fornecedor m, locador m, locatário m,
    litígio m, aviso m, penalidade f, indemnização f, seguro m, declaração f, processo m,
    orçamento m, envio m, embalagem f, transporte m, desalfandegamento m, dívida f, mandato m,
    devolução f, reclamação f, inventário m, calendário m, auditoria f, caução f, franquia f,
    cessão f, conta f, transferência f, recolha f, guia f, quitação f, proposta f""",
    "staff": """reunião f, equipa f, direção f, comissão f, formação f, licença f, horário m, turno m,
    recrutamento m, quadro m, subsídio m, vencimento m, falta f, candidatura f, entrevista f,
    projeto m, oficina f, acordo m, eleição f, delegação f, regulamento m, refeitório m, mútua
    f, prevenção f, teletrabalho m, mudança f, organograma m, departamento m, substituição f,
    estágio m, consulta f, inquérito m, piquete m, antiguidade f, convenção f, avaliação f,
    reestruturação f, cartão m, balneário m, mapa m""",
    "tech": """bomba f, válvula f, sensor m, motor m, permutador m, caldeira f, rede f, autómato m,
    quadro m, cabo m, soldadura f, junta f, rolamento m, correia f, compressor m, cobertura f,
    laje f, viga f, conduta f, ventilador m, filtro m, queimador m, disjuntor m, transformador
    m, inversor m, elevador m, tapete m, prensa f, fresadora f, cuba f, caudalímetro m,
    manómetro m, servidor m, cópia f, programa m, alarme m, extintor m, impermeabilização f,
    fundação f, armadura f, revestimento m, estrutura f, tubagem f, reservatório m""",
}
ADJECTIVES = {
    "all": """anual, escrito escrita, aplicável, inicial, parcial, contratual, provisório provisória,
    definitivo definitiva, firme, previsto prevista, assinado assinada, mensal, complementar,
    fixo fixa, tácito tácita, comum, prévio prévia, excecional, obrigatório obrigatória,
    coletivo coletiva, interno interna, externo externa, regional, trimestral, nominativo
    nominativa, global, urgente, retificado retificada, vigente, tardio tardia, em curso,
    adiado adiada, referido referida, reservado reservada""",
    "tech": """principal, auxiliar, hidráulico hidráulica, pneumático pneumática, elétrico elétrica,
    térmico térmica, vertical, inferior, avariado avariada, gasto gasta, novo nova, oxidado
    oxidada, fissurado fissurada, estanque, rotativo rotativa, de origem, metálico metálica,
    exterior, de emergência, a norte, a sul, de entrada, de saída, central, sobreaquecido
    sobreaquecida, isolado isolada, modular, horizontal, da cave""",
}


def _noun(entry: str) -> Noun:
    word, gender = entry.rsplit(" ", 1)
    if gender == "f":
        return Noun(word, f"a {word}", f"da {word}", f"à {word}", f"de {word}", feminine=True)
    return Noun(word, f"o {word}", f"do {word}", f"ao {word}", f"de {word}", feminine=False)


PORTUGUESE = Tongue(
    code="pt",
    labels=variants(LABELS),
    months=listed("""janeiro, fevereiro, março, abril, maio, junho, julho, agosto, setembro,
    outubro, novembro,
    dezembro"""),
    firsts=listed("""Abel, Adelaide, Afonso, Albertina, Alda, Alexandra, Amadeu, Américo, Anabela, Aníbal,
    Armando, Artur, Augusta, Aurora, Belmiro, Bernardo, Branca, Carlota, Catarina, Celeste,
    Conceição, Cristiano, Deolinda, Diogo, Dulce, Duarte, Edite, Ermelinda, Eurico, Fausto,
    Fernanda, Filipa, Filipe, Firmino, Francisco, Gaspar, Gil, Gonçalo, Graça, Guilherme,
    Henrique, Hugo, Inácio, Isaura, Ivone, Jacinto, João, Joaquim, Jorgina, Leandro, Leonor,
    Lídia, Lurdes, Mafalda, Manuel, Matilde, Mónica, Nuno, Odete, Paula, Pedro, Quitéria,
    Raul, Renata, Rita, Rogério, Rui, Sandra, Simão, Sónia, Telma, Tiago, Vasco, Vítor,
    Zulmira"""),
    lasts=syllabic(
        """Abra, Almei, Amo, Aze, Barre, Borra, Cabe, Calha, Carva, Casti, Coe, Cou, Espi, Faga,
        Figuei, Fontou, Gou, Guima, Lei, Loba, Maga, Malhei, Mei, Mou, Noguei, Olivei, Pache, Pai,
        Pimen, Quei, Ribei, Salguei, Silvei, Tava, Teixei, Vascon""",
        """cal, ço, dal, deiro, della, dinho, ganha, lhães, lho, nça, nho, nte, ra, rão, res, rinho,
        rós, ta, veda, xo""",
        """Silva, Santos, Sousa, Pereira, Antunes, Bastos, Brandão, Cunha, Domingues, Esteves,
        Falcão, Geraldes, Henriques, Lopes, Machado, Neves, Pinto, Quaresma, Simões, Vieira,
        Xavier, Évora, Tchikoulaev, Mendonça""",
    ),
    roads=listed("""Rua #, Avenida #, Travessa #, Largo #, Praceta #, Estrada #, Beco #, Rua do Comércio, Rua
    Dr. #, Rua da Escola, Avenida da Liberdade, Rua 25 de Abril, Zona Industrial #, Estrada
    Nacional 10, Rua das Flores, Rua Eng.º #, Alameda #, Rua da Igreja, Praça #, Rua de Santo
    António, Urbanização #"""),
    towns=towns("""Lisboa 1, Amadora 27, Sintra 27, Cascais 27, Almada 28, Setúbal 29, Barreiro 28, Porto 4,
    Gaia 44, Matosinhos 44, Maia 44, Braga 47, Guimarães 48, Viana do Castelo 49, Vila Real
    50, Bragança 53, Chaves 54, Aveiro 38, Águeda 37, Ovar 38, Viseu 35, Lamego 51, Coimbra
    30, Figueira da Foz 30, Leiria 24, Pombal 31, Marinha Grande 24, Caldas da Rainha 25,
    Torres Vedras 25, Santarém 20, Tomar 23, Abrantes 22, Castelo Branco 60, Covilhã 62,
    Guarda 63, Portalegre 73, Elvas 73, Évora 70, Beja 78, Sines 75, Faro 80, Portimão 85,
    Loulé 81, Tavira 88, Funchal 90, Ponta Delgada 95, Angra 97, Loures 26, Odivelas 26"""),
    trades=listed("""Fornecimentos, Escritório, Serviços, Manutenção, Instalações, Transportes, Consultores,
    Engenharia, Limpezas, Papelaria, Energia, Distribuição, Formação, Mediação,
    Metalomecânica, Frio Industrial, Sistemas, Carpintaria, Comércio, Mobiliário, Artes
    Gráficas, Construções, Isolamentos, Restauração, Segurança, Alugueres, Embalagens,
    Ferragens, Seguros, Trânsitos"""),
    forms=listed("Lda., S.A., Unipessoal Lda., & Filhos Lda., & C.ª, SGPS S.A., Irmãos Lda., CRL"),
    wares=listed("""Resma de papel, Toner reciclado, Pasta de arquivo, Parafuso sextavado, Anilha, Calha
    técnica, Palete euro, Filme extensível, Luva de nitrilo, Disco de corte, Cabo flexível,
    Armadura LED, Divisória, Cadeira giratória, Secretária, Armário baixo, Ecrã, Base de
    ligação, Bateria, Filtro de óleo, Rolamento de esferas, Vedante, Tubo de aço, Tinta
    esmalte, Argamassa, Placa de gesso, Torneira, Bicha flexível, Detergente, Saco do lixo,
    Caixa de cartão canelado, Fita-cola, Fechadura, Crachá, Extintor, Capacete, Colete,
    Lanterna, Mensalidade de assistência, Hora de mão de obra, Deslocação, Licença"""),
    kinds=listed("""preto, branco, cinza claro, inox, galvanizado, zincado, reforçado, A4 80 g, A3, modelo
    grande, modelo pequeno, tipo B, série 3, alta densidade, ecológico, reversível, magnético,
    230 V, 12 V, estanque, sem fios, profissional, corrente, cx. 10 un., cx. 50 un., grão
    fino, com manual, por medida, azul-escuro, antiestático, ignífugo, dupla face"""),
    nouns={domain: tuple(_noun(one) for one in listed(text)) for domain, text in NOUNS.items()},
    adjectives={domain: pairs_of(text) for domain, text in ADJECTIVES.items()},
    patterns={genre: sentences(text) for genre, text in PATTERNS.items()},
    long_date="{d} de {m} de {y}",
    thousands=".",
    iban=("PT50", 25),
    two_surnames=0.6,
)  # fmt: skip
