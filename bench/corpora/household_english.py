"""English words and the small print of British senders."""

import random

from bench.corpora.household_grammar import bank, words

THINGS = words("""
        boiler gutter chimney hedge kitchen bathroom driveway radiator cellar attic shed porch
        conservatory drain fence carpet wardrobe bicycle caravan trailer lawnmower kettle fridge freezer
        oven ticket voucher receipt passport licence certificate reference pension mortgage tenancy lease
        deposit guarantee inventory rota timetable uniform syllabus survey valuation quotation estimate
        invoice ledger cheque overdraft mandate allowance rebate surcharge premium excess claim complaint
        appeal hearing settlement judgment probate estate executor trust will deed boundary easement
        parking permit badge allotment committee agenda subscription raffle pavilion scoreboard choir
        parish surgery prescription referral appointment vaccination diagnosis meter tariff reading supply
        cable router aerial handset warranty
    """)
KINDS = words("""
        annual monthly interim final joint shared broken faulty spare new old original further written
        signed undated outstanding disputed overdue agreed proposed temporary permanent leaking damp
        draughty rusty second-hand upstairs neighbouring remaining previous revised incomplete unsuitable
        satisfactory reasonable professional voluntary
    """)


def noun(rng: random.Random) -> str:
    """`the faulty boiler survey`."""
    kind = rng.choice(KINDS) + " " if rng.random() < 0.45 else ""
    more = rng.choice(THINGS) + " " if rng.random() < 0.3 else ""
    return f"the {kind}{more}{rng.choice(THINGS)}"


SMALL = bank("""
{Please quote|Always quote} your {reference|account number|details} {in any correspondence|when you call or
 write|with every payment}.
{Our terms and conditions|The terms dated <date>} {apply|continue to apply} to <n>{ and can be read at
 <web>/terms|}.
{This is a computer-generated letter|This document was produced automatically} and {needs no signature|is
 valid unsigned}.
{Registered office|Head office}: <street>, <town>. {Registered in England|Company} No. <nine>{. VAT No. GB
 <nine>|}.
{Lines are open|You can reach us} {Monday to Friday|seven days a week}, {8am|9am} to {5pm|6pm|8pm}, on
 <phone>{; calls may be recorded|}.
{How we use your information is|Our privacy notice can be} {set out|found} at <web>/privacy.
{If you have moved|If your details have changed}, {let us know|please tell us} {in writing|straight
 away|within 14 days}.
{If you disagree with|If you wish to query} <n>, {write to us|contact <name>} within {14|21|28} days{ of
 the date above|}.
{Please check|Check} <n> {carefully|as soon as you receive it} and keep {this letter|it} {in a safe
 place|with your records}.
{You may|You have the right to} {cancel|amend|request a copy of} <n> {at any time|in writing|within 14
 days}.
{Interest at|A late fee of} {<pct> above base rate|<eur>} {will|may} be {charged|added} {on late payment|if
 <n> is not received in time}.
{We are|<firm> is} authorised and regulated by the {relevant authority|Financial Services Register},
 {firm|reference} number <number>.
{Did you know|Tip}: {you can view|manage} <n> {online|in our app} at <web>{, day or night|}.
{Unhappy with our service?|Complaints:} {Ask for our complaints leaflet|Write to {the manager|<name>},
 <street>, <town>}.
{If we cannot agree|After eight weeks}, you {can|may} take <n> to the {Ombudsman|independent adjudicator}
 {free of charge|within six months}.
<N> {is governed by|follows from} {clause <par>|section <par>} of {the agreement|our rules} and {English
 law|the schedule overleaf}.
{If you have already paid|If <n> has been dealt with}, please {ignore|disregard} this {letter|reminder}{
 and accept our thanks|}.
{Thank you|Many thanks} for {your custom|choosing <firm>|paying on time}{, we look forward to hearing from
 you|}.
{Large print, Braille and audio|Versions in other formats} are {available|free} on {request|<phone>}.
{Payment|Remittances} to <bank>, {sort code <sort>, account <number>|IBAN <iban>}.
{Cheques|Postal orders} should be {made payable|crossed and payable} to <firm>; {write|please put} your
 {number|postcode} on the back.
{Errors and omissions excepted.|E. & O. E.}{ No part of this form may be altered.|}
{Call in|Visit us} at {our office,|} <street>, <town>{ (step-free access)|; parking at the rear}.
{We accept no liability for|Nothing in this letter excludes liability for} {loss of|damage to} <n>{, except
 where the law says otherwise|}.
{Should any clause be|If any term is} {void|unenforceable}, {the rest|all others} {remain in force|shall
 stand}.
<N> {is|will be} reviewed {every year|each April|every two years}{ and we will write to you beforehand|}.
For help with <n>, {ask for|speak to} <name>{, extension <room>,|} {on <phone>|or email <mail>}.
{On the death of a holder|If you go abroad}, <n> {lapses|continues} until {the end of the month|we are told
 in writing}.
{Please retain|Keep} the {lower portion|counterfoil} {for your records|as proof} and {return|post} the rest
 in the {envelope provided|enclosed envelope}.
Nobody from <firm> will {ever|} ask for your {PIN|password|full card number} {by phone|by text or email}.
{You should|We advise you to} take {independent|legal} advice {before signing|if you are unsure about <n>}.
""")  # fmt: skip

TOPICS = {
    "energy": bank("""
Your {unit rate|standing charge} {includes|covers} {network costs|metering}, {green levies|government
 schemes} and {supply|our margin}.
{We read|You read|We estimated} your meter {this time|on the date shown}; {send a reading|give us a
 reading} at <web>/read.
{Smell gas?|No supply?} Call <phone> {now|day or night} and {open the windows|leave switches alone}.
{Fuel mix|Our electricity}: {wind|solar} <pct>, {gas|nuclear} <pct>, {hydro|other} <pct>.
{Could you pay less?|Cheaper tariff:} {our <last> Saver|a fixed deal} {may save you|could cut} about <eur>
 a year.
{Struggling to pay|Worried about bills}? {We can help|Talk to us} {with a plan|about a grant} on <phone>.
Gas units {were|are} converted {at a calorific value of 39.2|with a correction of 1.02264} to kWh.
Your {budget payment|direct debit} is {due|taken} {each month|on the 1st} and {reviewed|checked} {twice a
 year|every spring}.
"""),
    "phone": bank("""
{Calls|Texts} {outside|not in} your {allowance|bundle} {cost|are charged at} {12p|35p|45p} {a minute|each},
 {premium numbers|directory enquiries} extra.
{You can leave|Your plan ends} {with 30 days' notice|after the minimum term}; {early exit|ending sooner}
 costs up to <eur>.
{Speeds|Your line} {average|reach} {36|67|145|500} Mb/s {at peak times|between 8pm and 10pm}; {test
 yours|check} at <web>/speed.
{Prices rise|Your monthly price changes} each {March|April} by {<pct>|CPI plus <pct>}.
{Router lights red?|No signal?} {Try our guide|Restart it, then call} <phone>.
{Roaming|Using your phone} in {Europe|the EU} {is included|costs <eur> a day}, {fair use 20GB|up to 60
 days}.
"""),
    "subscription": bank("""
{Your membership|Your subscription} {renews|rolls over} {each month|every year} {until you cancel|unless
 you tell us}.
{Payment is taken|We collect} {in advance|on the date above}{ by the card we hold| by direct debit}.
{Going away?|Not using it?} {Freeze|Pause} for up to {three months|eight weeks} {a year|once a year} at
 <web>.
{Bring a friend|Refer a neighbour} and {get|you both receive} <eur> {off|credit}.
{Students and pensioners|Families} {save|pay} <pct> less {with proof|at the desk}.
{If a payment fails|Returned payments} {we charge|cost} <eur>{ and access stops|}.
"""),
    "bank": bank("""
{Check|Please check} {each entry|this statement} and {tell us|call us} {at once|within 13 months} {if
 anything is wrong|about any error}.
{Arranged overdraft|Your overdraft limit} <eur>, {interest|charged at} <pct> {EAR variable|a year}.
{Eligible deposits|Your savings} are protected {up to £85,000|by the compensation scheme}.
{Lost card|Stolen card or phone}: <phone>, {24 hours|any time}; {from abroad|outside the UK} <phone>.
{Cheques|Credits} {take|need} {two|up to six} working days to clear. {AER shows the rate if interest were
 added once a year.|}
{Fees|Charges} {this period|to date}: {none|see the tariff leaflet}{; foreign use <pct>|}.
"""),
    "insurance": bank("""
{Tell us|You must tell us} {about any|of every} {accident|loss|change} {at once|within seven days}, {even
 if no claim is made|on <phone>}.
{The excess|Your voluntary excess} is <eur>, {rising to|for escape of water} <eur>.
{We do not cover|Exclusions:} {wear and tear|gradual damage}, {war|pollution}, {pets|frost}, {unoccupied
 homes|theft without force}.
{Your premium includes|We have added} Insurance Premium Tax at <pct>{ and a no-claims discount|}.
{It is a condition that|You agree that} <n> is {kept locked|maintained in good order|fitted with an alarm}.
{Your policy|The booklet reference <number>} {was sent|is enclosed} and should be read {together
 with|alongside} the schedule.
{You may|You can} cancel {within 14 days|in the cooling-off period} {for a full refund|less <eur> for our
 costs}.
"""),
    "pay": bank("""
{Keep this payslip|Retain this slip} {safe|for at least six years}; {copies|duplicates} cost <eur>.
{Holiday|Leave} {left over|not taken} {by 31 March|at year end} {is lost|may be carried over with consent}.
{Queries|Questions about pay} to {Payroll|the wages office}, {<name>|extension <room>}.
{You are enrolled in|Contributions go to} the {workplace|<last>} pension; {opt out|leaflet} at <web>.
"""),
    "shop": bank("""
{Thank you for shopping with us|Thanks for your visit}! {Refunds|Returns} within {28|14|30} days with {this
 receipt|proof of purchase}.
{You were served by|Served by} <name>
{Open|Opening hours} {Mon-Sat|daily} {7am|8am} to {8pm|10pm}
{Collect points|You could have earned points} with our {card|app}!
{Tel|Tel.} <phone> {VAT|VAT Reg} GB <nine>
"""),
    "tax": bank("""
{This notice|The assessment} {is made|has been issued} under section <par> {of the Act|as amended}{,
 subject to <n>|}.
{You can appeal|An appeal must be lodged} within 30 days {in writing|giving your reasons} to <town>.
{Interest|A surcharge} {runs|is added} from {the due date|the day after} at <pct>.
{We have|Your claim for <n> was} {allowed|not allowed} {your expenses|because the papers were missing}{ for
 <n>|}.
{Pay|Please pay} by {bank transfer|post or at a bank}, {quoting|using} the reference {shown above|on the
 slip}.
The {band|rateable value} {is based on|follows} <n> {at|as of} <date>, {multiplier|rate} {49.9|51.2|52.4}p.
"""),
    "rent": bank("""
{Invoices|Vouchers} {may be inspected|can be seen} {by appointment|at our office} {for 21 days|on weekdays}.
{Costs are shared|Your share is worked out} by {floor area|number of flats|rateable value}, {schedule
 <par>|see your lease}.
{You need not reply|No action is needed} {if you accept|unless you object} by <date>.
{Please|Kindly} {keep the hallway clear|put bins out on {Mondays|Thursdays}|report leaks} {at all
 times|without delay}.
{Repairs|Small repairs} {under|up to} <eur> are {the tenant's|your} {responsibility|duty} {under the
 agreement|, clause <par>}.
The caretaker, <name>, is on <phone> {mornings only|from 8 to 12}; {emergencies|out of hours} <phone>.
"""),
    "school": bank("""
{Please send|Children need} {a packed lunch|a waterproof coat|sturdy shoes|a drink} {and no glass|on the
 day}.
{School|The day} {finishes|starts} at <time> {that day|as usual}; {buses run as normal|collect from the
 hall}.
{A contribution of <eur>|The cost of <eur>} {should be paid|is due} {online|in a named envelope} by <date>.
{Phones|Toys and valuables} {stay at home|must not be brought}; {we cannot replace them|the school is not
 liable}.
{Parents' evening|The fair} is on <date> at <time> in {the hall|room <room>}.
{If your child is ill|To report absence} {ring|call} <phone> before {8.45|9.00}.
{Volunteers|Cake bakers} {are always welcome|please sign the list} {in the office|by the door}.
{Tell us about|Please write down} {allergies|medicines|who may collect} {below|on the slip}.
"""),
    "doctor": bank("""
{Payment is due|Please settle this account} {within 30 days|on receipt}{ to sort code <sort>, account
 <number>|}.
{Fees follow|We charge under} our {published scale|price list of <date>}{, insurers may pay less|}.
{Surgery hours|Open}: {Mon, Tue, Thu|Mon-Fri} <time> to <time>{, Wed by appointment|}.
{Send this invoice|Claim} to your insurer {with the form|quoting the code}; we {cannot|do not} bill
 {them|insurers} direct.
{Missed appointments|Late cancellations} {are charged at|cost} <eur>.
"""),
    "warranty": bank("""
{This guarantee|Our warranty} {lasts|runs for} {one|two|five|ten} years from {purchase|delivery} and covers
 {materials|parts} and {workmanship|labour}.
{Not covered|We do not cover}: {batteries|seals|bulbs}, {scratches|limescale}, {misuse|commercial use} {or
 frost|}.
{To claim|If it fails}, {return|send} {the product|it} {carriage paid|with proof of purchase} to {your
 dealer|<street>, <town>}.
{Your statutory rights|Rights under consumer law} are {not affected|additional}.
{Do not open|Never open} the {case|cover}; {doing so|tampering} {ends|voids} {this guarantee|all cover}.
{Clean|Descale|Oil} {it|the mechanism} every {three months|<room> hours} with {water|a soft cloth|light
 oil} only.
{Spares|Accessories} are kept for {eight|ten} years{; phone <phone>|}.
"""),
}  # fmt: skip
