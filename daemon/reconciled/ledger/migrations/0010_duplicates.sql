-- Papers: what the search for duplicates knows of items with words, pictures or bytes, and what people said.

CREATE TABLE paper (
  item_id INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
  source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
  text BLOB,                            -- compressed; NULL: not kept, or there are no words
  words INTEGER NOT NULL DEFAULT 0,     -- how many
  print BLOB NOT NULL,                  -- a hash of the text as it is; a pair's likeness is good for two prints
  sheet BLOB,                           -- a hash of the normalised text; NULL: no words
  checksum TEXT,                        -- names its very bytes
  about TEXT NOT NULL DEFAULT '{}',     -- what its app says beside the words
  page_hash INTEGER,                    -- 64-bit DCT of the first page, as a signed integer
  page_hashes TEXT,                     -- the other hashes by name, hexadecimal, for those who asked for them
  page_etag TEXT,                       -- the version of the picture that was hashed
  item_print BLOB,                      -- the item's own print when its text was last read
  read_seq INTEGER NOT NULL,
  read_at TEXT NOT NULL,
  compared INTEGER NOT NULL DEFAULT 0   -- 0: not compared with all others since its text is as it is
) STRICT;
CREATE INDEX paper_sheet ON paper (sheet) WHERE sheet IS NOT NULL;
CREATE INDEX paper_checksum ON paper (checksum) WHERE checksum IS NOT NULL;
CREATE INDEX paper_source ON paper (source_id, item_id);
CREATE INDEX paper_new ON paper (item_id) WHERE compared = 0;

-- How like two papers are, as far as it is worth keeping: duplicates, what is to be reviewed, and vetoes.
CREATE TABLE likeness (
  a INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE,
  b INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE,
  confidence REAL NOT NULL,             -- under the weights of the config
  band TEXT NOT NULL CHECK (band IN ('duplicate', 'review', 'different')),
  vetoed INTEGER NOT NULL,
  told TEXT NOT NULL,                   -- parts, alike, differences, errors, contained, said: JSON
  model INTEGER NOT NULL,
  a_print BLOB NOT NULL,                -- the texts that were compared
  b_print BLOB NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (a, b),
  CHECK (a < b)
) STRICT, WITHOUT ROWID;
CREATE INDEX likeness_b ON likeness (b);
CREATE INDEX likeness_band ON likeness (band, confidence);

-- What a person said of a pair. It outlives groups; another text of either makes it a question again.
CREATE TABLE judgement (
  a INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  b INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  answer TEXT NOT NULL CHECK (answer IN ('different', 'ignored', 'resolved')),
  said_by TEXT NOT NULL,
  said_at TEXT NOT NULL,
  a_print BLOB NOT NULL,
  b_print BLOB NOT NULL,
  PRIMARY KEY (a, b),
  CHECK (a < b)
) STRICT, WITHOUT ROWID;
CREATE INDEX judgement_b ON judgement (b);

-- Papers that are one sheet, or may be. A group keeps its number as long as most of its members stay.
CREATE TABLE duplicate_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  band TEXT NOT NULL CHECK (band IN ('duplicate', 'review')),
  confidence REAL NOT NULL,             -- of its weakest member to the primary
  primary_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  primary_by TEXT,                      -- who chose it by hand; NULL: the policy
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'ignored', 'resolved')),
  asked_again TEXT,                     -- why it is open again: a document changed since the answer
  answered_by TEXT,                     -- who ignored or resolved it, or answered last
  answered_at TEXT,
  over TEXT,                            -- why nothing is left to be asked: fewer than two stand, no longer alike
  members INTEGER NOT NULL,             -- those that stand
  finding_id INTEGER REFERENCES finding ON DELETE SET NULL,
  stale INTEGER NOT NULL DEFAULT 0,     -- 1: a member came or went, or an act answered a pair, since it was made
  opened_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX duplicate_group_state ON duplicate_group (state);   -- in the order of ids, as pages go
CREATE INDEX duplicate_group_primary ON duplicate_group (primary_id);
CREATE INDEX duplicate_group_stale ON duplicate_group (id) WHERE stale = 1;

CREATE TABLE duplicate_member (
  group_id INTEGER NOT NULL REFERENCES duplicate_group ON DELETE CASCADE,
  item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,   -- in one group of either band, and in past ones
  confidence REAL NOT NULL,             -- that it is the primary's sheet; the primary's own is 1
  label TEXT,                           -- the dry run's tag on it
  labelled_by INTEGER,                  -- the action that put it there, or shall
  print BLOB NOT NULL,                  -- its text when the group was made
  PRIMARY KEY (group_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicate_member_item ON duplicate_member (item_id);

-- Whoever writes that an item came or went, in the very same transaction: so no crash and no restart forgets it.
CREATE TRIGGER duplicate_member_comes_or_goes AFTER UPDATE OF presence, current ON item
WHEN (old.current = 1 AND old.presence IN ('present', 'unlisted')) <> (new.current = 1 AND new.presence IN ('present', 'unlisted'))
BEGIN
  UPDATE duplicate_group SET stale = 1
    WHERE stale = 0 AND id IN (SELECT group_id FROM duplicate_member WHERE item_id = new.id);
END;
