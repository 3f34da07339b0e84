"""The words of the papers in the demo's Paperless-ngx. The persons, firms and numbers are made up."""

INVOICE = """\
Hollmoor Laboratory, Quarry Lane 14, Eastbrook
Customer no. 70418 Practice Dr. Ann Lindqvist, Mill Street 3, Eastbrook
Invoice {number}
Date {date} Period {period}
For the examinations that your practice ordered from us in this period we charge as follows.
Blood counts, complete {counts} at 4.20 {counts_sum}
Clotting, rapid test {clotting} at 6.75 {clotting_sum}
Cultures with resistance {cultures} at 19.40 {cultures_sum}
Courier, flat rate 28.00
Total due {total}
Please pay within 14 days of the date above and name the number of the invoice. Medical services
of this kind are exempt from value added tax. Findings are kept for ten years and can be asked
for again free of charge. Our hotline answers on working days from 8 to 18 hours. Hollmoor
Laboratory is managed by R. Teague and P. Osei."""
WASTE = """\
Bluecart Disposal Ltd, Canal Yard, Eastbrook
Notice of collection {number} of {date}
Contract 5520-7 at a fixed price of 46.50 a month, sharps and dressings, two bins of 60 litres
We collected both bins in the month before this notice and left two empty ones of the same size.
The amount is debited from your account on the fifth working day. This notice takes the place of
an invoice and has to be kept for as long as the rules for medical waste say. If a bin was not
at the door, call us, and we come once more at no charge. Bins that are too full to be closed,
or that hold fluids, are not taken along."""
COURSE = """\
Chamber of Practices, Department of Training, Harbour Square 1, Wexmouth
Wexmouth, 6 May 2025
Hand hygiene and preparation of instruments, course 25-117
Dear {name},
we are pleased to confirm your place in this course on 18 June 2025 from 9 to 16 hours in room
2.04. Please bring work clothes and shoes that can be wiped. Lunch is included in the fee, which
your practice has paid already. You get your certificate at the end of the day, provided that
you took part in all of its four parts. If you cannot come, tell us by the end of May, so that
somebody from the waiting list can take your place. The car park behind the building is free of
charge for those who attend.
With kind regards, Department of Training"""
INSPECTION = """\
Report on the inspection of an X-ray unit
Inspected on 12 February 2025 by K. Halloran, expert no. 0733, Wexmouth Institute of Radiation
Unit: Corvida 40, serial number CV40-11629, built 2017, room 5, practice Dr. Ann Lindqvist
Tube voltage within 3 percent of what is shown. Exposure time within 5 percent. Field of light
and field of radiation agree within 8 millimetres at a distance of one metre. Dose at the wall
of the room 0.4 microsievert. Result: the unit has no defects and may be used. The lamp of the
collimator is weak and should be exchanged before the next inspection. The next inspection is
due in February 2030. This report has to be kept beside the unit and shown to the authority when
it asks. Stamp and signature of the expert: K. Halloran"""
CONTRACT = """\
Contract for cleaning
between the practice of Dr. Ann Lindqvist, Mill Street 3, Eastbrook,
and Sparrow Services, owner D. Ferreira
1. Sparrow Services cleans the rooms of the practice, about 140 square metres, on every working
day after 19 hours.
2. Floors are mopped daily, windows are cleaned four times a year. Surfaces are disinfected by
the plan in annex A.
3. The practice pays 890.00 a month, at the latest on the third working day of the next one.
4. Keys are handed over against a receipt. The loss of one is to be reported on the same day.
5. What becomes known about patients is kept secret, also after the end of the contract.
6. Either side may end the contract with three months' notice to the end of a quarter.
Place, date          for the practice          for Sparrow Services"""
SINGLE = (
    ("Offer for a reception desk", "2025-04-02", """\
Offer 3391 of Treadwell Joinery for a reception desk in oak, 3.20 metres wide, with two drawers
that lock, a lowered part for wheelchairs and a cable duct along the back. Delivery in nine
weeks from the order, assembly on a Saturday. 4,870.00 with everything, valid until the end of
June. The old desk is taken away for 120.00, if that is wanted. M. Treadwell"""),
    ("Change of the bank account", "2025-03-19", """\
To whom it may concern: from April on our account is with the Savings Bank of Wexmouth. Please
change your standing orders. The old account is closed in September, until then money that
arrives there is passed on. Eastbrook Property Management, rent of Mill Street 3"""),
    ("Minutes of the team meeting", "2025-05-14", """\
Team meeting of 14 May. Present: Ann, Marisol, Jonas, Petra. Holidays in August: closed from the
4th to the 15th, notices go up in June. The telephone is answered from 7:30 from now on, Petra
begins. The vaccine refrigerator was at nine degrees on Sunday, Jonas calls the service. New
leaflet for diabetics: Marisol writes a draft. Next meeting on 11 June."""),
    ("Reminder of the library", "2025-06-03", """\
Wexmouth Medical Library. The volume Atlas of Dermatology, second edition, signature Derm 114,
was due on 20 May. Please bring it back or have it renewed by telephone. Each week begun costs
2.00."""),
)  # fmt: skip
"""Papers of which there is one: title, day, words."""
