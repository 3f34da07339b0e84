-- What dry-run would have done, and how the world judged it.

-- Since when a policy says what it says: `since_seq` as in `policy`. An edit begins a new score.
CREATE TABLE shadow_since (
  policy TEXT NOT NULL,
  since_seq INTEGER NOT NULL,
  words TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (policy, since_seq)
) STRICT, WITHOUT ROWID;

-- One act that would have been done. It names nothing that may leave the ledger, so that it outlives that.
CREATE TABLE shadow (
  id INTEGER PRIMARY KEY,
  policy TEXT NOT NULL,
  since_seq INTEGER NOT NULL,
  words TEXT NOT NULL,                  -- the print of what the policy said then
  verb TEXT NOT NULL,
  target TEXT NOT NULL,
  label TEXT NOT NULL DEFAULT '',
  item_id INTEGER,                      -- the ledger's row of what it would have acted on, while it is kept
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  title TEXT NOT NULL,
  does TEXT NOT NULL,                   -- what it would have done, in the infinitive
  action_id INTEGER NOT NULL,
  finding_id INTEGER NOT NULL,
  story_id INTEGER,
  code TEXT NOT NULL,                   -- the finding's code then
  losing TEXT NOT NULL,
  generation INTEGER NOT NULL,          -- of the losing source: which installation it was
  watched REAL NOT NULL,                -- that source's counter then
  what TEXT NOT NULL CHECK (what IN ('file', 'entry')),
  lost_id INTEGER,                      -- the ledger's row of what was lost, while it is kept
  lost TEXT NOT NULL,                   -- it as it last was, packed
  refs TEXT NOT NULL,                   -- all strong refs of the thing, a line each
  path TEXT,                            -- set where one single copy was meant
  asked TEXT,                           -- the sources that count, a line each; NULL: all
  stood TEXT NOT NULL,                  -- the rows that showed the thing then all the same, as JSON
  was TEXT NOT NULL,                    -- what it would have acted on, as it was then, as JSON
  would_seq INTEGER NOT NULL,
  would_at TEXT NOT NULL,
  verdict TEXT NOT NULL DEFAULT 'open' CHECK (verdict IN ('open', 'right', 'wrong')),
  why TEXT NOT NULL DEFAULT '',
  judged REAL,                          -- reckoned
  judged_at TEXT
) STRICT;
CREATE UNIQUE INDEX shadow_open ON shadow (policy, since_seq, verb, target, label, item_id) WHERE verdict = 'open';
CREATE INDEX shadow_item ON shadow (item_id, policy, since_seq);
CREATE INDEX shadow_policy ON shadow (policy, since_seq, verb, verdict);
CREATE INDEX shadow_judged ON shadow (judged) WHERE verdict = 'right';
