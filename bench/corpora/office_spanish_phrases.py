"""Spanish office papers: what stands printed on them, and how their sentences run.

Labels are `key = one / another`; the fields of a sentence are those of `office_tongue.FILL`.
"""

LABELS = """
order = Pedido de compra / Orden de compra / Hoja de pedido
delivery = Albarán de entrega / Nota de entrega / Albarán
quotation = Presupuesto / Oferta económica / Propuesta
invoice = Factura / Factura de alquiler / Factura de cuota
reminder1 = Recordatorio de pago / Primer aviso / Aviso de vencimiento
reminder2 = Segundo aviso / Segundo requerimiento de pago / Reclamación de cantidad
reminder3 = Tercer y último aviso / Requerimiento previo a demanda / Último requerimiento
contract = Contrato / Contrato de prestación de servicios / Contrato mercantil
minutes = Acta de la reunión / Acta / Resumen de acuerdos
certificate = Certificado de asistencia / Diploma de aprovechamiento / Certificado de participación
notice = Comunicado del comité de empresa / Aviso a la plantilla / Nota informativa
freight = Carta de porte / Carta de porte internacional CMR / Documento de control
customs = Documento único administrativo / Declaración de importación / Declaración aduanera
expenses = Hoja de gastos / Liquidación de gastos / Nota de gastos de viaje
policy = Condiciones particulares / Certificado de seguro / Póliza de seguro
report = Informe técnico / Informe de inspección / Memoria técnica
letter = Carta / Escrito
mail = Correo electrónico / Correo
receipt = Recibo / Tique / Justificante
label = Etiqueta / Resguardo
number = N.º / Núm. / Referencia
date = Fecha / Fecha de emisión / Emitido el
customer = N.º de cliente / Cód. cliente / Cliente
supplier = N.º de proveedor / Cód. proveedor
your_ref = Su referencia / S/ref. / Su ref.
our_ref = Nuestra referencia / N/ref. / Ntra. ref.
subject = Asunto / Ref.
attention = A la atención de / Persona de contacto / Gestiona
phone = Tel. / Teléfono
account = IBAN / Cuenta
qty = Cant. / Unidades
item = Descripción / Concepto / Artículo
ref = Ref. / Código / Cód. art.
price = Precio unit. / Precio
amount = Importe / Total línea
net = Base imponible / Subtotal
tax = IVA 21 % / Cuota IVA 21%
gross = Total a pagar / Total factura / Importe total
due = Vencimiento / Fecha de vencimiento / Pagar antes del
delivered = Fecha de entrega / Entrega prevista
valid = Validez de la oferta hasta / Oferta válida hasta el
ship_to = Dirección de entrega / Entregar en
weight = Peso bruto (kg) / Peso total
parcels = Bultos / N.º de bultos / Palés
carrier = Transportista / Porteador
plate = Matrícula / Vehículo
period = Periodo / Cuota del mes de / Mensualidad
between = Reunidos / De una parte
and = y / y de otra parte
party1 = en adelante, el Prestador / en lo sucesivo, el Arrendador
party2 = en adelante, el Cliente / en lo sucesivo, el Arrendatario
effective = Fecha de efecto / Entrada en vigor / Con efectos desde
fee = Cuota mensual sin IVA / Renta trimestral / Precio anual cerrado
deposit = Fianza / Depósito en garantía
article = Cláusula / Estipulación
made = En {c}, a {e}
approved = Leído y conforme / Conforme el cliente (firma y sello) / Aceptado, fecha y firma
signed = Firma / Por el prestador / Firma y sello
signed2 = El cliente / Nombre y cargo / Recibí (nombre y fecha)
page = Página {p} de {t} / {p}/{t} / Pág. {p} - {t}
present = Asistentes / Asisten
excused = Excusan su asistencia / Ausentes
agenda = Orden del día / Temas tratados
next = Próxima reunión / Próxima convocatoria
certify = Se certifica que / El director del centro hace constar que
attended = ha asistido al curso / ha superado la acción formativa
hours = Duración (horas) / Horas lectivas
insured = Asegurado / Tomador del seguro / Beneficiario
policy_no = Póliza n.º / N.º de póliza
premium = Prima total anual / Recibo anual
employee = Empleado / Trabajador / Nombre y apellidos
month = Mes / Periodo liquidado
kinds = comida / hotel / peaje / tren / taxi / aparcamiento / gasolina / vuelo / material / desayuno
refund = Total a reembolsar / A favor del empleado
advance = Anticipo recibido / Entregado a cuenta
sender = Remitente / Cargador
consignee = Destinatario / Consignatario
origin = Lugar de carga / Lugar de recogida
destination = Lugar de entrega previsto / Lugar de descarga
goods = Naturaleza de la mercancía / Mercancías
marks = Marcas y números / Marcas
tariff = Partida arancelaria / Código TARIC
value = Valor estadístico / Valor en factura
country = País de origen / País de procedencia
terms = Condiciones de entrega / Incoterm
declarant = Declarante / Agente de aduanas
procedure = Régimen / Procedimiento
mass = Masa bruta (kg) / Masa neta (kg)
from = De / Remite
to = Para / Destinatario
sent = Enviado / Enviado el
wrote = El {e}, {p} escribió: / {p} escribió el {e}:
original = -----Mensaje original----- / ---------- Mensaje reenviado ----------
dear = Estimados señores: / Muy señor mío: / Buenos días: / Estimada señora:
bye = Sin otro particular, le saluda atentamente, / Atentamente, / Un saludo, / Reciba un cordial saludo,
received = RECIBIDO / REGISTRO DE ENTRADA / CONTABILIDAD - RECIBIDO
copy = COPIA / DUPLICADO / EJEMPLAR CLIENTE / PAGADO / ARCHIVAR / CONFORME
open = Factura pendiente / Saldo deudor
summary = Resumen / Antecedentes / Objeto / Metodología / Ensayos / Mediciones / Hallazgos / Análisis
  / Recomendaciones / Conclusiones / Seguridad / Cronograma
measure = Medición / Punto de medida / Lectura
short = Plaza de garaje / Archivo - caja / Foto de la obra / Llave del almacén / Taquilla
  / Neumáticos de invierno / Contador / Tique de caja / Pase de visita / Paquete frágil
total = Total / TOTAL EUR
corrected = Anula y sustituye al documento anterior / Versión rectificada
legal = Inscrita en el Registro Mercantil de la provincia.
  / No se admiten devoluciones pasados quince días. / El impago devengará el interés legal de demora.
  / Mercancía propiedad del vendedor hasta su pago total. / Condiciones generales al dorso.
  / Documento extendido por duplicado y a un solo efecto.
courses = Prevención de incendios / Manejo de carretillas / Riesgo eléctrico / Atención telefónica
  / Hojas de cálculo, nivel 2 / Primeros auxilios / Inglés comercial / Manipulación de alimentos
  / Trabajos en altura
bodies = Comité de dirección / Reunión de obra / Comité de seguridad y salud / Revisión de calidad
  / Seguimiento semanal / Consejo de administración / Junta de propietarios / Comisión negociadora
covers = Incendio / Robo y expoliación / Responsabilidad civil / Rotura de lunas / Daños por agua
  / Defensa jurídica / Fenómenos atmosféricos / Asistencia en viaje / Pérdida de beneficios
  / Daños eléctricos
eaten = Menú del día / Café solo / Agua mineral 50 cl / Ensalada mixta / Postre casero / Caña
  / Tostada con tomate / Ración de croquetas / Bocadillo de lomo / Cortado / Refresco / Aparcamiento 2 h
"""
PATTERNS = {
    "clause": """
La subcontratación {d} exige la autorización previa y escrita del cliente.
El prestador conserva la propiedad {d} hasta el cobro íntegro del precio.
Todo aplazamiento pedido con menos de {q} días respecto {a} será facturado.
Las partes fijan su domicilio en las sedes indicadas para la ejecución {d}.
Cada {q} meses se celebrará una reunión de seguimiento sobre {n}.
El cliente contratará a su cargo el seguro que cubra {n} y lo acreditará cuando se le pida.
La conservación ordinaria y {n} corresponden al arrendatario.
Al término, {n} se devolverá en buen estado en {q} días.
El personal destinado {a} depende únicamente del prestador.
{n} se expresa en euros, sin impuestos, portes ni embalajes.
El cliente se obliga a mantener {n} durante un plazo de {q} meses desde {n}.
{n} podrá modificarse de mutuo acuerdo siempre que conste por escrito {n}.
Transcurridos {q} días sin {n}, se entenderá aceptado {n} en todos sus términos.
Cualquier discrepancia sobre {n} se comunicará por burofax con acuse de recibo.
Los gastos derivados {d} correrán por cuenta de la parte incumplidora.
El incumplimiento {d} faculta al prestador para suspender {n} sin derecho a compensación.
La responsabilidad por {n} queda limitada al importe {d}.
Ambas partes acuerdan que {n} prevalece sobre lo dispuesto en {n}.
Salvo denuncia con {q} días de antelación, {n} se prorrogará automáticamente.
El presente documento deja sin efecto cualquier pacto anterior relativo {a}.
El abono {d} se realizará a {q} días fecha factura mediante domiciliación bancaria.
La información conocida con motivo {d} tendrá carácter confidencial durante {q} años.
La falta de ejercicio de un derecho no implica renuncia {a}.
Para cuantas cuestiones deriven {d}, las partes se someten a los juzgados de la sede social.
El riesgo se transmite con {n}, aun cuando exista reserva sobre {n}.
Quedan excluidos {n} y los daños causados por fuerza mayor o por {n}.
La revisión {d} se hará cada año conforme al IPC, con un máximo del {q} %.
De acuerdo con la normativa de protección de datos, podrá ejercer sus derechos respecto {a}.
El arrendatario permitirá el acceso {a} y conservará {n} en buen estado.
La firma {d} supone la aceptación íntegra de estas condiciones.
Las horas iniciadas se facturan completas y {n} se liquida por separado.
La nulidad de una cláusula no afectará {a} ni a las restantes.""",
    "letter": """
En contestación a su escrito de {e}, relativo {a}, le informamos de lo siguiente.
Revisado su expediente, {n} no podrá concederse hasta que recibamos {n}.
Le rogamos nos devuelva cumplimentado {n} antes del {e}.
Don o doña {p} queda a su disposición para aclarar {n}.
Su solicitud sobre {n} consta registrada con el número {k}.
Hemos recibido la cantidad de {m} en concepto {b}.
De no tener noticias en {q} días, daremos traslado {d} a nuestros abogados.
La controversia con la mercantil {f} se refiere {a}, no {a}.
Proponemos una visita el {e} en las instalaciones de {c}.
Lamentamos la demora en {n}, motivada por la falta {b}.
Adjuntamos {n} junto con copia {d}.
Consta que {n} se remitió por error a {p}, en {c}.
El perito {p} ha valorado {n} en {m}, gastos aparte.
Según lo hablado por teléfono el {e}, confirmamos {n}.
Nos oponemos expresamente {a} por las razones de nuestra carta de {e}.
La comisión se reunirá en {c} y resolverá sobre {n}.""",
    "minutes": """
{p} expone {n} y recuerda que {n} debe cerrarse antes del {e}.
La partida destinada {a} se fija en {m} tras el debate.
Se acuerda posponer {n} a la sesión del {e}.
{p} muestra preocupación por {n} y pide un informe en {q} días.
Ronda de intervenciones: {n} va según lo previsto, {n} acumula retraso.
Se aprueba la propuesta de {p} sobre {n} con {q} votos a favor.
{p} llamará a la empresa {f} para tratar {n}.
Sin observaciones sobre {n}; se da por aprobada el acta anterior.
El centro de {c} comunica {q} incidencias con {n} desde el {e}.
Se crea un grupo de trabajo sobre {n} coordinado por {p}.
El asunto {d} lo verán aparte {p} y {p}.
La representación social solicita que {n} se publique antes del {e}.
El indicador {d} cierra en {v} % frente al {v} % anterior.
{p} abandona la sala y {n} queda sin tratar.""",
    "report": """
La prueba efectuada el {e} en {n} {k} arroja un valor medio de {v} bar.
{n} presenta un desgaste de {v} mm, por encima de la tolerancia del fabricante.
Se recomienda sustituir {n} en un plazo de {q} días.
La medida {d} se repitió {q} veces con una desviación típica del {v} %.
No se han detectado anomalías en {n} ni en {n}.
La temperatura {d} alcanza {v} °C tras {q} minutos en marcha.
La marca {k} corresponde {a} montado por {f} en la zona {k}.
Las vibraciones {d} no superan {v} mm/s en ninguna dirección.
Se observa rezume junto {a}, en el lado de {c}.
La memoria de cálculo adopta un coeficiente de {v} para {n}.
{n} será revisado por {p} antes de la puesta en servicio.
El plano {k} no recoge {n}; conviene actualizarlo.
El consumo registrado en {n} es de {v} kWh diarios, esto es, {m} al año.
Las fotografías {k} a {k} muestran el estado {d}.
El caudal {d} baja un {v} % cuando {n} está parado.
Se descarta esta hipótesis: {n} funcionaba con normalidad el {e}.
La muestra {k} tomada cerca {d} contiene {v} mg/l de hierro.
De los {q} puntos revisados, {q} requieren actuar sobre {n}.""",
    "notice": """
El comité comunica a la plantilla que {n} entrará en vigor el {e}.
El periodo de consultas sobre {n} se celebrará en {c} el {e}.
Las solicitudes relativas {a} se entregarán a {p} antes del {e}.
Tras el preacuerdo de {e}, {n} se extiende a todos los departamentos.
La aportación de la empresa {a} sube a {m}.
Los delegados atienden cada {q} días en el despacho {k}.
La empresa ha confirmado que mantiene {n} hasta el {e}.
La parte social votó en contra {d} por {q} votos.
Para dudas sobre {n}, hablad con {p} en la extensión {k}.
La consultora {f} pasará una encuesta sobre {n}.
El personal de {c} no se ve afectado por {n}.""",
    "mail": """
¿Me puedes mandar {n} antes del {e}?
Acabo de hablar con {p} por {n} y por su parte está bien.
Necesito que valides {n}; si no, movemos {n}.
Te adjunto {n} y la última versión {d}.
El proveedor {f} avisa de {q} días de retraso con {n}.
¿Nos vemos en {c} el {e} para repasar {n}?
Ayer insistí a {p} y sigo sin {n}.
Ojo, los {m} no cuadran con {n}.
Estaré fuera hasta el {e}; si urge, llamad a {p}.
He reservado la sala {k} para {n}.
Por cierto, {n} llegó esta mañana sin {n}.
Por mí, ningún problema con {n}.""",
    "footing": """
Consérvese este documento: no se expedirán duplicados.
Centro inscrito en el registro autonómico de entidades de formación.
Los datos recogidos se destinan {a} y se guardan {q} años.
Cualquier observación sobre {n} se dirigirá por escrito a secretaría.
Difusión: tablón, intranet y {n}.
Sin los justificantes originales grapados al dorso no se tramitará {n}.
Se recuerda que {n} tiene su propia circular.
Secretaría atiende de lunes a viernes en la extensión {k}.
Y para que conste a los efectos oportunos, se firma el presente.
Impreso {k}, versión {v}, sustituye a las anteriores.
La firma del responsable equivale a la conformidad con {n}.
Para la aplicación {d}, véase el manual de acogida.""",
    "dunning": """
Salvo error por nuestra parte, no nos consta el pago de la factura arriba indicada.
En nuestra contabilidad no figura su transferencia a fecha de {e}.
Le agradeceremos que cancele esta deuda antes del {e}.
Si ya hubiera pagado, le rogamos no tenga en cuenta este aviso.
Pese a nuestra carta de {e}, el importe continúa sin abonar.
De no recibir el pago en {q} días, se iniciará un procedimiento monitorio en {c}.
Desde el vencimiento se devengan intereses de demora, incrementados en {q} puntos.
Sus pedidos quedan retenidos hasta la liquidación completa.
Para acordar un aplazamiento, llame a {p} antes del {e}.
Por la presente le requerimos formalmente de pago.
Adjuntamos duplicado de la factura y {d}.""",
}
