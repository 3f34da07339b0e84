"""`passes:` says when passes run that nothing else sets going."""

from pathlib import Path

import pytest

from reconciled.config import Schedule, load


@pytest.mark.parametrize(
    ("text", "schedule", "problem"),
    [
        ("mode: act", Schedule.parse("24h"), None),
        ('passes: {blob_gc: "30 3 * * *"}', Schedule.parse("30 3 * * *"), None),
        ("passes: {blob_gc: 7d}", Schedule.parse("7d"), None),
        ("passes: {blob_gc: 5s}", None, "passes.blob_gc"),
        ("passes: {blobgc: 1d}", None, "did you mean 'blob_gc'?"),
        ("passes: {scan: 1d}", None, "passes.scan: unknown setting"),
    ],
)
def test_when_passes_run(tmp_path: Path, text: str, schedule: Schedule | None, problem: str | None) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"{text}\n")
    loaded = load(config, {}, environ={})
    if loaded.settings is not None:
        assert (loaded.settings.passes.blob_gc, problem) == (schedule, None)
    else:
        assert problem is not None
        assert any(problem in str(one) for one in loaded.problems)
