"""A re-download loop is told once, and no more after somebody set it aside."""

import logging

import pytest
from tests.daemon.notify.conftest import Office

from reconciled.config import AlertSettings
from reconciled.ledger.rows import stamp
from reconciled.ledger.views_alerts import Loop, Standing
from reconciled.notify.alerts import Facts, alerts
from reconciled.notify.watch import Alarm

LOOP = Loop(7, "radarr", "movie", "8/12", "The Matrix", "It was deleted; radarr grabbed it again")


def test_it_leads_to_the_page_that_offers_the_remedy(office: Office) -> None:
    (message,) = alerts(Facts(office.clock.now(), 0.0, Standing(loops=[LOOP])), AlertSettings())
    assert (message.about, message.title) == ("loop/7", "The Matrix was downloaded again")
    assert message.link == "/items/radarr/movie/8%2F12"
    assert message.body.startswith("It was deleted; radarr grabbed it again.\n")
    assert not message.urgent


@pytest.mark.parametrize("aside", ["", "ignored_by = 'owner'", "resolved_at = 'x'", "snoozed_until = 1.0"])
async def test_it_is_told_once(office: Office, aside: str) -> None:
    alarm = Alarm(
        office.ledger, office.clock, office.postman, logging.getLogger("test"), free=lambda _: 10**12
    )
    office.serve(office.channel())
    alarm.configure(AlertSettings(), ["phone"])
    at = stamp(office.clock.now())
    await office.ledger.write(
        lambda tx: tx.execute(
            "INSERT INTO finding (code, source, kind, key, title, detail, opened_seq, opened_at) "
            "VALUES ('redownload', 'radarr', 'movie', '812', 'The Matrix', 'It came back', 1, ?)",
            (at,),
        )
    )
    if aside:
        await office.ledger.write(lambda tx: tx.execute(f"UPDATE finding SET {aside}"))
    posted = [await alarm.look_once()]
    for _ in range(3):
        office.clock.advance(2 * 86400)
        posted.append(await alarm.look_once())
    assert posted == ([0] * 4 if aside else [1, 0, 0, 0])
    await office.ledger.write(lambda tx: tx.execute("DELETE FROM message"))
    office.clock.advance(30 * 86400)
    assert await alarm.look_once() == 0  # the message left the ledger, the loop is an old one
