"""What each setting of ours means, in a line, for the JSON Schema: editors show it beside the name.

By model and setting; "" is the model itself. The plugins' settings bring their own descriptions.
A test holds this against the models, so that none is missing and none is left over.
"""

from collections.abc import Mapping

from reconciled.duplicates.words import LOOKED_AT

_STEP = "the sources in which what belongs to the thing is"
WORDS: Mapping[str, Mapping[str, str]] = {
    "Top": {"mode": "dry-run only says; ask waits for your yes; act does it once a first batch was approved"},
    "Daemon": {
        "": "How the daemon itself runs.",
        "listen": "address and port; beyond this machine it needs a token",
        "url": "how apps and your phone reach it; links in messages and our webhooks are made of it",
        "token": "what opens the page and the API; without one the daemon makes its own",
        "state": "the folder of the ledger",
        "hosts": "more names by which it may be called, such as a reverse proxy's",
        "log_level": "how much is logged",
    },
    "Plugins": {"": "Plugins of others.", "block": "plugins that are not imported, by name"},
    "Keep": {
        "": "How long history is kept; tombstones always are.",
        "events": "what apps told us",
        "runs": "what ran",
        "actions": "what was done",
    },
    "Passes": {
        "": "When passes run that nothing else sets going.",
        "blob_gc": "when bytes that nobody refers to leave an archive: a duration, or a cron line",
        "duplicates": "when duplicates are looked for: a duration, or a cron line",
    },
    "WrittenDuplicates": {
        "": "How duplicates are looked for. Nothing is done about them without your order.",
        "sources": "where they are looked for; left out, wherever words or pictures are shown; [] is nowhere",
        "keep_text": "whether the words are kept in the ledger, or asked of the app again when needed",
        "workers": "how many processes search at a time",
        "tag": "the label that a dry run puts on duplicates",
        "primary": "what makes a document the one to keep, the first that tells them apart",
        "factors": "how much each factor counts: 0 not at all, 1 as fitted",
        "bands": "from which confidences on a pair is taken for a duplicate, or shown for review",
        "images": "what is made of pictures of pages; no: they are not looked at",
    },
    "WrittenFactors": {
        "": "Weights of the factors; what is left out keeps its usual one.",
        **{str(factor): said for factor, said in LOOKED_AT.items()},
    },
    "WrittenBands": {
        "": "Confidences from 0 to 1.",
        "duplicate": "from here on it is taken for a duplicate",
        "review": "from here on it is shown for review",
    },
    "WrittenImages": {
        "": "Pictures of pages.",
        "hashes": "the hashes that are kept; dct is always made",
        "thumbnails": "how much room thumbnails may take on our disk",
    },
    "Defaults": {
        "": "What holds for every source that does not say it itself.",
        "scan": 'how often everything is read: a duration, or a cron line like "47 */12 * * *"',
        "settle": "how long a loss is left alone before the app is asked about it",
        "max_gone": "a larger loss at once is not believed until you release it",
    },
    "Common": {
        "scan": 'how often everything is read: a duration, or a cron line like "47 */12 * * *"',
        "settle": "how long a loss is left alone before the app is asked about it",
        "max_gone": "a larger loss at once is not believed until you release it",
        "app": "the program, when the source's name is not its own",
        "webhook": "the secret that the app sends with its webhooks",
        "kinds": "what is followed of what the app has; all, if left out",
    },
    "Alerts": {
        "": "What the daemon tells of itself.",
        "to": "the channels; all, if left out",
        "trouble": "a source that gives no usable answer for so long is told",
        "stuck": "what gets no answer for so long is told",
        "disk": "less room than this where the ledger lies is told",
    },
    "Channel": {
        "": "A channel for messages that is more than its address.",
        "url": "any address that Apprise knows",
        "digest": "messages are gathered for so long; 0s sends each at once",
        "rate": "the most messages an hour; what is beyond it goes into one digest",
        "quiet": "a span of the local clock in which only urgent messages go out",
    },
    "WrittenPolicy": {
        "": "A rule from what was found to what is done about it.",
        "when": "the finding that it is about",
        "what": "which end it is about: of the file, or only of the entry",
        "kind": "the kinds of things that it is about",
        "from": "the sources whose losses count",
        "agree": "who else has to say that the thing is gone: all, none, or a list of sources",
        "grace": "how long it waits, counting only time in which we could watch",
        "unless": "what keeps a thing from being acted on",
        "copies": "whether the last copy counts, or each",
        "mode": "a stricter mode than the whole has",
        "max_actions": "more actions than this at once are asked about",
        "cascade": "whether it fires for what our own actions removed",
        "then": "what is done, one after the other",
    },
    "WrittenStep": {
        "": "One step: a verb with whom it is about.",
        "delete": f"{_STEP} deleted",
        "unmonitor": f"{_STEP} no longer looked for",
        "untag": f"{_STEP} relieved of a label",
        "tag": f"{_STEP} labelled",
        "monitor": f"{_STEP} looked for again",
        "restore": f"{_STEP} restored",
        "notify": "the channels that are told",
        "files": "whether the files are deleted too",
        "exclude": "whether the app keeps it from being added again",
        "label": "the label of tag and untag",
        "message": "the text of notify; {title} and others stand for what it is about",
    },
    "WrittenMirror": {
        "": "A mirror: the files of a source are brought to others.",
        "mirror": "the source whose files travel",
        "kind": "the kinds of things whose files travel; all, if left out",
        "to": "the sources that take the files in",
        "types": "the types of files that travel, such as pdf, jpeg or image/*; all, if left out",
        "max_size": "a larger file is left where it is",
        "decode": "whether files that can be read are read whole before they travel; corrupt ones stay",
        "tag": "the label of the copies, where an app has tags",
        "correspondent": "the correspondent of the copies, where an app has such",
        "document_type": "the document type of the copies, where an app has such",
        "transfers": "how many files travel at a time",
        "task_timeout": "how long an app may take to finish with a file that it was given",
        "conflict": "what counts when an original and its copy both changed; needed by two that go both ways",
        "mode": "a stricter mode than the whole has",
        "thresholds": "from when on a run is worth a warning, and from when on it is critical",
    },
    "WrittenThresholds": {
        "": "Measures of a mirror's runs; what is left out keeps its usual values.",
        "sync_duration": "how long a run takes",
        "error_rate": "the share of the files of a run that failed",
        "consecutive_failures": "how many runs failed, one after the other",
    },
    "WrittenDurations": {
        "": "From which durations on.",
        "warning": "from here on it is worth a warning",
        "critical": "from here on it is critical",
    },
    "WrittenShares": {
        "": "From which shares on.",
        "warning": "from here on it is worth a warning",
        "critical": "from here on it is critical",
    },
    "WrittenCounts": {
        "": "From which numbers on.",
        "warning": "from here on it is worth a warning",
        "critical": "from here on it is critical",
    },
    "WrittenUnless": {
        "": "A thing that is like any of these is left alone, whichever source says so.",
        "tag": "it has one of these labels",
        "path": "its path is like one of these patterns",
        "title": "its title is like one of these patterns",
        "younger_than": "it was added within this time",
    },
}
