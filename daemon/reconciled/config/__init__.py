"""The config: one YAML file with what it includes, read, validated and checked all at once.

Everything else of the house takes what stands here; the modules inside are the config's own.
"""

from reconciled.config.diff import Diff, diff
from reconciled.config.load import Loaded, blocked_plugins, load
from reconciled.config.problems import Mark, Problem
from reconciled.config.report import report, report_diff, summary
from reconciled.config.schedule import Schedule
from reconciled.config.schema import (
    DaemonSettings,
    KeepSettings,
    Mode,
    PluginSettings,
    Settings,
    SourceSettings,
)

__all__ = [
    "DaemonSettings",
    "Diff",
    "KeepSettings",
    "Loaded",
    "Mark",
    "Mode",
    "PluginSettings",
    "Problem",
    "Schedule",
    "Settings",
    "SourceSettings",
    "blocked_plugins",
    "diff",
    "load",
    "report",
    "report_diff",
    "summary",
]
