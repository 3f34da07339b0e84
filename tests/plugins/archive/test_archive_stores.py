"""Archives in object stores: credentials, buckets that are not there, what stores say when they cannot."""

import asyncio
import json
import sys
from collections.abc import Mapping

import pytest
from aiohttp import web
from obstore.exceptions import GenericError, PermissionDeniedError, UnauthenticatedError
from obstore.store import GCSStore
from tests.plugins.archive.buckets import make_public
from tests.plugins.archive.stands import AzureStand, File, Open, Relay, S3Stand, SeaweedStand, StoreStand
from tests.servers import Server

from reconciled.errors import BadResponse, RateLimited, SourceError, Unauthorized, Unreachable, Unsupported
from reconciled.model import Absent, Item, Key
from reconciled.source import Deletion, Kept
from reconciled.testing.faults import Fault
from reconciled_archive import config
from reconciled_archive.connecting import asking, carrying, nobody, reading
from reconciled_archive.items import MARKER
from reconciled_archive.object_trouble import trouble

FILES = Deletion(files=True)
NOWHERE = Key("blob", "0" * 64)
SECRET = "S3CR3T+signature/of=us"
ANYBODY = "AWS4-HMAC-SHA256 Credential=a/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


def refusal(status: int, code: str = "") -> str:
    body = f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>" if code else SECRET
    return (
        f"Generic S3 error: Error performing GET https://s3.lan/b/x?sig={SECRET} in 2ms - "
        f"Server returned non-2xx status code: {status} Words: {body}"
    )


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (GenericError(refusal(401)), Unauthorized, "401, our credentials were refused"),
        (
            PermissionDeniedError(refusal(403, "AccessDenied")),
            Unauthorized,
            "403 AccessDenied, our credentials",
        ),
        (PermissionDeniedError(refusal(403, "RequestTimeTooSkewed")), Unauthorized, "the clocks of this box"),
        (UnauthenticatedError("nothing known"), Unauthorized, "our credentials were refused"),
        (
            FileNotFoundError(refusal(404, "NoSuchBucket")),
            BadResponse,
            "no such bucket or container; make it",
        ),
        (FileNotFoundError(refusal(404, "ContainerNotFound")), BadResponse, "no such bucket or container"),
        (FileNotFoundError(refusal(404)), BadResponse, "404: it is not there; is the url right"),
        (FileNotFoundError("Object at location x not found: gone"), BadResponse, "it is not there"),
        (GenericError(refusal(429)), RateLimited, "429, too many requests"),
        (GenericError(refusal(503, "SlowDown")), RateLimited, "503 SlowDown, too many requests"),
        (GenericError(refusal(503, "ServerBusy")), RateLimited, "too many requests"),
        (GenericError(refusal(503)), Unreachable, "503, the store is not there, or is starting"),
        (GenericError(refusal(502)), Unreachable, "502, the store is not there"),
        (
            GenericError(refusal(500, "InternalError")),
            BadResponse,
            "500 InternalError, the store itself failed",
        ),
        (GenericError(refusal(507)), BadResponse, "507, the store itself failed"),
        (GenericError(refusal(301, "PermanentRedirect")), BadResponse, "is the region right"),
        (GenericError(refusal(400, "AuthorizationHeaderMalformed")), BadResponse, "an answer of no use"),
        (GenericError(f"HTTP error: error sending request {SECRET} kind: Connect"), Unreachable, "no answer"),
        (GenericError(f"kind: Timeout {SECRET}"), Unreachable, "no answer; is it running"),
        (GenericError(f"error decoding {SECRET}"), BadResponse, "an answer that no object store gives"),
        (ValueError(SECRET), BadResponse, "an answer that no object store gives"),
    ],
)
def test_what_a_store_says_becomes_a_sentence_of_ours(
    error: Exception, kind: type[SourceError], said: str
) -> None:
    found = trouble(error, "s3://b: reading an object")
    assert type(found) is kind
    assert said in str(found)
    assert str(found).startswith("s3://b: reading an object")
    assert SECRET not in repr(found)


async def _asked_in_every_way(
    options: Mapping[str, object], open_archive: Open, file: File
) -> list[SourceError]:
    """The troubles of a source whose place was right once, so that it knows its archive."""
    source = open_archive(**options)
    await source.context.store.set("instance", "0" * 32)
    troubles = []
    for asked in (
        source.probe(), source.lookup(NOWHERE), source.upload(file(b"x")), source.delete(NOWHERE, FILES),
        anext(aiter(source.snapshot(frozenset({"blob"})))),
    ):  # fmt: skip
        with pytest.raises(SourceError) as caught:
            await asked
        troubles.append(caught.value)
    fresh = open_archive(**options)
    with pytest.raises(SourceError) as caught:
        await fresh.probe()
    return [*troubles, caught.value]


@pytest.mark.full
@pytest.mark.parametrize("wrong", ["access_key", "secret_key"])
async def test_wrong_credentials_of_s3(seaweedfs: Server, open_archive: Open, file: File, wrong: str) -> None:
    SeaweedStand.server = seaweedfs
    stand = SeaweedStand()
    await stand.start()
    good = stand.at(seaweedfs.url)
    for found in await _asked_in_every_way({**good, wrong: "of-somebody-else"}, open_archive, file):
        assert isinstance(found, Unauthorized)
        assert "of-somebody-else" not in repr(found)
    source = open_archive(**good)
    await source.probe()
    key = (await source.upload(file(b"with the right ones"))).key
    assert await source.read_back(key) is None
    assert not any("anybody may read it" in matter.said for matter in await source.examine(None))
    await stand.stop()


@pytest.mark.full
@pytest.mark.parametrize("sas", [True, False])
async def test_wrong_credentials_of_azure(azurite: Server, open_archive: Open, file: File, sas: bool) -> None:
    AzureStand.server = azurite
    stand = AzureStand()
    await stand.start()
    options = dict(stand.at(azurite.url))
    secret = "c29tZWJvZHkgZWxzZQ=="
    if sas:
        del options["account_key"]
        options["sas"] = f"?sv=2023-11-03&sp=rwdl&sr=c&se=2035-01-01T00%3A00%3A00Z&sig={secret}"
    else:
        options["account_key"] = secret
    for found in await _asked_in_every_way(options, open_archive, file):
        assert isinstance(found, Unauthorized)
        assert secret not in repr(found)
    await stand.stop()


@pytest.mark.full
@pytest.mark.parametrize("server", ["moto", "azurite", "seaweedfs"])
async def test_a_bucket_that_is_not_there(
    request: pytest.FixtureRequest, open_archive: Open, file: File, server: str
) -> None:
    behind = request.getfixturevalue(server)
    stand: StoreStand = AzureStand() if server == "azurite" else SeaweedStand()
    stand.prefix = "any"
    options = {**stand.at(behind.url), "url": f"{'az' if server == 'azurite' else 's3'}://nobucket/any"}
    for found in await _asked_in_every_way(options, open_archive, file):
        assert isinstance(found, BadResponse)
        assert "no such bucket or container" in str(found)


@pytest.fixture
async def relay(moto: Server) -> S3Stand:
    S3Stand.server = moto
    return S3Stand()


@pytest.mark.full
async def test_a_store_that_asks_us_to_wait(relay: S3Stand, open_archive: Open, file: File) -> None:
    def slow_down(_request: web.BaseRequest, _answer: web.StreamResponse) -> web.Response:
        body = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
        return web.Response(status=503, text=body, content_type="application/xml")

    await relay.start()
    source = open_archive(**relay.options())
    await source.probe()
    relay.fake.faults.tamper(slow_down)
    with pytest.raises(RateLimited):
        await source.lookup(NOWHERE)
    relay.fake.faults.clear()
    assert isinstance(await source.lookup(NOWHERE), Absent)
    await relay.stop()


@pytest.mark.full
async def test_a_store_that_knows_no_conditions(relay: S3Stand, open_archive: Open) -> None:
    def refuses(request: web.BaseRequest, answer: web.StreamResponse) -> web.StreamResponse:
        return web.Response(status=501) if "If-None-Match" in request.headers else answer

    await relay.start()
    relay.fake.faults.tamper(refuses)
    source = open_archive(**relay.options())
    about = await source.probe()
    assert await source.probe() == about
    await relay.stop()


@pytest.mark.full
async def test_an_upload_survives_a_part_that_failed(relay: S3Stand, open_archive: Open, file: File) -> None:
    await relay.start()
    source = open_archive(**relay.options())
    await source.probe()
    relay.fake.faults.set(Fault.ERROR, "*partNumber=2*", times=1)
    upload = file(bytes(range(256)) * 2**16)
    assert isinstance(await source.upload(upload), Kept)
    assert await source.read_back(Key("blob", upload.sha256)) is None
    await relay.stop()


@pytest.mark.full
async def test_a_fetch_that_breaks_off_is_trouble(relay: S3Stand, open_archive: Open, file: File) -> None:
    await relay.start()
    source = open_archive(**relay.options())
    await source.probe()
    key = (await source.upload(file(bytes(3 * 2**20)))).key
    relay.fake.faults.set(Fault.CUT_JSON, f"*{key.id}", method="GET")
    with pytest.raises(SourceError):
        await source.read_back(key)
    relay.fake.faults.clear()
    assert await source.read_back(key) is None
    await relay.stop()


@pytest.mark.full
async def test_a_bucket_that_anybody_may_read_is_told(relay: S3Stand, open_archive: Open) -> None:
    await relay.start()
    source = open_archive(**relay.options())
    await source.probe()
    assert not any("anybody may read it" in matter.said for matter in await source.examine(None))
    make_public(relay.server, f"{relay.prefix}/{MARKER}")
    assert any("anybody may read it" in matter.said for matter in await source.examine(None))
    await relay.stop()


@pytest.mark.full
async def test_nothing_is_taken_from_the_environment(
    request: pytest.FixtureRequest, open_archive: Open, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: dict[str, type[StoreStand]] = {"seaweedfs": SeaweedStand, "azurite": AzureStand}
    servers = {name: request.getfixturevalue(name) for name in kinds}
    for name, value in {
        "AWS_ACCESS_KEY_ID": "theirs", "AWS_SECRET_ACCESS_KEY": "theirs", "AWS_SESSION_TOKEN": "theirs",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT": "http://127.0.0.1:1",
        "AWS_PROXY_URL": "http://127.0.0.1:1", "AZURE_PROXY_URL": "http://127.0.0.1:1",
        "AWS_REGION": "eu-west-9", "AWS_SKIP_SIGNATURE": "true", "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
        "AZURE_STORAGE_ACCOUNT_KEY": "dGhlaXJz", "AZURE_STORAGE_ACCOUNT_NAME": "theirs",
        "AZURE_STORAGE_SAS_KEY": "sig=theirs", "AZURE_STORAGE_TOKEN": "theirs",
        "AZURE_STORAGE_ENDPOINT": "http://127.0.0.1:1", "AZURE_STORAGE_USE_EMULATOR": "true",
        "GOOGLE_SERVICE_ACCOUNT": "/theirs.json", "GOOGLE_APPLICATION_CREDENTIALS": "/theirs.json",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    for name, kind in kinds.items():
        kind.server = servers[name]
        stand = kind()
        await stand.start()
        source = open_archive(**stand.at(servers[name].url))
        await source.probe()
        key = (await source.upload(file(b"ours"))).key
        assert isinstance(await source.lookup(key), Item)
        await stand.stop()


class Google(Relay):
    """Moto as Google's store: the same requests, but for who asks."""

    async def _hand_on(self, request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name != "Authorization"}
        return await super()._hand_on(request.clone(headers={**headers, "Authorization": ANYBODY}))


@pytest.mark.full
async def test_google_cloud_storage(moto: Server, open_archive: Open, file: File) -> None:
    account = {"disable_oauth": True, "client_email": "a@b", "private_key": SECRET, "private_key_id": "1"}
    async with Google(moto) as google:
        source = open_archive(
            url="gs://archives/google", endpoint=google.url, allow_http=True,
            service_account=json.dumps(account),
        )  # fmt: skip
        await source.probe()
        upload = file(bytes(6 * 2**20))
        key = (await source.upload(upload)).key
        assert isinstance(await source.lookup(key), Item)
        assert await source.read_back(key) is None
        pages = [page async for page in source.snapshot(frozenset({"blob"}))]
        assert [item.key for page in pages for item in page.items] == [key]
        await source.delete(key, FILES)
        assert isinstance(await source.lookup(key), Absent)
        assert SECRET not in repr(source.config)


@pytest.mark.parametrize(
    "account",
    [SECRET, "{}", json.dumps({"client_email": "a@b", "private_key": SECRET, "private_key_id": "1"})],
)
async def test_credentials_that_are_none(open_archive: Open, account: str) -> None:
    source = open_archive(url="gs://archives/google", service_account=account)
    with pytest.raises(Unauthorized, match="not what they should be") as caught:
        await source.probe()
    assert SECRET not in repr(caught.value)


GOOGLE_ACCOUNT = json.dumps(
    {"disable_oauth": True, "client_email": "a@b", "private_key": SECRET, "private_key_id": "1"}
)


def test_the_environment_does_not_say_where_google_is(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else all files, and what opens the bucket, would go there."""
    monkeypatch.setenv("GOOGLE_BASE_URL", "http://127.0.0.1:1")
    config = open_archive(url="gs://archives", service_account=GOOGLE_ACCOUNT).config
    for how in (asking, carrying, reading, nobody):
        opened = how(config)
        assert isinstance(opened, GCSStore)
        assert opened.config.get("base_url") == "https://storage.googleapis.com"


@pytest.mark.parametrize("name", ["GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH"])
async def test_what_stands_in_the_way_of_googles_credentials_is_named(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "/theirs.json")
    source = open_archive(url="gs://archives", service_account=GOOGLE_ACCOUNT)
    with pytest.raises(Unauthorized, match=rf"has {name}, which.*take it out"):
        await source.probe()


async def test_an_account_key_that_was_cut(open_archive: Open) -> None:
    source = open_archive(
        url="az://archives", account="reconciled", account_key=SECRET, endpoint="http://127.0.0.1:1",
        allow_http=True, timeout="500ms",
    )  # fmt: skip
    with pytest.raises(SourceError) as caught:
        await source.probe()
    assert SECRET not in repr(caught.value)


async def test_many_lookups_at_once_end_with_the_first_trouble(open_archive: Open) -> None:
    source = open_archive(
        url="s3://bucket/x", endpoint="http://127.0.0.1:1", allow_http=True, access_key="a", secret_key="b",
        timeout="500ms",
    )  # fmt: skip
    keys = [Key("blob", f"{number:064x}") for number in range(20)]
    with pytest.raises(Unreachable, match="no answer"):
        await source.lookup_many(keys)
    assert len(asyncio.all_tasks()) == 1


def test_without_obstore(monkeypatch: pytest.MonkeyPatch, open_archive: Open) -> None:
    """It was there when the config was read, and is not now."""
    monkeypatch.setattr(config, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.setitem(sys.modules, "obstore.exceptions", None)
    monkeypatch.delitem(sys.modules, "reconciled_archive.bucket", raising=False)
    with pytest.raises(Unsupported, match=r"pip install 'reconciled\[archive\]'"):
        open_archive(url="s3://bucket", access_key="a", secret_key="b")
