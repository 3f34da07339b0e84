-- Files that travel: which item is whose copy, and how far each mirror is.

-- One row is one original and one target: what the target holds of it, or why not (yet). It is also the
-- journal of the upload: `sent` is committed before the call, `receipt` after it.
CREATE TABLE copy (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  mirror TEXT NOT NULL,                 -- the policy that wanted it first
  item_id INTEGER NOT NULL,             -- the original's row; the copy outlives it
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  title TEXT NOT NULL,
  fileset TEXT NOT NULL,
  target TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN
    ('pending', 'processing', 'synced', 'duplicate', 'failed', 'missing', 'refused', 'removed')),
  how TEXT CHECK (how IN ('made', 'found')),   -- made: by our upload, of which `receipt` is the proof
  print BLOB,                           -- the original as it was when it was last looked at
  version TEXT NOT NULL DEFAULT '',     -- the version of its bytes that the copy is of
  etag TEXT,
  sha256 TEXT,
  size INTEGER,
  mime_type TEXT,
  held_sha256 TEXT,                     -- the bytes that the target showed when it last took ours
  target_kind TEXT,
  target_key TEXT,
  target_item INTEGER,                  -- the ledger's row of the copy
  sent REAL,                            -- reckoned: an upload began then, and nobody knows its end yet
  sent_at TEXT,
  receipt TEXT,
  twin INTEGER,                         -- the copy of the same bytes that is under way; this one waits for it
  tries INTEGER NOT NULL DEFAULT 0,
  next_try REAL NOT NULL DEFAULT 0,     -- reckoned; while it is processed: when to ask again
  reason TEXT NOT NULL DEFAULT '',      -- why it stands where it stands, for people
  code TEXT NOT NULL DEFAULT '',        -- the same for programs, where it matters
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  UNIQUE (item_id, target)
) STRICT;
CREATE INDEX copy_target ON copy (target, target_kind, target_key);
CREATE INDEX copy_target_item ON copy (target_item) WHERE target_item IS NOT NULL;
CREATE INDEX copy_bytes ON copy (target, sha256);
CREATE INDEX copy_unfinished ON copy (target, status, next_try) WHERE status IN ('pending', 'processing', 'failed');
CREATE INDEX copy_mirror ON copy (mirror, status);
CREATE INDEX copy_twin ON copy (twin) WHERE twin IS NOT NULL;

-- How far a mirror is. `checkpoint` names the fileset after which its next run goes on.
CREATE TABLE mirror (
  name TEXT PRIMARY KEY,
  words TEXT NOT NULL,                  -- a print of what it says: a checkpoint is good for these words only
  checkpoint TEXT,
  failures INTEGER NOT NULL DEFAULT 0,  -- runs that failed, one after the other
  last_complete INTEGER                 -- the run
) STRICT;

-- What is being taken out of a target outside the outbox; no new copy is tied to it meanwhile.
CREATE TABLE leaving (
  target TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  since REAL NOT NULL,                  -- reckoned
  PRIMARY KEY (target, kind, key)
) STRICT, WITHOUT ROWID;

-- What an upload of ours put, or was about to put, into an archive: only this is ever collected there.
CREATE TABLE stored (
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  key TEXT NOT NULL,
  PRIMARY KEY (source_id, key)
) STRICT, WITHOUT ROWID;

-- A run of a mirror names its policy. `resume` is where the next one goes on.
ALTER TABLE run ADD COLUMN policy TEXT;
ALTER TABLE run ADD COLUMN resume TEXT;
CREATE INDEX run_policy ON run (policy, id) WHERE policy IS NOT NULL;
