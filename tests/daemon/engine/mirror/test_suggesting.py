"""Which files may be pages of one document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciled.engine.mirror.suggesting import Filed, suggest
from reconciled.model import Key


def filed(name: str, *, day: str = "2024-05-01", fileset: str = "P-1") -> Filed:
    return Filed(fileset, Key("file", f"{fileset}/{day}/{name}"), name, day, Key("document", name))


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (("IMG001.jpg", "IMG002.jpg", "IMG003.jpg"), [("IMG001.jpg", "IMG002.jpg", "IMG003.jpg")]),
        (("IMG001.jpg", "IMG003.jpg"), []),
        (("a1.jpg", "a2.jpg", "a4.jpg", "a5.jpg"), [("a1.jpg", "a2.jpg"), ("a4.jpg", "a5.jpg")]),
        (("IMG001.jpg", "IMG002.pdf"), []),
        (("scan 1.pdf", "Scan 2.pdf"), [("scan 1.pdf", "Scan 2.pdf")]),
        (("letter.pdf", "invoice.pdf"), []),
        (("9.jpg", "10.jpg"), [("9.jpg", "10.jpg")]),
    ],
)  # fmt: skip
def test_by_name(names: tuple[str, ...], groups: list[tuple[str, ...]]) -> None:
    found = suggest(filed(name) for name in reversed(names))
    assert [tuple(file.name for file in one.files) for one in found] == groups


@pytest.mark.parametrize("other", [{"day": "2024-05-02"}, {"fileset": "P-2"}, {"day": ""}])
def test_other_days_and_filesets_are_other_documents(other: dict[str, str]) -> None:
    assert suggest([filed("IMG001.jpg"), filed("IMG002.jpg", **other)]) == []


def test_it_says_why() -> None:
    (one,) = suggest([filed("IMG003.jpg"), filed("IMG004.jpg")])
    assert (one.fileset, one.why) == ("P-1", "IMG, 2024-05-01, 3 to 4")


names = st.builds(
    "{}{}.{}".format, st.sampled_from(["IMG", "a", ""]), st.integers(0, 30), st.sampled_from(["jpg", "pdf"])
)


@given(st.lists(st.builds(filed, names, day=st.sampled_from(["2024-05-01", "2024-05-02", ""])), unique=True))
def test_no_file_stands_in_two_groups_and_the_order_means_nothing(files: list[Filed]) -> None:
    found = suggest(files)
    everyone = [file for one in found for file in one.files]
    assert len(everyone) == len(set(everyone))
    assert all(len(one.files) > 1 for one in found)
    assert suggest(reversed(files)) == found
