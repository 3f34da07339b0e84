-- Who did it: what apps remember of a loss, asked once it is proved, and when each thing really happened.

-- `deed` is what the evidence says that was done, in a word; `moment` is the app's own time of it where that
-- can be believed; `place` orders what happened: twice the sequence number, or one less than twice that of
-- the first thing that we heard of later than the moment.
CREATE TABLE evidence_6 (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('event', 'scan', 'lookup', 'action', 'history', 'trash')),
  said TEXT NOT NULL,
  cause TEXT,
  actor TEXT,
  occurred TEXT,
  tombstone_id INTEGER REFERENCES tombstone,
  deed TEXT,
  moment TEXT,
  place INTEGER NOT NULL
) STRICT;
INSERT INTO evidence_6 SELECT id, seq, at, source, kind, key, how, said, cause, actor, occurred, tombstone_id, NULL, NULL, 2 * seq
  FROM evidence;
DROP TABLE evidence;
ALTER TABLE evidence_6 RENAME TO evidence;
CREATE INDEX evidence_waiting ON evidence (source, kind, key) WHERE tombstone_id IS NULL;
CREATE INDEX evidence_tombstone ON evidence (tombstone_id);
CREATE INDEX evidence_at ON evidence (at, seq);

-- When the last complete scan that still listed it began: the loss came later.
ALTER TABLE tombstone ADD COLUMN last_seen TEXT;

CREATE INDEX tombstone_ref_of ON tombstone_ref (tombstone_id);

-- Which source is still to be asked what it remembers of which loss, and how that went.
CREATE TABLE recall (
  id INTEGER PRIMARY KEY,
  tombstone_id INTEGER NOT NULL REFERENCES tombstone,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,                    -- the item that it is asked about: the lost one, or its own of the thing
  since TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'answered', 'given up')),
  tries INTEGER NOT NULL DEFAULT 0,
  due REAL NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  UNIQUE (tombstone_id, source, kind, key)
) STRICT;
CREATE INDEX recall_waiting ON recall (source, due) WHERE state = 'waiting';

-- Up to which tombstone a source was considered.
CREATE TABLE recall_mark (
  source TEXT PRIMARY KEY,
  tombstone_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
