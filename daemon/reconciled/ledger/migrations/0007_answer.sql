-- What a source said last of an item that it was asked about by itself, whatever came of it. Listings
-- are not noted here: when something was listed follows from its source's last scan.

CREATE TABLE answer (
  item_id INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
  verdict TEXT NOT NULL CHECK (verdict IN ('present', 'absent', 'unknown')),
  said TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL
) STRICT;
