"""The settings: what is refused where it is written, other names, and what doctor is told."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from reconciled.errors import BadResponse
from reconciled.model import Absent, Key
from reconciled.source import Hook, Weight
from reconciled.testing.fakes.vsrx import FakeVsrx
from reconciled_vsrx import Vsrx, VsrxConfig
from reconciled_vsrx.mapping import Mapping as Map
from reconciled_vsrx.mapping import renamed

GOOD = {"url": "https://vsrx.example", "token": "t" * 32}

WRONG: list[tuple[Mapping[str, Any], str]] = [
    ({"paths": {"filesets": "filesets"}}, "no path below the url"),
    ({"paths": {"filesets": "/patients?all=1"}}, "parameters are added by us"),
    ({"paths": {"filesets": "/a/../b"}}, "no path below the url"),
    ({"paths": {"filesets": "/a//b"}}, "no path below the url"),
    ({"paths": {"filesets": "/patients/{patientId}"}}, "without any"),
    ({"paths": {"files": "/patients/files"}}, "{patientId} in it once"),
    ({"paths": {"files": "/patients/{id}/files"}}, "{patientId} in it once"),
    ({"paths": {"file": "/files/{id}/{id}"}}, "{id} in it once"),
    ({"paths": {"folder": "/f"}}, "Extra inputs"),
    ({"fields": {"id": ""}}, "no name of a field"),
    ({"fields": {"id": "patientId"}}, "cannot both be called 'patientId'"),
    ({"fields": {"patient": "x"}}, "Extra inputs"),
    ({"header": "X Key"}, "no name of a header"),
    ({"header": "Host"}, "a meaning of its own"),
    ({"mark": "X-Vérsion"}, "no name of a header"),
    *(({"mark": one}, "every server sends it") for one in ("Server", "date", "Via", "X-Powered-By", "ETag")),
    ({"scheme": "Bearer\n"}, "no header has"),
]


@pytest.mark.parametrize(("said", "why"), WRONG, ids=str)
def test_a_mapping_that_cannot_be_meant(said: Mapping[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as caught:
        VsrxConfig.model_validate({**GOOD, "map": said})
    assert why in str(caught.value)
    assert "t" * 32 not in str(caught.value)


@pytest.mark.parametrize(
    "said", [{"url": "https://u:p@vsrx.example"}, {"poll": "10ms"}, {"poll": "often"}, {"token": ""}], ids=str
)
def test_other_settings_that_cannot_be_meant(said: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VsrxConfig.model_validate({**GOOD, **said})


def test_poll_may_be_off() -> None:
    assert [VsrxConfig.model_validate({**GOOD, "poll": one}).poll for one in (False, "off", "2m")] == [
        None,
        None,
        120.0,
    ]


def test_renaming_takes_only_what_is_meant() -> None:
    ours = Map.model_validate({"fields": {"id": "no", "patientId": "pat.id"}}).fields.ours
    site = {"items": [{"no": "1", "id": "other", "pat.id": "P", "extra": {"no": 2}}]}
    assert renamed(site, ours) == {"items": [{"id": "1", "patientId": "P", "extra": {"id": 2}}]}
    assert Map().fields.ours == {}


NAMES = {"items": "rows", "id": "fileNo", "patientId": "patNo", "deleted": "isDeleted", "total": "count"}
PATHS = {"filesets": "/v1/pat", "files": "/v1/pat/{patientId}/f", "file": "/v1/f/{id}"}


def other_names(value: Any) -> Any:
    match value:
        case dict():
            return {NAMES.get(name, name): other_names(inner) for name, inner in value.items()}
        case list():
            return [other_names(inner) for inner in value]
    return value


class OddVsrx(FakeVsrx):
    """A bridge whose site chose all names itself."""

    def routes(self) -> list[web.RouteDef]:
        def speaking(handler: Any) -> Any:
            async def answer(request: web.Request) -> web.Response:
                import msgspec

                plain = await handler(request)
                body = msgspec.json.encode(other_names(msgspec.json.decode(plain.body)))
                return web.Response(
                    status=plain.status, body=body, headers={"Content-Type": plain.headers["Content-Type"]}
                )

            return answer

        self.etags = False
        return [
            web.get("/v1/pat", speaking(self._filesets)),
            web.get("/v1/pat/{patient}/f", speaking(self._files)),
            web.get("/v1/f/{id}", speaking(self._file)),
        ]

    def app_headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        return {"X-Praxis": "3"}

    def admit(self, request: web.Request) -> web.Response | None:
        good = request.headers.get("X-Praxis-Key") == self.api_key
        return None if good else web.Response(status=401)


async def test_a_site_with_other_names_needs_no_code(open_vsrx: Callable[..., Vsrx], walked: Any) -> None:
    said = {"paths": PATHS, "fields": NAMES, "header": "X-Praxis-Key", "scheme": "", "mark": "X-Praxis"}
    async with OddVsrx() as odd:
        odd.put_patient("P-1", files=3)
        odd.flag("F-2")
        source = open_vsrx(url=odd.url, map=said)
        assert (await source.probe()).version == "3"
        assert sorted(item.key.id for item in await walked(source)) == ["F-1", "F-3", "P-1"]
        for gone in ("F-2", "F-9"):
            assert isinstance(await source.lookup(Key("file", gone)), Absent)
        with pytest.raises(BadResponse, match="by our names"):
            await open_vsrx(url=odd.url, map={**said, "fields": {**NAMES, "total": "sum"}}).probe()


# doctor


async def _said(source: Vsrx, hook: Hook | None = None) -> dict[Weight, list[str]]:
    found: dict[Weight, list[str]] = {weight: [] for weight in Weight}
    for one in await source.examine(hook):
        found[one.weight].append(one.said)
        assert one.weight is Weight.GOOD or one.remedy
    return found


async def test_a_good_bridge(vsrx: Vsrx) -> None:
    said = await _said(vsrx, Hook("http://box.lan:8787/webhooks/vsrx"))
    assert said[Weight.WRONG] == said[Weight.ADVICE] == []
    assert said[Weight.GOOD][0] == "VSRX 7.4.1 answers, with 3 filesets"


async def test_a_bridge_that_could_do_better(open_vsrx: Callable[..., Vsrx], fake: FakeVsrx) -> None:
    fake.etags = False
    fake.instance = ""
    said = await _said(open_vsrx(webhook=None, poll="off"))
    assert said[Weight.WRONG] == []
    assert len(said[Weight.ADVICE]) == 4
    assert any("daemon has no address" in one for one in (await _said(open_vsrx()))[Weight.ADVICE])


async def test_a_bridge_that_denies_nothing_in_its_own_words(
    open_vsrx: Callable[..., Vsrx], fake: FakeVsrx
) -> None:
    said = await _said(open_vsrx(map={"paths": {"file": "/nothing/{id}"}}))
    assert len(said[Weight.WRONG]) == 1
    assert "not denied in its own words" in said[Weight.WRONG][0]
