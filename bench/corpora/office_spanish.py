"""Spanish as it is written in offices: its words, names and places."""

from bench.corpora.office_lists import Noun, listed, pairs_of, sentences, syllabic, towns, variants
from bench.corpora.office_spanish_phrases import LABELS, PATTERNS
from bench.corpora.office_tongue import Tongue

NOUNS = {
    "trade": """contrato m, pedido m, factura f, entrega f, mercancía f, servicio m, cuota f, renta f,
    vencimiento m, tarifa f, descuento m, anticipo m, pago m, garantía f, rescisión f,
    siniestro m, anexo m, cláusula f, prestador m, cliente m, proveedor m, arrendador m,
    arrendatario m, litigio m, preaviso m, penalización f, indemnización f, seguro m,
    certificado m, expediente m, presupuesto m, envío m, embalaje m, transporte m, despacho m,
    deuda f, mandato m, devolución f, reclamación f, inventario m, calendario m, auditoría f,
    fianza f, franquicia f, declaración f, cesión f, cuenta f, transferencia f, recogida f,
    albarán m""",
    "staff": """reunión f, equipo m, dirección f, comité m, formación f, permiso m, horario m, turno m,
    selección f, plantilla f, paga f, salario m, ausencia f, candidatura f, entrevista f,
    proyecto m, taller m, acuerdo m, elección f, delegación f, reglamento m, comedor m, mutua
    f, prevención f, teletrabajo m, traslado m, organigrama m, departamento m, sustitución f,
    aprendizaje m, consulta f, encuesta f, guardia f, antigüedad f, convenio m, comisión f,
    reestructuración f, tarjeta f, vestuario m, calendario m""",
    "tech": """bomba f, válvula f, sensor m, motor m, intercambiador m, caldera f, red f, autómata m,
    armario m, cable m, soldadura f, junta f, cojinete m, correa f, compresor m, cubierta f,
    losa f, viga f, tubería f, ventilador m, filtro m, quemador m, interruptor m,
    transformador m, inversor m, ascensor m, cinta f, prensa f, fresadora f, cuba f,
    caudalímetro m, manómetro m, servidor m, copia f, programa m, alarma f, extintor m,
    impermeabilización f, cimentación f, armadura f, revestimiento m, estructura f, arqueta f,
    depósito m""",
}
ADJECTIVES = {
    "all": """anual, escrito escrita, aplicable, inicial, parcial, contractual, provisional, definitivo
    definitiva, firme, previsto prevista, firmado firmada, mensual, complementario
    complementaria, cerrado cerrada, tácito tácita, común, previo previa, excepcional,
    obligatorio obligatoria, colectivo colectiva, interno interna, externo externa, regional,
    trimestral, nominativo nominativa, global, urgente, rectificado rectificada, vigente,
    tardío tardía, en curso, aplazado aplazada, citado citada, reservado reservada""",
    "tech": """principal, auxiliar, hidráulico hidráulica, neumático neumática, eléctrico eléctrica,
    térmico térmica, vertical, inferior, defectuoso defectuosa, desgastado desgastada, nuevo
    nueva, oxidado oxidada, agrietado agrietada, estanco estanca, giratorio giratoria, de
    origen, metálico metálica, exterior, de emergencia, norte, sur, de entrada, de salida,
    central, recalentado recalentada, aislado aislada, modular, horizontal, del sótano""",
}


def _noun(entry: str) -> Noun:
    word, gender = entry.rsplit(" ", 1)
    if gender == "f":
        return Noun(word, f"la {word}", f"de la {word}", f"a la {word}", f"de {word}", feminine=True)
    return Noun(word, f"el {word}", f"del {word}", f"al {word}", f"de {word}", feminine=False)


SPANISH = Tongue(
    code="es",
    labels=variants(LABELS),
    months=listed("""enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre, octubre, noviembre,
    diciembre"""),
    firsts=listed("""Adela, Adrián, Agustín, Aitana, Alejandro, Alicia, Almudena, Álvaro, Amparo, Ángel,
    Arturo, Beatriz, Begoña, Carmen, César, Concepción, Cristóbal, Dolores, Eduardo, Elisa,
    Emilio, Encarna, Enrique, Esteban, Fátima, Fernando, Francisca, Gloria, Gonzalo, Ignacio,
    Inmaculada, Íñigo, Isidro, Jaime, Javier, Jesús, Joaquín, Jorge, Josefa, Juan Carlos,
    Leticia, Lourdes, Macarena, Manuela, Marcos, Maribel, Mercedes, Miguel Ángel, Montserrat,
    Natividad, Nieves, Nuria, Óscar, Paloma, Pilar, Rafael, Ramón, Remedios, Ricardo, Rocío,
    Rodrigo, Rosario, Rubén, Salvador, Sergio, Soledad, Susana, Teresa, Tomás, Trinidad,
    Vicente, Yolanda"""),
    lasts=syllabic(
        """Agui, Alba, Are, Barra, Bena, Caba, Calde, Cama, Casta, Cerve, Cifue, Corra, Esco, Ferre,
        Gala, Garri, Guada, Herre, Igle, Jime, Lora, Maca, Mira, More, Nava, Oliva, Pala, Pere,
        Quinta, Rebo, Sala, Soto, Tole, Urbi, Vala, Zamo""",
        """ces, da, dez, do, goitia, lada, les, llo, món, nilla, no, ñez, quero, rena, rez, ro, sco,
        val, vedra, zo""",
        """García, Gómez, Muñoz, Iglesias, Ortega, Rubio, Crespo, Vázquez, Peña, Cano, Ibáñez, Nieto,
        Parra, Bravo, Echeverría, Etxeberria, Puig, Ferrer, Vidal, Otero, Castro, Lozano, El
        Amrani, Popescu, Quispe""",
    ),
    roads=listed("""Calle #, Avenida #, Plaza #, Paseo #, Camino #, Ronda #, Travesía #, Calle Mayor, Calle
    del Doctor #, Avenida de la Constitución, Calle de la Fuente, Polígono Industrial #,
    Carretera de Madrid, Calle San Antón, Gran Vía, Calle Real, Calle Hermanos #, Avenida de
    Andalucía, Pasaje #, Calle Nueva, Cuesta #"""),
    towns=towns("""Madrid 28, Getafe 28, Alcalá de Henares 28, Sevilla 41, Dos Hermanas 41, Málaga 29,
    Marbella 29, Granada 18, Córdoba 14, Jaén 23, Almería 04, Cádiz 11, Huelva 21, Badajoz 06,
    Cáceres 10, Salamanca 37, Valladolid 47, Burgos 09, León 24, Palencia 34, Zamora 49, Ávila
    05, Segovia 40, Soria 42, Logroño 26, Pamplona 31, Bilbao 48, Vitoria 01, San Sebastián
    20, Santander 39, Oviedo 33, Gijón 33, Lugo 27, A Coruña 15, Vigo 36, Ourense 32, Zaragoza
    50, Huesca 22, Teruel 44, Barcelona 08, Sabadell 08, Girona 17, Lleida 25, Tarragona 43,
    Castellón 12, Valencia 46, Alicante 03, Elche 03, Murcia 30, Cartagena 30, Albacete 02,
    Toledo 45, Cuenca 16"""),
    trades=listed("""Suministros, Ofimática, Servicios, Mantenimientos, Instalaciones, Transportes, Asesores,
    Ingeniería, Limpiezas, Papelera, Energía, Distribuciones, Formación, Correduría,
    Mecanizados, Frío Industrial, Sistemas, Carpintería, Comercial, Mobiliario, Gráficas,
    Construcciones, Aislamientos, Hostelería, Seguridad, Alquileres, Envases, Ferretería,
    Seguros, Aduanas"""),
    forms=listed("S.L., S.A., S.L.U., S.Coop., e Hijos S.L., y Cía. S.C., Grupo S.A., Hermanos S.L."),
    wares=listed("""Papel multifunción, Tóner compatible, Archivador palanca, Tornillo allen, Arandela grower,
    Canaleta, Palé reforzado, Film estirable, Guante de nitrilo, Disco de corte, Manguera
    eléctrica, Luminaria LED, Mampara, Silla operativa, Mesa de trabajo, Armario bajo,
    Monitor, Base de conexión, Batería, Filtro de aceite, Rodamiento, Junta tórica, Tubo de
    acero, Esmalte, Mortero, Placa de yeso, Grifo, Latiguillo, Detergente, Bolsa de basura,
    Caja de cartón, Cinta adhesiva, Cerradura, Llavero, Extintor, Casco, Chaleco, Linterna,
    Cuota de mantenimiento, Hora de mano de obra, Desplazamiento, Licencia de uso"""),
    kinds=listed("""negro, blanco, gris claro, inoxidable, galvanizado, cincado, reforzado, A4 80 gr, A3,
    modelo grande, modelo pequeño, tipo B, serie 3, alta densidad, reciclado, reversible,
    magnético, 230 V, 12 V, estanco, inalámbrico, profesional, estándar, pack 10 uds., pack 50
    uds., grano fino, con manual, a medida, azul marino, antiestático, ignífugo, doble cara"""),
    nouns={domain: tuple(_noun(one) for one in listed(text)) for domain, text in NOUNS.items()},
    adjectives={domain: pairs_of(text) for domain, text in ADJECTIVES.items()},
    patterns={genre: sentences(text) for genre, text in PATTERNS.items()},
    long_date="{d} de {m} de {y}",
    thousands=".",
    iban=("ES", 24),
    two_surnames=0.9,
)  # fmt: skip
