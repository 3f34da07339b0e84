"""Who answers, the state of its folders, and what the doctor is told of it."""

from typing import Any

import pytest

from reconciled.errors import BadResponse, Unauthorized, Unreachable
from reconciled.model import Root
from reconciled.source import Examines, Provisions, Weight
from reconciled.testing.fakes.shoko import FakeShoko
from reconciled.testing.fakes.shoko_model import User
from reconciled.testing.faults import Fault
from reconciled_shoko import Shoko

WELL = Root("/anime", accessible=True, empty=False, device="/anime")


async def test_who_it_is(fake: FakeShoko, shoko: Shoko) -> None:
    about = await shoko.probe()
    assert (about.app, about.version) == ("Shoko", f"{fake.version}.0")
    assert (about.account, about.sees_everything, about.roots) == ("reconciled", True, (WELL,))


async def test_a_disk_that_is_away(fake: FakeShoko, shoko: Shoko) -> None:
    fake.unmount()
    assert (await shoko.probe()).roots == (Root("/anime", accessible=True, empty=True, device="/"),)
    fake.unmount(how="missing")
    assert (await shoko.probe()).roots == (Root("/anime", accessible=False, device="/"),)
    fake.mount()
    assert (await shoko.probe()).roots == (WELL,)


async def test_a_folder_that_cannot_be_read(fake: FakeShoko, shoko: Shoko) -> None:
    fake.faults.set(Fault.ERROR, "/api/v3/Folder[?]*")
    assert not (await shoko.probe()).roots[0].usable
    fake.faults.clear()
    fake.faults.set(Fault.NOT_FOUND, "/api/v3/Folder[?]*")
    with pytest.raises(BadResponse):
        await shoko.probe()


async def test_a_folder_with_files_alone_is_not_empty(fake: FakeShoko, shoko: Shoko) -> None:
    """Shoko lists folders in a folder, not files."""
    fake.put_folder("Flat", "/srv/flat")
    loose = fake.put_file(folder=2)
    loose.locations[0].path = "loose.mkv"
    assert (await shoko.probe()).roots[1] == Root(
        "/srv/flat", accessible=True, empty=False, device="/srv/flat"
    )


async def test_a_series_lies_below_all_folders(fake: FakeShoko, shoko: Shoko, walked: Any) -> None:
    fake.put_folder("Films", "/films")
    fake.put_folder("Drop", "/drop", drop="Source")
    fake.put_file(folder=2)
    every = "/anime + /drop + /films"

    async def whole() -> Root:
        (found,) = (root for root in (await shoko.probe()).roots if root.path == every)
        return found

    assert await whole() == Root(every, accessible=True, empty=False, device=every)
    assert {item.root for item in await walked(shoko, "series", "season")} == {every}
    fake.unmount(2)
    await fake.remove_missing_files()  # the database counts nothing there any more
    assert await whole() == Root(every, accessible=True, empty=True, device="/anime + /drop + /")
    fake.unmount(2, "missing")
    assert (await whole()).accessible is False
    fake.mount(2)
    assert (await whole()).usable is False  # it held files and is empty


async def test_a_folder_that_never_held_a_file_may_be_empty(fake: FakeShoko, shoko: Shoko) -> None:
    fake.put_folder("New", "/new")
    roots = {root.path: root for root in (await shoko.probe()).roots}
    assert roots["/new"].empty is True
    assert roots["/anime + /new"].empty is False


async def test_no_administrator(fake: FakeShoko, shoko: Shoko) -> None:
    """6.0 tells of mount points to administrators only; then some files stand for their folder."""
    fake.user.admin = False
    expected = Root("/anime", accessible=True) if fake.modern else WELL
    assert (await shoko.probe()).roots == (expected,)
    fake.unmount()
    (root,) = (await shoko.probe()).roots
    assert root.accessible is not True or root.empty


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAUTHORIZED, Unauthorized),
        (Fault.STARTING, Unreachable),
        (Fault.OTHER_APP, BadResponse),
        (Fault.HTML, BadResponse),
    ],
)
async def test_trouble(shoko: Shoko, fake: FakeShoko, fault: Fault, error: type[Exception]) -> None:
    fake.faults.set(fault)
    with pytest.raises(error):
        await shoko.probe()


async def test_another_key(fake: FakeShoko, make: Any) -> None:
    with pytest.raises(Unauthorized):
        await make(Shoko, fake.url, "another key").probe()


async def test_all_is_well(fake: FakeShoko, shoko: Shoko) -> None:
    assert isinstance(shoko, Examines)
    assert not isinstance(shoko, Provisions)
    found = await shoko.examine(None)
    assert [matter.weight for matter in found][:2] == [Weight.GOOD, Weight.GOOD]
    assert ["issue 1384" in matter.said for matter in found[2:]] == ([] if fake.modern else [True])


async def test_what_is_missing(fake: FakeShoko, shoko: Shoko) -> None:
    fake.user = User("guest", admin=False, restricted=(7,))
    fake.unmount()
    fake.hub.refusing = 404
    found = {matter.weight: matter.said for matter in reversed(await shoko.examine(None))}
    assert found[Weight.WRONG].startswith("the user guest does not see series with 1 restricted tags; ")
    wrong = [matter.said for matter in await shoko.examine(None) if matter.weight is Weight.WRONG]
    assert len(wrong) == 3
    assert "/anime" in wrong[1]
    assert wrong[2].startswith("its events cannot be listened to: ")
    assert "guest is no administrator" in found[Weight.ADVICE]


async def test_signalr_off(fake: FakeShoko, shoko: Shoko, make: Any) -> None:
    fake.set_signalr(False)
    last = (await shoko.examine(None))[-1]
    assert last.weight is Weight.WRONG
    assert ("switched off" in last.said) == fake.modern
    quiet = make(Shoko, fake.url, fake.api_key, stream=False)
    assert "stream: false" in (await quiet.examine(None))[-1].said
