"""Duplicates: reading texts, searching them, grouping what was found, what people say of groups, acting.

`search` is the hunt over all texts, `pages` what pages look like; each knows its processes. Only what
searches, or hashes pages, needs the extra `duplicates`, and is loaded when a pass runs. Groups and answers
need nothing but the ledger. Nothing here acts in any app by itself: a person orders, the outbox does.
"""
