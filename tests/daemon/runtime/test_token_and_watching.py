"""The daemon's own token is whole or made anew; edits are seen through links."""

from pathlib import Path

import pytest

from reconciled.runtime.token import own_token
from reconciled.runtime.watching import folders_of, print_of


@pytest.mark.parametrize("found", ["", "short", "\n\n"])
def test_a_token_that_was_cut_off_is_made_anew(tmp_path: Path, found: str) -> None:
    (tmp_path / "token").write_text(found)
    token = own_token(tmp_path)
    assert len(token) >= 32
    assert own_token(tmp_path) == token
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


def test_a_token_that_is_no_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "token").mkdir()
    with pytest.raises(OSError, match="token"):
        own_token(tmp_path)


def test_the_folders_of_a_linked_file_are_those_of_every_link(tmp_path: Path) -> None:
    for name in ("etc", "dotfiles", "store/one"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "store/one/config.yaml").write_text("a: 1")
    (tmp_path / "dotfiles/config.yaml").symlink_to("../store/current/config.yaml")
    (tmp_path / "store/current").symlink_to("one")
    link = tmp_path / "etc/config.yaml"
    link.symlink_to(tmp_path / "dotfiles/config.yaml")
    folders = folders_of([link])
    assert {tmp_path / "etc", tmp_path / "dotfiles", tmp_path / "store/one"} <= folders
    assert any((tmp_path / "store").samefile(folder) for folder in folders)


def test_a_file_is_another_one_after_any_way_of_changing_it(tmp_path: Path) -> None:
    file, link = tmp_path / "a.yaml", tmp_path / "link.yaml"
    file.write_text("a: 1")
    link.symlink_to(file)
    seen = [print_of([link])]
    file.write_text("a: 22")
    seen.append(print_of([link]))
    (tmp_path / "b.yaml").write_text("a: 22")
    (tmp_path / "b.yaml").replace(file)
    seen.append(print_of([link]))
    file.unlink()
    seen.append(print_of([link]))
    assert len({str(one) for one in seen}) == 4
    assert print_of([link]) == print_of([link])
