-- The bytes that a program sent for a record. The file lies in the folder of contents; it is written first
-- and its row after it, and on the way out the row goes first: what no row names is removed by the sweep.

CREATE TABLE content (
  record_id INTEGER PRIMARY KEY REFERENCES record ON DELETE CASCADE,
  file TEXT NOT NULL UNIQUE,            -- its name in that folder
  name TEXT NOT NULL,                   -- what its program calls it
  mime_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  put_at TEXT NOT NULL,
  let_go_at TEXT                        -- every copy stands, and the file was not to be kept
) STRICT;
CREATE INDEX content_here ON content (file) WHERE let_go_at IS NULL;

-- How many copies of a mirror stand where, and how many bytes: counted from this index alone.
CREATE INDEX copy_counts ON copy (mirror, target, status, how, size);
CREATE INDEX copy_original ON copy (source, kind, key);
