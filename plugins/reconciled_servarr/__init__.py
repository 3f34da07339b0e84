"""What Sonarr, Radarr and their kin share; an app of the family costs a few lines on top.

A subclass of `Servarr` names the app, its resource and its words, and says how a record of the
app becomes an item. Requests, the app's mark, absence, roots, labels, webhooks and all that
changes a record are here once.
"""

from reconciled_servarr.config import ServarrConfig
from reconciled_servarr.payloads import FileRecord, Record
from reconciled_servarr.source import Servarr
from reconciled_servarr.webhooks import Words

__all__ = ["FileRecord", "Record", "Servarr", "ServarrConfig", "Words"]
