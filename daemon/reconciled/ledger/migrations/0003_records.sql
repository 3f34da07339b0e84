-- What other programs register with a source, and the letters that tell them what became of it.

CREATE TABLE record (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  key TEXT NOT NULL,                    -- the program's own id
  title TEXT NOT NULL,
  attrs TEXT NOT NULL DEFAULT '{}',
  said TEXT NOT NULL CHECK (said IN ('synced', 'pending', 'processing', 'failed', 'duplicate')),
  missing_since TEXT,                   -- all that it refers to is gone, since then; what counts before `said`
  last_sync_at TEXT,
  registered_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  changed_seq INTEGER NOT NULL,
  removed_at TEXT,                      -- it is off the shelf; kept for a while to say so
  removed_by TEXT,
  UNIQUE (source_id, key)
) STRICT;
CREATE INDEX record_removed ON record (source_id, removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX record_missing ON record (source_id) WHERE missing_since IS NOT NULL;

CREATE TABLE record_ref (
  record_id INTEGER NOT NULL REFERENCES record ON DELETE CASCADE,
  space TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (record_id, space, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_ref_value ON record_ref (space, value);

CREATE TABLE letter (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  record_id INTEGER NOT NULL REFERENCES record ON DELETE CASCADE,
  name TEXT NOT NULL UNIQUE,            -- the delivery's own, the same for every try
  body BLOB NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped')),
  created_at TEXT NOT NULL,
  created REAL NOT NULL,                -- reckoned
  due REAL NOT NULL,                    -- reckoned
  tries INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX letter_waiting ON letter (record_id) WHERE state = 'waiting';
CREATE INDEX letter_record ON letter (record_id);
