-- The second half: what policies want, where it waits, who answered, and what people were told.

-- rises when what stands behind the name is another installation, or the source is back: what policies
-- were trusted with holds for one generation
ALTER TABLE source ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN paused_by TEXT;      -- who paused it; NULL: it runs
ALTER TABLE source ADD COLUMN troubled_since TEXT; -- for the alert; NULL: it is well

ALTER TABLE finding ADD COLUMN losing TEXT;        -- the source that lost the thing
ALTER TABLE finding ADD COLUMN watched REAL NOT NULL DEFAULT 0;  -- that source's counter when it opened
ALTER TABLE finding ADD COLUMN image TEXT;         -- the item as it last was, packed; NULL: its tombstone has it
ALTER TABLE finding ADD COLUMN ignored_by TEXT;
ALTER TABLE finding ADD COLUMN snoozed_until REAL; -- reckoned
UPDATE finding SET losing = source;

-- since when the item stands under its key: what replaced another one came later than its row
ALTER TABLE item ADD COLUMN key_seq INTEGER NOT NULL DEFAULT 0;

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- A policy as it was first seen with these words; `trusted` is a print of all that its approval was for.
CREATE TABLE policy (
  name TEXT PRIMARY KEY,
  since_seq INTEGER NOT NULL,
  words TEXT NOT NULL,
  trusted TEXT
) STRICT;

CREATE TABLE decision (
  id INTEGER PRIMARY KEY,
  policy TEXT NOT NULL,
  why TEXT NOT NULL CHECK (why IN ('first', 'many', 'ask')),
  sentence TEXT NOT NULL,
  opened_seq INTEGER NOT NULL,
  opened_at TEXT NOT NULL,
  closed_at TEXT,
  answer TEXT CHECK (answer IN ('approved', 'rejected', 'emptied')),
  answered_by TEXT
) STRICT;
CREATE UNIQUE INDEX decision_open ON decision (policy) WHERE closed_at IS NULL;

CREATE TABLE action (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  policy TEXT,                          -- NULL: by hand
  asked_by TEXT,                        -- by hand: the token's name
  order_id INTEGER,                     -- by hand: the first action of the same order
  finding_id INTEGER REFERENCES finding ON DELETE SET NULL,
  story_id INTEGER,
  verb TEXT NOT NULL CHECK (verb IN ('delete', 'unmonitor', 'untag', 'tag', 'monitor', 'restore', 'notify')),
  target TEXT NOT NULL,                 -- a source's name, or a channel's
  item_id INTEGER,                      -- the ledger's row of what it acts on; tombstones may outlive it
  kind TEXT NOT NULL DEFAULT '',
  key TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL,
  label TEXT NOT NULL DEFAULT '',
  files INTEGER NOT NULL DEFAULT 0,
  exclude INTEGER NOT NULL DEFAULT 0,
  since TEXT NOT NULL,                  -- why it is wanted, as the end of "… since"
  state TEXT NOT NULL CHECK (state IN
    ('planned', 'waiting', 'sending', 'done', 'failed', 'refused', 'rejected', 'dropped', 'expired', 'undone')),
  reason TEXT NOT NULL DEFAULT '',      -- why it stands where it stands, for people
  code TEXT NOT NULL DEFAULT '',        -- the same for programs, where it matters
  created_seq INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  expires REAL,                         -- reckoned; set while an agreement is waited for
  refs TEXT NOT NULL DEFAULT '',        -- by hand: the refs that the item had when it was ordered
  grace REAL NOT NULL DEFAULT 0,        -- seconds of watched time
  due REAL,                             -- reckoned: when the grace is over, as far as can be told
  would_at TEXT,                        -- in dry-run: when it would have been sent
  decision_id INTEGER REFERENCES decision ON DELETE SET NULL,
  joined_seq INTEGER,
  approved_by TEXT,
  approved_for TEXT,                    -- a print of all that the approval was for
  sent REAL,                            -- reckoned
  sent_seq INTEGER,
  sent_at TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  next_try REAL,                        -- reckoned
  before TEXT,                          -- what the app held of it before, as JSON
  undo_of INTEGER
) STRICT;
CREATE UNIQUE INDEX action_live ON action
  (ifnull(policy, ''), verb, target, ifnull(item_id, -ifnull(story_id, 0)), label)
  WHERE state IN ('planned', 'waiting', 'sending');
CREATE INDEX action_open ON action (state) WHERE state IN ('planned', 'waiting', 'sending');
CREATE INDEX action_finding ON action (finding_id);
CREATE INDEX action_item ON action (item_id);
CREATE INDEX action_decision ON action (decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX action_ended ON action (policy, sent_at) WHERE state IN ('done', 'undone');

-- What somebody said of two items.
CREATE TABLE link (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('same', 'apart')),
  a INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  b INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  said_by TEXT NOT NULL,
  said_at TEXT NOT NULL,
  UNIQUE (a, b)
) STRICT;
CREATE INDEX link_b ON link (b);

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  about TEXT NOT NULL,                  -- the same about within a day is said once
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  link TEXT,                            -- a path of our page
  urgent INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'sent', 'failed')),
  created_at TEXT NOT NULL,
  created REAL NOT NULL,                -- reckoned
  due REAL NOT NULL,                    -- reckoned
  tries INTEGER NOT NULL DEFAULT 0,
  sent_at TEXT,
  sent REAL,
  error TEXT,
  action_id INTEGER
) STRICT;
CREATE INDEX message_new ON message (channel, due) WHERE state = 'new';
CREATE INDEX message_about ON message (channel, about, created);

-- Our own acts speak for a loss, too.
CREATE TABLE evidence_2 (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('event', 'scan', 'lookup', 'action')),
  said TEXT NOT NULL,
  cause TEXT,
  actor TEXT,
  occurred TEXT,
  tombstone_id INTEGER REFERENCES tombstone
) STRICT;
INSERT INTO evidence_2 SELECT id, seq, at, source, kind, key, how, said, cause, actor, occurred, tombstone_id FROM evidence;
DROP TABLE evidence;
ALTER TABLE evidence_2 RENAME TO evidence;
CREATE INDEX evidence_waiting ON evidence (source, kind, key) WHERE tombstone_id IS NULL;
CREATE INDEX evidence_tombstone ON evidence (tombstone_id);

-- The spaces of refs that a source ever named: whom to ask about a thing. Items that only refer say nothing.
CREATE TABLE source_space (
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  space TEXT NOT NULL,
  PRIMARY KEY (source_id, space)
) STRICT, WITHOUT ROWID;
INSERT INTO source_space SELECT DISTINCT source_id, space FROM ref JOIN item ON item.id = ref.item_id WHERE refers = 0;
