"""The kinds of paper a clinic keeps, with how often they come in series and alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One family of papers. Weights count against each other.

    `boiler` is the median of constant words, which are about `terms`; what varies is about `matter`. `rows`
    names the list of a `Tongue` that its table is drawn from, `fixed` how often a series repeats the same
    rows, `step` the days between two sheets.
    """

    name: str
    series: float
    single: float
    matter: str = "office"
    terms: str = "office"
    boiler: int = 30
    rows: str = ""
    count: tuple[int, int] = (1, 4)
    price: int = 5000
    fixed: float = 0.0
    several: float = 0.3
    step: int = 30
    body: tuple[int, int] = (0, 0)
    firm: bool = False
    staff: bool = False
    circular: bool = False
    short: bool = False
    near: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()


KINDS = (
    Kind("lab", 15, 5, boiler=45, rows="analytes", count=(5, 28), several=0.35, step=45, body=(0, 2),
         matter="ward", near=("revision",)),
    Kind("findings", 4, 13, boiler=40, rows="drugs", count=(1, 7), several=0.7, step=60, body=(8, 60),
         matter="ward", near=("quote",)),
    Kind("prescription", 9, 4, boiler=22, rows="drugs", count=(1, 5), fixed=0.7, several=0.2, step=28,
         copies=("photo",)),
    Kind("card", 6, 4, boiler=14, several=0.4, step=40, short=True, near=("twin",)),
    Kind("consent", 9, 4, boiler=330, terms="form", several=0.9, step=6, near=("twin",), copies=("signed",)),
    Kind("plan", 6, 5, boiler=80, terms="form", rows="services", count=(2, 9), price=14000, fixed=0.4,
         several=0.4, step=190, body=(0, 4), matter="form", near=("renewal", "revision"), copies=("signed",)),
    Kind("invoice", 12, 6, boiler=50, rows="services", count=(1, 7), price=7000, several=0.5, step=35,
         near=("revision",)),
    Kind("subscription", 9, 0, boiler=70, rows="goods", price=2500, count=(1, 3), fixed=0.97, several=0.1,
         step=30, firm=True),
    Kind("referral", 4, 6, boiler=30, several=0.8, step=20, body=(2, 8), matter="ward"),
    Kind("vaccination", 3, 2, boiler=40, terms="form", rows="vaccines", count=(1, 5), several=0.7, step=200,
         fixed=0.3, near=("twin",)),
    Kind("insurance", 6, 8, boiler=110, several=0.4, step=90, body=(2, 14), firm=True,
         near=("renewal", "quote")),
    Kind("minutes", 4, 4, boiler=20, terms="team", step=28, body=(10, 40), matter="team", staff=True,
         near=("version",)),
    Kind("rota", 4, 1, boiler=16, terms="team", step=7, staff=True),
    Kind("delivery", 6, 3, boiler=40, rows="goods", count=(1, 14), price=1800, several=0.0, step=14,
         firm=True, near=("revision",)),
    Kind("mail", 4, 14, boiler=35, several=0.5, step=7, body=(2, 12), matter="team", near=("quote",)),
    Kind("receipt", 3, 9, boiler=10, rows="wares", count=(1, 9), price=900, step=20, firm=True,
         copies=("photo",)),
    Kind("notice", 5, 3, boiler=60, several=1.0, step=0, body=(3, 9), circular=True, near=("twin",)),
    Kind("manual", 0, 5, boiler=0, body=(70, 260), matter="team", near=("version",)),
    Kind("slip", 1, 6, boiler=0, step=3, short=True),
    Kind("blank", 0, 0.8, boiler=0, short=True),
)  # fmt: skip
