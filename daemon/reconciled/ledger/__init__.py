"""The ledger: the SQLite file that holds all that is known, and the only SQL in the house."""
