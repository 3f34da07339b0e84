"""What English one-off papers say: letters, mails, contracts, minutes, reports, instructions."""

from bench.corpora.household_grammar import bank

GENERAL = bank("""
{Unfortunately|I am sorry to say that} <n> {could not be found|has not turned up} {on <date>|so far}.
{On <date>|At about <time>} {Mr|Mrs|Ms} <last> {rang|wrote to} {me|us} {about <n>|asking for <eur>}.
{As agreed|As discussed on the phone}, {I enclose|we attach} <n>{ (<few> pages)|}.
{This|That} {includes|also covers} <n>, {at a cost of <eur>|which has been missing since <year>}.
{What worries us|My main concern} is <n>, {because|since} {nobody|neither of us} {has seen it since
 <date>|knows where it is}.
{We have|I have} {compared|checked} <n> {against <n>|twice} and {found no errors|noted <few> differences}.
{According to|Under} <n> {of <date>|from <year>}, {we are|the <last> family is} {owed <eur>|entitled to
 <few> days}.
<name> {of|from} <town> {has seen|collected|signed} <n> and {will be in touch|wants an answer}.
{Please|Could you} {ring me on <phone>|let us know by <date>}, {any time after <time>|thank you}.
{In the meantime|Since then} <n> {has been|is} {with <firm>|kept in <town>|in hand for <few> weeks}.
{It concerns|This is about} <n> at <street>, {built in <year>|third floor|room <room>}.
{The price|A bill} of <eur> {seems|is} {too high|fair enough}, {given that|as} <n> {was only <eur>|is still
 to come}.
{In the end|That day} <first> {came alone|drove over from <town>} and {brought|took away} <n>.
{If|Unless} <n> {arrives|is settled} by <date>, we {shall have to|will} {cancel|start again|ask <name>}.
{Also|In addition}, <n> was {renewed|painted|moved|read at <number>} {on <date>|in <year>}.
""")  # fmt: skip

BODIES = {
    "lawyer": bank("""
{In the matter of|Re:} <last> v <last> {we act for <name>|we confirm} {and have been instructed to write to
 you|receipt of <n>}.
{Our client requires|We require} {payment of <eur>|the return of <n>} {by <date>|within <few> days},
 {failing which|or} {we will issue|a claim will be issued} in <town>.
{The claim|Liability} {arises under|rests on} {clause|section} <par> of {the lease|the Act} {together
 with|and} <n>.
{Your client|The defendant} {denies|contends} that <n> {was ever agreed|was delivered on <date>}.
{Witness|In evidence}: <name>, of <street>, <town>{; exhibit <few>|, who will say that <n> was sold}.
{Our costs|Fees} {to date|on this file} {stand at|amount to} <eur> {plus VAT|and disbursements}.
{The hearing|A directions hearing} is {listed for|fixed on} <date> at <time>, court <few>, {time estimate
 <few> hours|bring <n>}.
{Without prejudice|Subject to contract}, {our client|<name>} {would accept|offers} <eur> {in full
 settlement|if <n> is withdrawn}.
{Completion|Exchange} {took place|is due} on <date>; {the balance|a retention} of <eur> {is held|remains}
 {pending <n>|to your order}.
"""),
    "landlord": bank("""
{At our inspection|When we called} on <date> {we found|it was noted that} <n> {had been damaged|was left on
 the landing} at <street>.
{Because of|Owing to} {work on|repairs to} <n>, the water {will be off|is shut off} on <date> from <time>
 to <time>.
<last> {Heating|Roofing|Builders} will {replace|repair|read} <n> {on <date>|in week <few>}; {please allow
 access|a key is held}.
{Several|<few>} {residents|neighbours} {have complained|complain} of {noise after <time>|<n>|smells from
 flat <few>}.
{For the check-out|For handover} {of the flat|and <n>} {we suggest|please attend on} <date> at <time>,
 {<few> keys|key <number>}.
{From the deposit|Of the deposit} of <eur>, <eur> {is|will be} {kept|withheld} {for|because of} <n>.
{The meter|Meter <number>} {read|stood at} <number> {when you left|on <date>}{, that in the cellar
 <number>|}.
"""),
    "office": bank("""
{Following your application|In reply to your enquiry} of <date>, {we have decided|please note} that <n> {is
 granted|is refused}.
{To go on|Before we decide} {we need|you must send} {<few> proofs of address|a copy of <n>|your birth
 certificate}{ by <date>|}.
{A fee|The charge} of <eur> {is payable|applies} (item <few>.<few>), {quoting|reference} <number>.
{You are asked|Please come} to {attend|call at} {room <room>|<street>, <town>} on <date> at <time>{ with
 this letter|}.
{This is made under|The basis is} section <par> of the {Planning|Highways|Registration|Pensions} Act and
 <n>.
{Your record|The period} from <date> to <date> {counts|does not count} {as <few> months|towards your
 pension}.
{The applicant|The owner} {shall|must} {remove|maintain|screen} <n> {at plot <room>|at no cost to the
 council}.
{A penalty|A fixed charge} {was issued|has been recorded} for {driving at <room> mph|parking without a
 ticket}, <street>, <town>.
"""),
    "club": bank("""
{Our summer fair|The outing to <town>|The spring clean} {will be held|has been moved to} on
 <date>.
{For the working party|To set up} we {need|still want} <few> {volunteers|strong people with spades},
 {meeting|starting} at <time> by <street>.
{The first team|Our juniors} {beat|lost to} <town> by <few> to <few>, {with|thanks to} <first> and <first>
 {scoring|in form}.
{The treasurer|Our treasurer}, <name>, {reports|gives}: income <eur>, spending <eur>, {of which|including}
 <eur> for <n>.
{Long service awards|Badges} for {25|40|50} years {went to|were given to} <name>, <name> and <name>.
{In the pavilion|On the board} {there is|you will find} <n>; {sign up|ring <first> on <phone>} {before
 <date>|if you want a seat}.
"""),
    "private": bank("""
{At last I have time|I have long meant} to {write|tell you} about {<town>|the move|the children}.
{The tomatoes|Our plums|The roses} {are|were} {lovely|all rained off} {this year|in <year>}; {Gran <first>
 made jam|<first> just laughs}.
{Uncle|Aunt} <first> {is in hospital|has been} in <town> {for three weeks|again}, {but is on the mend|they
 will not say much}.
{Do you remember|I still think of} {how we missed the train to <town>|<first> and the old Morris} {in
 <year>|}?
{On Sunday|At Easter} <first> and <first> {are coming|came} with {the twins|the dog|their <few> suitcases}.
{The cake|That recipe} {of <first>'s|from <town>} {is copied below|is enclosed}; {use less sugar|do not
 forget the nuts}.
{Love to|Give my best to} {<first>|everybody in <town>} {and write soon|until <date>}.
"""),
    "contract": bank("""
{This agreement|The term} {begins|starts} on <date> and {ends on <date>|continues until ended}; {notice
 of|either side may give} <few> weeks{' notice|}.
{The price|The rent|The fee} is <eur>, {payable|due} {on the <few>th of each month|on delivery|in <few>
 instalments}{ to sort code <sort> account <number>|}.
{The buyer|The tenant|The hirer} {has inspected|accepts} <n> {in good order|as seen}{; defects: <n>|}.
{The subject|The item let} is <n> {at <street>, <town>|numbered <number>}{ together with <n>|}.
{The seller|The landlord} {confirms|warrants} that <n> is {free of finance|free from defects known to
 them|their own property}.
{No other terms|Changes} {have been agreed|must be in writing}{ and signed by both|}.
{On return|At the end} <n> {shall be|must be} {clean|complete}, {with <few> keys|or <eur> will be charged}.
{Pets|Lodgers|Alterations} {need|require} {consent|prior agreement}, {not to be unreasonably refused|see
 clause <few>}.
{Mileage|Meter} <number>, {next test|serviced until} <date>, {<few> previous keepers|with <n>}.
{Liability|Any warranty} for <n> is {excluded|limited to <eur>}{, save for fraud|}.
"""),
    "minutes": bank("""
{Item <few>|<few>.<few>}: {Mr|Mrs} <last> {reported on|explained} <n>; {cost <eur>|discussion took <few>
 minutes}.
RESOLVED: that <n> be {accepted at <eur>|deferred to <date>|placed with <last> Ltd}. {For <few>, against
 <few>, abstained <few>|Unanimous}.
{From the floor|<name> asked}: {when|whether} <n> would be {renewed|finished|insured}.
{The chair|The secretary} {referred to|reminded all of} <n> {and the reserve of <eur>|from <year>}.
{The accounts|The treasurer's report} for <year> {showed|closed with} <eur>, {examined by <name>|examiner
 <name>}.
{Elected|Appointed} {to the committee|as officers}: <name> {and <name>|with <few> votes}.
{Present|In attendance}: <few> {members|votes}, apologies from <name>{; minutes by <name>|}.
{The meeting|Business} closed at <time>; {next meeting <date>|to be continued}.
"""),
    "report": bank("""
{On the|To the} {north side|west wall|ceiling} {of room <few>|in the cellar} <n> {was damp at <pct>|had
 cracked over <few> cm}.
{The reading|Sample <few>} {gave|shows} <number> {units|mg/kg}; {the limit is|up to} <number>{ is allowed|}.
{The cause|This} {appears to be|is due to} <n>, {probably|most likely} {since <year>|after the works by
 <last>}.
{We recommend|It is advised} that <n> be {removed|sealed|dried out}, {cost about <eur>|allowing <few> days}.
{Figure <few>|Photograph <few>} shows <n> {from the south|in detail}; {note|visible is} <n>.
{The survey|Our visit} {took place on <date>|began at <time>} at <street>, <town>{ with <name>|}.
{The building|The property} dates from <year>, {has <few> rooms|extends to <room> square metres} and {was
 enlarged in <year>|is occupied}.
{In summary|Overall} <n> is {defective|sound|to be watched}; {value|loss in value} <eur>.
{Under standard <number>|By sheet <few>} <n> may {move|sag} by <few> mm at most, {we found <few>|here
 <few>}.
"""),
    "howto": bank("""
<few>. {Undo|Turn|Remove} the <few> screws and {lift|pull} <n> {gently|straight} {off|out}.
{Caution|Important}: {unplug|switch off} before {cleaning|any work}, {wear gloves|risk of shock}.
<few>. If the lamp {flashes|lights} <few> times {add water|<n> is blocked}; {press|hold} {button <few>|the
 switch}.
{Add|Fold in} {<room> g flour|<room> ml milk|<few> eggs|<few> tbsp sugar}, {rest for <few> minutes|bake at
 <room> degrees}.
<few>. {Slide|Push} part {A|B|C|D}<few> into {rail|groove} {E|F|G}<few> {until it clicks|without force}.
Every <few> {months|weeks} {oil|descale|tighten} <n>{, see page <few>|}.
"""),
    "mail": bank("""
{just wanted to ask|quick question}: {is|when is} <n> {still on|arriving|fine for <date>}?
{attached|here} {is|you will find} <n> {as a PDF|with <few> photos}, {please check|shout if wrong}.
{the appointment|meeting} on <date> {at <time>|in <town>} {suits me|won't work}, {rather|how about} <time>?
{thanks|many thanks} for {the message|<n>|the <eur>}, {<first> is delighted|that helps a lot}.
{could you|would you} {ring <first>|tell Mr <last>}, {he is on <phone>|she knows nothing yet}?
{the order|order <number>} {came yesterday|went out on <date>}, {only|but} <n> {is missing|was broken}.
"""),
}  # fmt: skip
