-- The ledger's first shape. Times are RFC 3339 UTC text for people; order is the sequence number's
-- business; due times are "reckoned" unix seconds. Booleans are 0, 1 or NULL (not known).

CREATE TABLE sequence (n INTEGER NOT NULL) STRICT;
INSERT INTO sequence VALUES (0);

CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  app TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'frozen')),
  scope TEXT NOT NULL DEFAULT '{}',
  instance TEXT,
  account TEXT,
  sees_everything INTEGER,
  -- the next complete scan is a baseline: after a change of instance or scope, or when added again
  baseline INTEGER NOT NULL DEFAULT 0,
  -- what answers there seems to be another world; nothing it says is believed until it is released
  foreign_world INTEGER NOT NULL DEFAULT 0,
  scanned INTEGER NOT NULL DEFAULT 0,   -- the sequence number at which the last complete scan began
  good INTEGER NOT NULL DEFAULT 0,      -- the same of the last one that showed a control and made no hold
  last_scan TEXT,                       -- when the last scan was started, for the schedule
  watched REAL NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE root (
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  path TEXT NOT NULL,
  accessible INTEGER, empty INTEGER, device TEXT, size INTEGER,   -- as last probed
  listed INTEGER NOT NULL DEFAULT 1,                              -- whether the last probe named it
  base_device TEXT, base_size INTEGER,                            -- as last believed
  odd_since REAL,                                                 -- since when (reckoned) it is another one
  PRIMARY KEY (source_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE item (
  id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice: tombstones name it
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  current INTEGER NOT NULL DEFAULT 1,   -- 0: its key names another thing now
  title TEXT NOT NULL,
  has_file INTEGER,
  path TEXT,
  root TEXT,
  parent TEXT,                          -- "kind id" of the parent in the same source
  refers INTEGER NOT NULL DEFAULT 0,
  attrs TEXT NOT NULL DEFAULT '{}',
  print BLOB NOT NULL,                  -- a hash of all that the source says of it
  presence TEXT NOT NULL CHECK (presence IN ('present', 'unlisted', 'gone', 'frozen')),
  first_seq INTEGER NOT NULL,
  first_at TEXT NOT NULL,
  confirmed INTEGER NOT NULL,           -- the last sequence number at which it was seen, apart from scans
  changed_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX item_key ON item (source_id, kind, key) WHERE current = 1;
CREATE INDEX item_of_key ON item (source_id, kind, key);
CREATE INDEX item_newest ON item (source_id, kind, first_seq);
CREATE INDEX item_presence ON item (presence, source_id, kind) WHERE presence <> 'present';
CREATE INDEX item_root ON item (source_id, kind, root);

CREATE TABLE ref (
  item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  space TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (item_id, space, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX ref_value ON ref (space, value);

CREATE TABLE timeline (
  id INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  what TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX timeline_item ON timeline (item_id);

-- What an app told us. Committed before it is acknowledged.
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  received_at TEXT NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'unparseable')),
  error TEXT,
  events INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX inbox_new ON inbox (id) WHERE state = 'new';

-- One row is one key to look at, however many events named it.
CREATE TABLE work (
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  due REAL NOT NULL,
  settled REAL NOT NULL DEFAULT 0,      -- not looked at as a suspect before this time
  version INTEGER NOT NULL DEFAULT 1,   -- rises when something new came for the key
  tries INTEGER NOT NULL DEFAULT 0,
  by_event INTEGER NOT NULL DEFAULT 0,
  event TEXT,                           -- what the last event said, for keys that the ledger does not know
  why TEXT NOT NULL DEFAULT '',
  stuck INTEGER NOT NULL DEFAULT 0,     -- crashes of ours while it was in hand
  in_hand INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (source_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_due ON work (source_id, due);

CREATE TABLE hold (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  kind TEXT NOT NULL,
  root TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('many', 'newest', 'root', 'instance', 'account', 'no_yes')),
  sentence TEXT NOT NULL,
  opened_seq INTEGER NOT NULL,
  opened_at TEXT NOT NULL,
  closed_at TEXT
) STRICT;
CREATE UNIQUE INDEX hold_open ON hold (source_id, kind, root) WHERE closed_at IS NULL;

CREATE TABLE hold_item (
  hold_id INTEGER NOT NULL REFERENCES hold ON DELETE CASCADE,
  item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  joined_seq INTEGER NOT NULL,
  left_at TEXT,
  how TEXT,
  PRIMARY KEY (hold_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_item_item ON hold_item (item_id);

CREATE TABLE suspect (
  item_id INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
  what TEXT NOT NULL CHECK (what IN ('file', 'entry')),
  since_seq INTEGER NOT NULL,
  since_at TEXT NOT NULL,
  noticed_by TEXT NOT NULL CHECK (noticed_by IN ('scan', 'event', 'lookup', 'reused')),
  run_id INTEGER,
  own_act INTEGER NOT NULL DEFAULT 0,   -- the app itself says that it deleted it
  released INTEGER NOT NULL DEFAULT 0,  -- 1: by a person; 2: by a person, and no yes is needed
  no_yes_since REAL,
  hold_id INTEGER REFERENCES hold
) STRICT;
CREATE INDEX suspect_unreleased ON suspect (item_id) WHERE released = 0;
CREATE INDEX suspect_hold ON suspect (hold_id) WHERE hold_id IS NOT NULL;

CREATE TABLE story (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  opened_at TEXT NOT NULL,
  title TEXT NOT NULL
) STRICT;

CREATE TABLE tombstone (
  id INTEGER PRIMARY KEY,
  story_id INTEGER NOT NULL REFERENCES story,
  item_id INTEGER,                      -- the ledger's row, while it is still kept
  source TEXT NOT NULL,
  app TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  root TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('file', 'entry')),
  seq INTEGER NOT NULL,
  seen_first TEXT,
  noticed TEXT NOT NULL,
  confirmed TEXT NOT NULL,
  counted INTEGER NOT NULL,             -- whether it counts towards a hold
  image TEXT NOT NULL                   -- the item as it last was, with refs and links
) STRICT;
CREATE INDEX tombstone_story ON tombstone (story_id);
CREATE INDEX tombstone_key ON tombstone (source, kind, key);
CREATE INDEX tombstone_counted ON tombstone (source, kind, root, seq);
CREATE TRIGGER tombstone_never_changes BEFORE UPDATE ON tombstone
BEGIN SELECT RAISE(ABORT, 'the facts of a tombstone never change'); END;
CREATE TRIGGER tombstone_never_leaves BEFORE DELETE ON tombstone
BEGIN SELECT RAISE(ABORT, 'a tombstone stays'); END;

CREATE TABLE tombstone_ref (
  tombstone_id INTEGER NOT NULL REFERENCES tombstone,
  space TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (space, value, tombstone_id)
) STRICT, WITHOUT ROWID;

-- The thing came back: under its own key, or under a new one.
CREATE TABLE revival (
  tombstone_id INTEGER PRIMARY KEY REFERENCES tombstone,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  key TEXT NOT NULL
) STRICT;

-- What speaks for a loss. Waits without a tombstone until the loss is proved.
CREATE TABLE evidence (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('event', 'scan', 'lookup')),
  said TEXT NOT NULL,
  cause TEXT,                           -- the app or person that it names
  actor TEXT,
  occurred TEXT,
  tombstone_id INTEGER REFERENCES tombstone
) STRICT;
CREATE INDEX evidence_waiting ON evidence (source, kind, key) WHERE tombstone_id IS NULL;
CREATE INDEX evidence_tombstone ON evidence (tombstone_id);

CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  what TEXT,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  item_id INTEGER REFERENCES item ON DELETE SET NULL,
  tombstone_id INTEGER REFERENCES tombstone,
  title TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  opened_seq INTEGER NOT NULL,
  opened_at TEXT NOT NULL,
  resolved_at TEXT,
  resolution TEXT
) STRICT;
CREATE INDEX finding_open ON finding (code) WHERE resolved_at IS NULL;
CREATE INDEX finding_item ON finding (item_id);

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  pass TEXT NOT NULL,
  source TEXT,
  state TEXT NOT NULL CHECK (state IN ('running', 'complete', 'failed', 'cancelled')),
  asked_by TEXT NOT NULL,
  seq INTEGER NOT NULL,
  started TEXT NOT NULL,
  finished TEXT,
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER,
  stats TEXT NOT NULL DEFAULT '{}',
  error TEXT
) STRICT;
CREATE INDEX run_source ON run (source, pass, id);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  token TEXT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  what TEXT NOT NULL,
  status INTEGER NOT NULL
) STRICT;

CREATE TABLE store (
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (source_id, name)
) STRICT, WITHOUT ROWID;
