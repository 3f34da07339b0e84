"""What the forms of duplicates do: say what an action would do, then do exactly that; keep people's answers.

Answers are given at once, since each can be taken back; whatever reaches an app, and whatever is about many
groups, is shown first. A form says how its group was shown, and is for exactly that.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web
from multidict import MultiMapping

from reconciled.config import Mode
from reconciled.engine.duplicates.acting import MOST_GROUPS, Do, Wanted
from reconciled.engine.duplicates.judging import Decision
from reconciled.engine.outbox.by_hand import CannotAct
from reconciled.ledger import views_duplicates
from reconciled.web import duplicates_answers
from reconciled.web.auth import local_path
from reconciled.web.duplicates_answers import VERBS, WORDS, label_of
from reconciled.web.house import DETAIL, house_of
from reconciled.web.paths import is_number
from reconciled.web.problems import Problem
from reconciled.web.render import large_page, see

HOME = "/duplicates"
UNSAID = "the form does not say what it showed; load the page again"
NOTED = 20
"""So many ordered actions are named in an address, and of so many groups it is noted what was done."""
BUTTONS = {
    "tag": "Tag", "untag": "Take the tag off", "merge": "Merge", "delete": "Delete",
    "merge_delete": "Merge and delete", "ignore": "Ignore", "resolve": "Settle", "reopen": "Ask again",
    "not_duplicate": "Keep apart",
}  # fmt: skip
DESTRUCTIVE = ("delete", "merge_delete")


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What a form, or the address of the page before it, says is to be done, and to which groups."""

    action: str
    groups: list[int]
    members: list[int]
    primary: int | None
    label: str
    back: str

    @property
    def wanted(self) -> list[Wanted]:
        """The same for an order."""
        return [Wanted(one, Do(self.action), tuple(self.members), self.primary) for one in self.groups]

    @property
    def address(self) -> str:
        """The page that says what this would do."""
        fields: list[tuple[str, str]] = [
            ("action", self.action),
            *(("group", str(one)) for one in self.groups),
        ]
        fields += [("member", str(one)) for one in self.members]
        fields += [("primary", str(self.primary))] if self.primary is not None else []
        return f"{HOME}/act?{urlencode([*fields, ('label', self.label), ('back', self.back)])}"


async def act_page(request: web.Request) -> web.Response:
    """`/duplicates/act`: what an action would do to these groups, in words."""
    house, chosen = house_of(request), _chosen(request.query)
    label = label_of(house, chosen.label)
    try:
        outlook = (
            await duplicates_answers.foresee(house, chosen.wanted, label=label)
            if chosen.action in VERBS
            else await duplicates_answers.foresee_answers(house, chosen.groups, Decision(chosen.action))
        )
    except CannotAct as error:
        raise Problem(409, str(error), page=chosen.back) from error
    names = [place.live.name for place in house.duplicates.places()]
    known = await house.ledger.read(views_duplicates.tags, names) if chosen.action == "tag" else []
    return await large_page(
        request,
        "duplicate_act.html",
        chosen=chosen,
        outlook=outlook,
        label=label,
        labels=sorted({*known, house.duplicates.settings.tag}),
        button=BUTTONS[chosen.action],
        verb=chosen.action in VERBS,
        destructive=chosen.action in DESTRUCTIVE,
        dry=chosen.action in VERBS and house.outbox.rules.mode is Mode.DRY_RUN,
        refused=[one for one in outlook.groups if one.refused],
        done=[one for one in outlook.groups if not one.refused],
    )


async def act_form(request: web.Request) -> web.Response:
    """`POST /duplicates/act`: what was shown is done."""
    house, form = house_of(request), await request.post()
    chosen, shown = _chosen(form), str(form.get("shown", ""))
    if not shown:
        raise Problem(400, UNSAID, page=chosen.address)
    more = f" and {len(chosen.groups) - NOTED} more" if len(chosen.groups) > NOTED else ""
    request[DETAIL] = f"{chosen.action} of groups {_listed(chosen.groups[:NOTED])}{more}"
    if chosen.action not in VERBS:
        answered, left = await duplicates_answers.answer_all(
            house, chosen.groups, Decision(chosen.action), shown=shown
        )
        told = {"answered": answered, "left": [one.group for one in left]}
        return see(_with(chosen.back, **{name: _listed(groups) for name, groups in told.items() if groups}))
    try:
        made = await duplicates_answers.order(
            house, chosen.wanted, label=label_of(house, chosen.label), shown=shown, count=_count(form)
        )
    except CannotAct as error:
        raise Problem(409, str(error), page=chosen.address) from error
    acted = _listed([one.id for one in made[:NOTED]])
    rest = {"ordered": str(len(made))} if len(made) > NOTED else {}
    return see(_with(chosen.back, acted=acted, **rest))


async def answer_form(request: web.Request) -> web.Response:
    """`POST /duplicates/answer`: an answer about a group, or the choice of its primary."""
    house, form = house_of(request), await request.post()
    back, number = _back(form), form.get("group")
    do, _, item = str(form.get("do", "")).partition(" ")
    members = [str(one) for one in form.getall("member", [])] + ([item] if item and do != "primary" else [])
    if do not in (*WORDS, "primary") or not is_number(number) or not all(map(is_number, members)):
        raise Problem(400, UNSAID, page=back)
    group, shown = int(number), str(form.get("shown", "")) or None
    if do == "primary" and not is_number(item) and item != "policy":
        raise Problem(400, UNSAID, page=back)
    request[DETAIL] = f"{do} {item} of group {group}".replace("  ", " ")
    if do == "primary":
        made = await duplicates_answers.choose(
            house, group, None if item == "policy" else int(item), shown=shown
        )
        before = made.primary_before if made.by_before is not None else 0
        return see(_with(f"{HOME}/{group}" if back == HOME else back, answered=str(group), was=str(before)))
    said = await duplicates_answers.decide(
        house, group, Decision(do), [int(one) for one in members], shown=shown
    )
    tagged = {"acted": _listed(said.tagged[:NOTED])} if said.tagged else {}
    return see(back if do == "reopen" else _with(back, answered=str(group), **tagged))


def _chosen(given: MultiMapping[Any]) -> Chosen:
    """What is to be done, and to what. Problem 400."""
    back, action = _back(given), str(given.get("action", ""))
    groups, members = given.getall("group", []), given.getall("member", [])
    primary = given.get("primary") or None
    if action not in BUTTONS:
        raise Problem(400, "say what is to be done", page=back)
    if not groups:
        raise Problem(400, "no group was chosen, so nothing was done", page=back)
    if len(groups) > MOST_GROUPS:
        raise Problem(400, f"{len(groups)} groups at once; at most {MOST_GROUPS}", page=back)
    if not all(map(is_number, [*groups, *members, *([primary] if primary else [])])):
        raise Problem(400, UNSAID, page=back)
    return Chosen(
        action=action,
        groups=list(dict.fromkeys(map(int, groups))),
        members=[int(one) for one in members],
        primary=int(primary) if primary else None,
        label=str(given.get("label", ""))[:128].strip(),
        back=back,
    )


def _back(given: MultiMapping[Any]) -> str:
    """The page that the form stood on."""
    path = local_path(str(given.get("back", "")))
    return path if path == HOME or path.startswith((f"{HOME}?", f"{HOME}/")) else HOME


def _with(back: str, **more: str) -> str:
    """The address with what was done just now."""
    return f"{back}{'&' if '?' in back else '?'}{urlencode(more, safe=',')}" if more else back


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _count(form: MultiMapping[Any]) -> int | None:
    typed = str(form.get("count", "")).strip()
    return int(typed) if is_number(typed) else None


def routes() -> list[web.RouteDef]:
    """These for the router."""
    return [
        web.get("/duplicates/act", act_page),
        web.post("/duplicates/act", act_form),
        web.post("/duplicates/answer", answer_form),
    ]
