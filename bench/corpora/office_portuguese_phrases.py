"""Portuguese office papers: what stands printed on them, and how their sentences run.

Labels are `key = one / another`; the fields of a sentence are those of `office_tongue.FILL`.
"""

LABELS = """
order = Nota de encomenda / Encomenda a fornecedor / Requisição externa
delivery = Guia de remessa / Guia de entrega / Nota de entrega
quotation = Orçamento / Proposta comercial / Cotação
invoice = Fatura / Fatura de avença / Fatura de aluguer
reminder1 = Lembrete de pagamento / 1.º aviso / Aviso de vencimento
reminder2 = 2.º aviso / Segunda interpelação / Insistência de pagamento
reminder3 = 3.º e último aviso / Interpelação final / Aviso prévio de injunção
contract = Contrato / Contrato de prestação de serviços / Acordo de fornecimento
minutes = Ata da reunião / Ata / Memorando de reunião
certificate = Certificado de presença / Declaração de frequência / Certificado de formação
notice = Comunicado da comissão de trabalhadores / Aviso ao pessoal / Nota informativa
freight = Guia de transporte / Declaração de expedição CMR / Documento de transporte
customs = Documento administrativo único / Declaração aduaneira / Declaração de importação
expenses = Mapa de despesas / Nota de despesas / Boletim de deslocações
policy = Condições particulares / Certificado de seguro / Apólice de seguro
report = Relatório técnico / Relatório de inspeção / Parecer técnico
letter = Carta / Ofício
mail = Mensagem eletrónica / Correio eletrónico
receipt = Talão / Recibo / Comprovativo
label = Rótulo / Senha
number = N.º / Número / Ref.ª
date = Data / Data de emissão / Emitido em
customer = N.º de cliente / Cód. cliente / Conta cliente
supplier = N.º de fornecedor / Cód. fornecedor
your_ref = Vossa referência / V/ref.ª / Vossa ref.ª
our_ref = Nossa referência / N/ref.ª / Nossa ref.ª
subject = Assunto / Respeitante a
attention = Ao cuidado de / A/C / Gestor
phone = Telef. / Telefone
account = IBAN / Conta
qty = Qtd. / Quantidade
item = Designação / Descrição / Artigo
ref = Ref.ª / Código / Cód. artigo
price = Preço unit. / P. unitário
amount = Valor / Valor líquido / Total linha
net = Total ilíquido / Valor sem IVA
tax = IVA 23% / Total de IVA (23 %)
gross = Total a pagar / Total do documento / Valor total com IVA
due = Vencimento / Data limite de pagamento / Pagar até
delivered = Data de entrega / Entrega prevista em
valid = Proposta válida até / Validade do orçamento
ship_to = Local de entrega / Entregar em
weight = Peso bruto (kg) / Peso total
parcels = N.º de volumes / Volumes / Paletes
carrier = Transportador / Transportadora
plate = Matrícula / Viatura
period = Período / Avença do mês de / Mensalidade
between = Entre / Outorgantes
and = e / e o segundo outorgante
party1 = adiante designado por Prestador / doravante Locador
party2 = adiante designado por Cliente / doravante Locatário
effective = Data de início / Produz efeitos a partir de / Início de vigência
fee = Avença mensal sem IVA / Renda trimestral / Preço anual fixo
deposit = Caução / Depósito de garantia
article = Cláusula / Artigo
made = {c}, {e}
approved = Li e aceito / Aceite pelo cliente (data e assinatura) / De acordo, assinatura e carimbo
signed = Assinatura / Pelo prestador / Carimbo e assinatura
signed2 = O cliente / Nome legível e função / Recebido por (nome e data)
page = Página {p} de {t} / {p}/{t} / Pág. {p} - {t}
present = Presentes / Estiveram presentes
excused = Faltas justificadas / Ausentes
agenda = Ordem de trabalhos / Pontos da agenda
next = Próxima reunião em / Data da próxima reunião
certify = Certifica-se que / Para os devidos efeitos se declara que
attended = frequentou com aproveitamento o curso / participou na ação de formação
hours = Duração (horas) / Carga horária
insured = Segurado / Tomador do seguro / Pessoa segura
policy_no = Apólice n.º / N.º da apólice
premium = Prémio total anual / Prémio comercial
employee = Colaborador / Trabalhador / Nome do funcionário
month = Mês / Período a que respeita
kinds = almoço / alojamento / portagens / comboio / táxi / estacionamento / combustível / voo
  / consumíveis / jantar
refund = Total a reembolsar / Valor a receber
advance = Adiantamento / Já adiantado
sender = Expedidor / Remetente
consignee = Destinatário / Consignatário
origin = Local de carga / Local de recolha
destination = Local previsto para a entrega / Local de descarga
goods = Natureza da mercadoria / Mercadorias
marks = Marcas e números / Marcas
tariff = Código das mercadorias / Pauta aduaneira
value = Valor estatístico / Valor faturado
country = País de origem / País de proveniência
terms = Condições de entrega / Incoterm
declarant = Declarante / Despachante oficial
procedure = Regime / Procedimento
mass = Massa bruta (kg) / Massa líquida (kg)
from = De / Remetente
to = Para / A
sent = Enviada / Data de envio
wrote = Em {e}, {p} escreveu: / {p} escreveu em {e}:
original = -----Mensagem original----- / ---------- Mensagem encaminhada ----------
dear = Exmos. Senhores, / Bom dia, / Caro Senhor, / Exma. Senhora,
bye = Com os melhores cumprimentos, / Atentamente, / Cumprimentos, / Ao dispor,
received = RECEBIDO EM / ENTRADA / CONTABILIDADE - RECEBIDO
copy = CÓPIA / DUPLICADO / EXEMPLAR DO CLIENTE / PAGO / ARQUIVAR / VISTO
open = Fatura em dívida / Saldo em aberto
summary = Sumário / Enquadramento / Objetivo / Metodologia / Ensaios / Medições / Constatações / Análise
  / Recomendações / Conclusão / Segurança / Calendarização
measure = Medição / Ponto de medida / Registo
short = Lugar de estacionamento / Arquivo - caixa / Fotografia da obra / Chave do armazém / Cacifo
  / Pneus de inverno / Contador / Talão de caixa / Cartão de visitante / Volume frágil
total = Total / TOTAL EUR
corrected = Anula e substitui o documento anterior / Versão retificada
legal = Processado por programa certificado. / Os bens foram colocados à disposição na data do documento.
  / Vencem-se juros comerciais em caso de mora.
  / A mercadoria mantém-se nossa propriedade até integral pagamento. / Condições gerais no verso.
  / Feito em duplicado, ficando cada parte com um exemplar.
courses = Segurança contra incêndios / Condução de empilhadores / Risco elétrico / Atendimento telefónico
  / Folha de cálculo, nível 2 / Primeiros socorros / Inglês comercial / Higiene alimentar
  / Trabalhos em altura
bodies = Comissão executiva / Reunião de obra / Comissão de segurança / Revisão da qualidade
  / Ponto de situação semanal / Conselho de administração / Assembleia de condóminos
  / Grupo de acompanhamento
covers = Incêndio / Furto ou roubo / Responsabilidade civil / Quebra de vidros / Danos por água
  / Proteção jurídica / Fenómenos da natureza / Assistência em viagem / Perdas de exploração
  / Riscos elétricos
eaten = Prato do dia / Café / Água 50 cl / Sopa de legumes / Doce da casa / Imperial / Tosta mista
  / Bacalhau à Brás / Bifana / Meia de leite / Sumo / Estacionamento 2 h
"""
PATTERNS = {
    "clause": """
A subcontratação {d} depende de autorização prévia e escrita do cliente.
O prestador mantém a propriedade {d} até ao recebimento integral do preço.
Qualquer adiamento pedido a menos de {q} dias {d} é faturado.
As partes escolhem como domicílio as sedes indicadas para a execução {d}.
De {q} em {q} meses realiza-se uma reunião de acompanhamento sobre {n}.
O cliente contrata a expensas suas o seguro que cubra {n} e comprova-o quando pedido.
A manutenção corrente e {n} cabem ao locatário.
No termo, {n} é restituído em bom estado no prazo de {q} dias.
O pessoal afeto {a} responde apenas perante o prestador.
{n} entende-se em euros, sem impostos, portes ou embalagem.
O cliente obriga-se a manter {n} pelo prazo de {q} meses a contar {d}.
{n} só pode ser alterado por acordo escrito que refira {n}.
Na falta {b} no prazo de {q} dias, considera-se aceite {n}.
Qualquer divergência quanto {a} deve ser comunicada por carta registada.
As despesas resultantes {d} são suportadas pela parte faltosa.
O incumprimento {d} confere ao prestador o direito de suspender {n} sem compensação.
A responsabilidade decorrente {d} não excede o valor {d}.
As partes reconhecem que {n} prevalece sobre o disposto quanto {a}.
Salvo oposição com {q} dias de antecedência, {n} renova-se por igual período.
O presente documento revoga todo o acordo anterior relativo {a}.
A liquidação {d} faz-se a {q} dias da data da fatura, por débito direto.
A informação obtida por via {d} é confidencial durante {q} anos.
O não exercício de um direito não significa renúncia {a}.
Para a resolução {d} é competente o foro da comarca da sede.
O risco transmite-se com {n}, ainda que haja reserva quanto {a}.
Excluem-se {n} e os danos provocados por caso fortuito ou por {n}.
A atualização {d} é anual, segundo o índice oficial, até ao limite de {q} %.
Nos termos do regulamento de proteção de dados, pode pedir o acesso {a}.
O locatário faculta o acesso {a} e conserva {n} em bom estado.
A assinatura {d} implica a aceitação integral destas condições.
As horas iniciadas são cobradas por inteiro e {n} é faturado à parte.
A nulidade de uma cláusula não prejudica {n} nem as restantes.""",
    "letter": """
Em resposta à vossa carta de {e}, sobre {n}, cumpre-nos informar o seguinte.
Analisado o processo, {n} não poderá ser deferido sem a receção {d}.
Solicitamos a devolução {d}, devidamente preenchida, até {e}.
O Sr. ou a Sra. {p} fica ao dispor para esclarecer {n}.
O vosso pedido quanto {a} ficou registado com o número {k}.
Recebemos a importância de {m} a título {b}.
Se nada nos for dito em {q} dias, entregaremos {n} ao nosso mandatário.
O diferendo com a sociedade {f} respeita {a} e não {a}.
Propomos uma visita em {e} às instalações de {c}.
Pedimos desculpa pelo atraso com {n}, causado pela falta {b}.
Junto enviamos {n} e cópia {d}.
Verifica-se que {n} foi enviado por engano a {p}, em {c}.
O perito {p} avaliou {n} em {m}, sem despesas acessórias.
Conforme conversa telefónica de {e}, confirmamos {n}.
Impugnamos {n} pelos motivos constantes da nossa carta de {e}.
A comissão reúne em {c} e decidirá sobre {n}.""",
    "minutes": """
{p} apresentou {n} e lembrou que {n} tem de ficar fechado até {e}.
A verba para {n} passa para {m} depois de discutida.
Foi decidido adiar {n} para a sessão de {e}.
{p} mostrou-se apreensivo com {n} e pediu um ponto de situação em {q} dias.
Ronda pela mesa: {n} segue dentro do previsto, {n} está em atraso.
A proposta de {p} sobre {n} foi aprovada com {q} votos.
{p} fica de contactar a empresa {f} acerca {d}.
Nada a apontar quanto {a}; a ata anterior foi aprovada.
A delegação de {c} reporta {q} ocorrências com {n} desde {e}.
Constitui-se um grupo de trabalho para {n}, liderado por {p}.
O tema {d} será visto à parte por {p} e {p}.
Os representantes pedem que {n} seja afixado até {e}.
O indicador {d} fechou em {v} %, contra {v} % no mês anterior.
{p} saiu mais cedo e {n} não foi discutido.""",
    "report": """
O ensaio feito em {e} sobre {n} {k} deu um valor médio de {v} bar.
{n} apresenta um desgaste de {v} mm, acima da tolerância do fabricante.
Recomenda-se a substituição {d} no prazo de {q} dias.
A medição {d} foi repetida {q} vezes, com desvio padrão de {v} %.
Não foram encontradas anomalias em {q} pontos {d}.
A temperatura {d} chega a {v} °C ao fim de {q} minutos.
A marca {k} corresponde {a} montado por {f} na zona {k}.
As vibrações {d} ficam abaixo de {v} mm/s nas duas direções.
Observou-se humidade junto {a}, do lado de {c}.
A memória de cálculo usa um coeficiente de {v} para {n}.
{n} deve ser verificado por {p} antes de entrar em serviço.
O desenho {k} omite {n} e tem de ser atualizado.
O consumo medido em {n} é de {v} kWh por dia, ou seja, {m} por ano.
As fotografias {k} a {k} mostram o estado {d}.
O caudal {d} desce {v} % quando {n} está parado.
Afasta-se esta hipótese: {n} trabalhava normalmente em {e}.
A amostra {k}, colhida perto {d}, tem {v} mg/l de ferro.
Dos {q} pontos vistos, {q} exigem trabalhos sobre {n}.""",
    "notice": """
A comissão informa os trabalhadores de que {n} entra em vigor em {e}.
O plenário sobre {n} terá lugar em {c}, em {e}.
Os pedidos quanto {a} são entregues a {p} até {e}.
Na sequência do acordo de {e}, {n} abrange todos os departamentos.
A comparticipação da empresa para {n} sobe para {m}.
Os representantes atendem de {q} em {q} dias na sala {k}.
A administração confirmou que mantém {n} até {e}.
Os eleitos votaram contra {n} por {q} votos.
Para dúvidas sobre {n}, falem com {p} na extensão {k}.
A consultora {f} vai fazer um inquérito sobre {n}.
O pessoal de {c} fica de fora {d}.""",
    "mail": """
Consegues enviar-me {n} até {e}?
Falei agora com {p} sobre {n} e está tudo bem do lado dele.
Preciso que valides {n}, senão adiamos {n}.
Segue {n} e a última versão {d}.
O fornecedor {f} fala em {q} dias de atraso com {n}.
Vemo-nos em {c}, em {e}, para rever {n}?
Ontem insisti com {p} e continuo sem {n}.
Atenção que os {m} não batem certo com {n}.
Estou fora até {e}; se for urgente, liguem a {p}.
A sala {k} está marcada para {n}.
Já agora, {n} chegou hoje de manhã sem {n}.
Da minha parte, nada contra {n}.""",
    "footing": """
Guarde este documento: não são emitidas segundas vias.
Entidade formadora certificada pelo organismo competente.
Os dados recolhidos destinam-se {a} e são guardados {q} anos.
Qualquer reparo sobre {n} deve ser dirigido por escrito à secretaria.
Distribuição: placard, intranet e {n}.
Sem os originais agrafados no verso, {n} não será processado.
Lembra-se que {n} consta de circular própria.
A secretaria atende de segunda a sexta, extensão {k}.
Por ser verdade, se passa a presente, que vai assinada.
Impresso {k}, versão {v}, substitui as anteriores.
A assinatura do responsável vale como visto {d}.
Quanto à aplicação {d}, ver o manual de acolhimento.""",
    "dunning": """
Salvo lapso nosso, ainda não recebemos o pagamento da fatura acima indicada.
À data de {e}, a vossa transferência não consta da nossa conta.
Agradecemos a regularização deste saldo até {e}.
Caso já tenha pago, queira considerar sem efeito este aviso.
Apesar da nossa carta de {e}, o valor continua por liquidar.
Na falta de pagamento em {q} dias, segue requerimento de injunção em {c}.
Desde o vencimento contam-se juros de mora, agravados em {q} pontos.
As vossas encomendas ficam suspensas até à liquidação total.
Para combinar um plano de pagamentos, ligue a {p} até {e}.
Fica V. Exa. formalmente interpelado para pagar.
Junta-se segunda via da fatura e {d}.""",
}
