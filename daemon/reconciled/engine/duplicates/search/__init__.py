"""The search over all texts: its stages and checkpoints, and the worker processes that do the counting.

`searching` orders the stages, `fetching` brings texts, `workers` holds the processes, which run `labour` and
`labours` (the only module here that loads numpy). `frozen` is the plan of a search and what later papers are
looked up by, `missed` what it could not read.
"""
