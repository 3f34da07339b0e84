"""The daemon's face: webhooks, API, pages, metrics. No SQL and no decisions stand here.

Reads go through the ledger's views, changes through the engine. What may ask for what is settled
in two middlewares before any handler runs: `guard` (which world a request comes from) and `auth`
(who asks).
"""
