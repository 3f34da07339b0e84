"""The plan of a search: what is thought of a large library is in it."""

import pytest

from reconciled.engine.duplicates.search.frozen import Frozen


@pytest.mark.parametrize(("sheets", "thin"), [(0, 0), (49_999, 0), (50_000, 1), (130_000, 2)])
def test_a_large_library_is_searched_by_fewer_features(sheets: int, thin: int) -> None:
    frozen = Frozen(b"", bytes(16 * sheets))
    assert frozen.thin == frozen.plan["thin"] == thin
