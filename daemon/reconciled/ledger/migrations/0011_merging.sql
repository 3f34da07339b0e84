-- Merging, and deletes that keep another: an action may be about several items, name one that has to stay, and
-- wait for another action. The table is made anew, since its CHECK names the verbs; no number is given twice.

CREATE TABLE action_2 (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  policy TEXT,                          -- NULL: by hand
  asked_by TEXT,                        -- by hand: the token's name
  order_id INTEGER,                     -- by hand: the first action of the same order
  finding_id INTEGER REFERENCES finding ON DELETE SET NULL,
  story_id INTEGER,
  verb TEXT NOT NULL CHECK (verb IN
    ('delete', 'unmonitor', 'untag', 'tag', 'monitor', 'restore', 'merge', 'notify')),
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
  undo_of INTEGER,
  others TEXT NOT NULL DEFAULT '',      -- merge: the keys whose labels it takes over, as JSON
  keeper INTEGER,                       -- delete: the row of the item that has to stay
  keeper_told TEXT,                     -- what was shown of both, and in which group, as JSON
  after_id INTEGER                      -- the action that has to be done first
) STRICT;

INSERT INTO action_2 (id, policy, asked_by, order_id, finding_id, story_id, verb, target, item_id, kind, key, title, label,
    files, exclude, since, state, reason, code, created_seq, created_at, changed_at, expires, refs, grace, due, would_at,
    decision_id, joined_seq, approved_by, approved_for, sent, sent_seq, sent_at, tries, next_try, before, undo_of)
  SELECT id, policy, asked_by, order_id, finding_id, story_id, verb, target, item_id, kind, key, title, label,
    files, exclude, since, state, reason, code, created_seq, created_at, changed_at, expires, refs, grace, due, would_at,
    decision_id, joined_seq, approved_by, approved_for, sent, sent_seq, sent_at, tries, next_try, before, undo_of
  FROM action;

-- The highest number that was ever given out, also when its action was forgotten.
DELETE FROM sqlite_sequence WHERE name = 'action_2';
INSERT INTO sqlite_sequence (name, seq) SELECT 'action_2', seq FROM sqlite_sequence WHERE name = 'action';

DROP TABLE action;
ALTER TABLE action_2 RENAME TO action;

CREATE UNIQUE INDEX action_live ON action
  (ifnull(policy, ''), verb, target, ifnull(item_id, -ifnull(story_id, 0)), label)
  WHERE state IN ('planned', 'waiting', 'sending');
CREATE INDEX action_open ON action (state) WHERE state IN ('planned', 'waiting', 'sending');
CREATE INDEX action_finding ON action (finding_id);
CREATE INDEX action_item ON action (item_id);
CREATE INDEX action_decision ON action (decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX action_ended ON action (policy, sent_at) WHERE state IN ('done', 'undone');
CREATE INDEX action_keeper ON action (keeper) WHERE keeper IS NOT NULL;
CREATE INDEX action_after ON action (after_id) WHERE after_id IS NOT NULL;
