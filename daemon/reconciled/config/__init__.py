"""The config: one YAML file with what it includes, read, validated and checked all at once.

Everything else of the house takes what stands here; the modules inside are the config's own.
"""

from reconciled.config.channels import AlertSettings, ChannelSettings
from reconciled.config.diff import Diff, Names, diff
from reconciled.config.duplicates import DuplicateSettings, ImageSettings
from reconciled.config.load import Loaded, blocked_plugins, load
from reconciled.config.mirrors import Conflict, Measure, Mirror, Threshold
from reconciled.config.mode import Mode
from reconciled.config.policies import Agree, Copies, Policy, Step, Unless, Verb, When
from reconciled.config.problems import Mark, Problem
from reconciled.config.report import report, report_diff, summary
from reconciled.config.schedule import Schedule
from reconciled.config.schema import (
    DaemonSettings,
    KeepSettings,
    PassSettings,
    PluginSettings,
    Settings,
    SourceSettings,
)

__all__ = [
    "Agree",
    "AlertSettings",
    "ChannelSettings",
    "Conflict",
    "Copies",
    "DaemonSettings",
    "Diff",
    "DuplicateSettings",
    "ImageSettings",
    "KeepSettings",
    "Loaded",
    "Mark",
    "Measure",
    "Mirror",
    "Mode",
    "Names",
    "PassSettings",
    "PluginSettings",
    "Policy",
    "Problem",
    "Schedule",
    "Settings",
    "SourceSettings",
    "Step",
    "Threshold",
    "Unless",
    "Verb",
    "When",
    "blocked_plugins",
    "diff",
    "load",
    "report",
    "report_diff",
    "summary",
]
