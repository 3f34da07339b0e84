"""Names of firms, offices, schools ... by kind, in the choices of `household_grammar`."""

import random
import re

from bench.corpora.household_grammar import Pattern, Slots, pattern, say
from bench.corpora.household_names import last_name, town


def _kinds(text: str) -> dict[str, Pattern]:
    """One kind a line; a line that begins with a blank goes on with the one before."""
    lines = re.sub(r"\n +", " ", text.strip()).splitlines()
    return {kind: pattern("{" + names + "}") for kind, names in (line.split(" ", 1) for line in lines)}


_FIRMS = {
    "de": _kinds("""
energy {Stadtwerke|Gemeindewerke|Energieversorgung|Regionalgas|Wasserverband|Überlandwerk} <town>{| GmbH|
 AöR}|{<last> Strom GmbH|NaturKraft <town> eG|e-<last> Energie AG}
phone {<last>phone GmbH|<last>net Telekommunikation AG|Kabel <town>|{Funk|Tele|Glasfaser}netz <town> GmbH &
 Co. KG}
subscription {<town>er {Tagblatt|Anzeiger|Zeitung|Bote|Rundschau}|Fitnessclub
 <town>|{Musik|Tanz|Reit}schule <last>|<last>Cloud GmbH|Hörbuchclub <last>|Automobilhilfe <town> e.
 V.|Verlag <last> & Söhne}
bank {Sparkasse|Kreissparkasse|Volksbank|Raiffeisenkasse|Genossenschaftsbank|Privatbank}
 {<town>|<town>|<last>}{| eG}
insurance {<last> Versicherung AG|<town>er Lebensversicherung a. G.|Provinzial <town>|<last> & <last>
 Assekuranz|Krankenkasse <town>|{Feuer|Haftpflicht}kasse <town> VVaG}
pay {<last> {Maschinenbau|Logistik|Druck|Metallbau|Software} GmbH|Klinikum <town>|Stadtverwaltung
 <town>|{Autohaus|Bäckerei|Spedition|Möbelhaus} <last> {KG|GmbH}}
shop {<last> {Markt|Frischemarkt|Baumarkt|Getränke|Drogerie}|{Edelkauf|Preisfuchs|Superfein}
 <town>|{Metzgerei|Bäckerei|Buchhandlung|Apotheke|Tankstelle} <last>|{Markt|Hirsch|Löwen}-Apotheke}
tax {Finanzamt|Stadtkasse|Gemeindekasse|Kreiskasse} <town>{||-Land|-Nord|-Süd}
rent {Hausverwaltung <last>|<last> Immobilien GmbH|Wohnungsbaugenossenschaft <town> eG|Grundbesitz <last>
 GbR|Siedlungswerk <town>}
school {Grundschule|Realschule|Gymnasium|Gesamtschule|Kindertagesstätte} {<town>|am {Markt|Stadtpark|Bach}
 <town>|<last>|<town>}
doctor {Praxis|Gemeinschaftspraxis|Zahnarztpraxis|Augenzentrum|Radiologie|Physiotherapie} {Dr. <last>|Dr.
 <last> & Dr. <last>|<town>|Dr. med. <last>}
warranty {<last> Hausgeräte GmbH|<last>werk {Elektro|Küchen|Garten}technik AG|<last>
 Uhren|Fahrradmanufaktur <last>}
lawyer {Rechtsanwälte <last> & <last>|Kanzlei <last>|Dr. <last> und Kollegen|Notariat <last>|Inkasso <last>
 GmbH}
office {Landratsamt|Stadtverwaltung|Bürgeramt|Standesamt|Jugendamt|Ordnungsamt|Rentenstelle|Amtsgericht}
 <town>
club {Turnverein|Kleingartenverein|Gesangverein|Förderverein|Schützenverein|Musikverein} <town>{| 1887 e.
 V.| 1921 e. V.| e. V.}
"""),
    "en": _kinds("""
energy {<town> Water plc|<last> Energy Ltd|<town> & District Gas|{Northern|Southern} <last> Power|<town>
 Heat Network}
phone {<last> Mobile Ltd|<town> Fibre|{Blue|Red|Green} <last> Telecom|<last>net Broadband plc}
subscription {The <town> {Courier|Herald|Gazette|Post}|<town> {Gym|Leisure} Club|<last> School of
 Music|<last>Cloud Ltd|<last> Audiobooks|<town> Roadside Rescue|<last> & Sons Publishing}
bank {<town> Building Society|<last>'s Bank plc|Bank of <town>|<town> Savings Bank|<last> & <last> Private
 Bank}
insurance {<town> Mutual Insurance|<last> Assurance plc|<last> & <last> Insurers|<town> Friendly Society}
pay {<last> {Engineering|Logistics|Printing|Foods|Software} Ltd|<town> Borough Council|<town> General
 Hospital|<last> & <last> {LLP|plc}}
shop {<last> {Foodstores|Grocers|Hardware|Books|Butchers|Pharmacy}|{Valuemart|Freshway|Pennywise}
 <town>|The {Corner Shop|Farm Shop|Garden Centre} <town>|<last> Service Station}
tax {<town> Revenues Office|<town> District Council|<town> Tax Office|<town> Borough Collector}
rent {<last> Lettings|<town> Housing Association|<last> & <last> Estate Agents|<last> Property Management
 Ltd}
school {<town> Primary School|St {Anne|Mark|Agnes|Cuthbert}'s <town>|<last> High School|<town>
 Grammar|<town> Nursery}
doctor {<last> Dental Care|<town> {Physiotherapy|Eye Clinic|Private Clinic}|Dr <last> & Partners|The <last>
 Surgery}
warranty {<last> Appliances Ltd|<last> Electric|<last> Watches of <town>|<last> Garden Machinery|<last>
 Cycles}
lawyer {<last> <last> Solicitors|<last> & Co Solicitors|<last> Chambers|<last> Notaries|<last> Debt
 Recovery Ltd}
office {<town> Town Hall|<town> County Court|<town> Registry Office|Pensions Office <town>|<town> Planning
 Department}
club {<town> {Cricket|Bowls|Tennis|Walking|Choral} Club|Friends of <town> Library|<town> Allotment Society}
"""),
}  # fmt: skip


def firm_name(rng: random.Random, language: str, kind: str) -> str:
    """A firm of a kind."""
    slots: Slots = {"last": lambda: last_name(rng, language), "town": lambda: town(rng, language)}
    return say(rng, _FIRMS[language][kind], slots)
