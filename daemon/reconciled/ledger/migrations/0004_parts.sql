-- Parents and their parts, and scans that read only what changed.

CREATE INDEX item_parent ON item (source_id, parent) WHERE parent IS NOT NULL;

-- An item that ended with its parent, inside the parent's tombstone. `back_seq`: it came back.
CREATE TABLE part (
  item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
  tombstone_id INTEGER NOT NULL REFERENCES tombstone,
  back_seq INTEGER,
  PRIMARY KEY (item_id, tombstone_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_tombstone ON part (tombstone_id);
CREATE INDEX tombstone_item ON tombstone (item_id);

-- Where a source that can say what changed was last read to, as its plugin says it; NULL: everything is
-- read next. `walked` is when that was last done, reckoned.
ALTER TABLE source ADD COLUMN mark TEXT;
ALTER TABLE source ADD COLUMN walked REAL;
