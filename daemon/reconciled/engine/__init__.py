"""The engine: a set difference finds suspects, a queue proves them, and every end is remembered.

Pure decisions (identity, verdict, holds, attribution) are functions on values. Transitions
(suspicion, conclude) run inside one ledger transaction. Asking (live, proof, worker, passes) is
the only part that waits for an app, and never does so inside a transaction.
"""
