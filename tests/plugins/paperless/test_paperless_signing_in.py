"""Who we are: a token or user and password, exchanged once; what is refused; and what may be seen."""

import logging
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from reconciled.errors import BadResponse, RateLimited, Unauthorized
from reconciled.model import Item
from reconciled.testing.clock import ManualClock
from reconciled.testing.fakes.paperless import FakePaperless
from reconciled.testing.faults import Fault
from reconciled_paperless import Credentials, Paperless
from reconciled_paperless.items import key_of

BY_PASSWORD = {"user": "admin", "password": "secret-admin"}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"token": "x" * 40}, None),
        (BY_PASSWORD, None),
        ({}, "a token is missing"),
        ({"user": "admin"}, "a token is missing"),
        ({"password": "x"}, "a token is missing"),
        ({"user": "admin", "password": ""}, "a token is missing"),
        ({"token": "x" * 40, "user": "admin"}, "not both"),
        ({"token": "x" * 40, **BY_PASSWORD}, "not both"),
        ({"token": "x" * 40, "url": "http://me:mine@box"}, "has no user:password"),
        ({"token": "x" * 40, "poll": "0s"}, "shorter than 1s"),
        ({"token": "x" * 40, "poll": 60}, "no duration"),
        ({"token": "x" * 40, "cookie_prefix": "a;b"}, "a cookie's name"),
    ],
)
def test_exactly_one_way_in(said: dict[str, Any], wrong: str | None) -> None:
    options = {"url": "http://box", **said}
    if wrong is None:
        config = Paperless.Config.model_validate(options)
        assert config.credentials.can_sign_in == ("user" in said)
        return
    with pytest.raises(ValidationError, match=wrong):
        Paperless.Config.model_validate(options)


@pytest.mark.parametrize(("written", "seconds"), [("90s", 90.0), ("off", None), (False, None), (None, None)])
def test_how_often_it_is_looked_at(written: Any, seconds: float | None) -> None:
    config = Paperless.Config.model_validate({"url": "http://box", "token": "x" * 40, "poll": written})
    assert config.poll == seconds


def test_credentials_show_nothing() -> None:
    for one in (Credentials(SecretStr("hush")), Credentials(None, "admin", SecretStr("hush"))):
        assert "hush" not in f"{one}{one!r}"
        assert one.secrets == ("hush",)
    with pytest.raises(ValueError, match="missing"):
        Credentials()


async def test_the_password_is_exchanged_once(fake: FakePaperless, asking: Any) -> None:
    source = asking(fake, **BY_PASSWORD)
    for _ in range(3):
        await source.probe()
        assert isinstance(await source.lookup(key_of(1)), Item)
    assert fake.count("/api/token/") == 1


async def test_a_token_that_was_revoked_is_exchanged_again(fake: FakePaperless, asking: Any) -> None:
    """Once, and not more often than once a minute: five a minute is all that Paperless takes."""
    clock = ManualClock()
    source = asking(fake, clock=clock, **BY_PASSWORD)
    await source.probe()
    renewed = "9" * 40
    fake.state.users[2] = fake.admin.__class__(2, "admin", "secret-admin", renewed, superuser=True)
    with pytest.raises(Unauthorized):
        await source.probe()
    clock.advance(61)
    await source.probe()
    assert fake.count("/api/token/") == 2


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ({"user": "admin", "password": "wrong"}, "Unable to log in"),
        ({"token": "f" * 40}, "check the token"),
    ],
)
async def test_who_is_not_known(
    fake: FakePaperless, asking: Any, who: dict[str, str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source = asking(fake, **who)
    for ask in (source.probe(), source.lookup(key_of(1)), source.changes(None)):
        with pytest.raises(Unauthorized, match=said) as caught:
            await ask
        for secret in ("wrong", "f" * 40):
            assert secret not in f"{caught.value}{caught.value!r}{caplog.text}"


async def test_too_many_exchanges(fake: FakePaperless, asking: Any) -> None:
    for _ in range(5):
        with pytest.raises(Unauthorized):
            await asking(fake, user="admin", password="wrong").probe()
    with pytest.raises(RateLimited) as caught:
        await asking(fake, **BY_PASSWORD).probe()
    assert caught.value.retry_after is not None


async def test_a_second_factor(fake: FakePaperless, asking: Any) -> None:
    fake.put_user("ann", second_factor=True)
    with pytest.raises(Unauthorized, match="a second factor needs a token"):
        await asking(fake, user="ann", password="secret-ann").probe()


async def test_an_answer_without_the_mark(fake: FakePaperless, asking: Any, monkeypatch: Any) -> None:
    """As behind a proxy that drops headers: nothing it says is believed."""
    monkeypatch.setattr(FakePaperless, "app_headers", lambda self, request: {})
    source = asking(fake)
    for ask in (source.probe(), source.lookup(key_of(1)), source.lookup(key_of(99)), source.changes(None)):
        with pytest.raises(BadResponse, match="X-Version"):
            await ask


async def test_no_version_in_common(fake: FakePaperless, asking: Any) -> None:
    fake.api_versions = ("11",)
    with pytest.raises(BadResponse, match="speaks neither"):
        await asking(fake).probe()


@pytest.mark.parametrize(
    ("rights", "superuser", "hidden", "everything", "account"),
    [
        (None, True, 0, True, "ann"),
        (None, True, 3, True, "ann"),
        (None, False, 0, True, "ann"),
        (None, False, 3, False, "ann"),
        (frozenset({"view_document", "view_uisettings"}), False, 0, False, "ann"),
        (frozenset({"view_document"}), False, 0, False, None),
    ],
    ids=["superuser", "superuser sees all", "counts all", "less than the total", "no total", "not told"],
)
async def test_who_sees_everything(
    running: Any,
    asking: Any,
    rights: frozenset[str] | None,
    superuser: bool,
    hidden: int,
    everything: bool,
    account: str | None,
) -> None:
    app: FakePaperless = await running()
    user = app.put_user("ann", superuser=superuser, **({} if rights is None else {"rights": rights}))
    for each in range(5):
        app.put(f"Letter {each}", owner=app.admin.id if each < hidden else None)
    about = await asking(app, token=user.token).probe()
    assert (about.app, about.version, about.instance) == ("Paperless-ngx", "3.0.5", None)
    assert (about.account, about.sees_everything) == (account, everything)


async def test_one_that_comes_while_they_are_counted(running: Any, asking: Any) -> None:
    """It is no sign that something is hidden."""
    app: FakePaperless = await running()
    user = app.put_user("ann")
    app.put("A", owner=None)

    def meanwhile(request: Any) -> bool:
        if request.path.endswith("/documents/") and len(app.state.documents) == 1:
            app.put("B", owner=None)
        return False

    app.faults.set(Fault.ERROR, meanwhile)
    assert (await asking(app, token=user.token).probe()).sees_everything


async def test_a_user_that_may_not_view_documents(running: Any, asking: Any) -> None:
    """Trouble with who we are, and not a world without documents."""
    app: FakePaperless = await running()
    app.put_many(3)
    user = app.put_user("ann", rights=frozenset({"view_uisettings", "view_tag"}))
    source = asking(app, token=user.token)
    for ask in (source.lookup(key_of(1)), source.changes(None)):
        with pytest.raises(Unauthorized, match="lacks a right"):
            await ask
