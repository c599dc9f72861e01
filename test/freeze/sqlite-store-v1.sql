CREATE TABLE anchors (
  log_id TEXT NOT NULL,
  first_position INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  audit_hash TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (log_id, position)
) STRICT;
CREATE TABLE checkpoints (
  consumer TEXT NOT NULL,
  log_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (consumer, log_id)
) STRICT;
CREATE TABLE events (
  id TEXT NOT NULL PRIMARY KEY,
  stream TEXT NOT NULL,
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  payload TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  log_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  schema_version INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  source_at INTEGER,
  causation_id TEXT,
  correlation_id TEXT,
  payload_hash TEXT NOT NULL,
  event_hash TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  writer_epoch INTEGER NOT NULL,
  UNIQUE (version, stream),
  UNIQUE (log_id, position)
) STRICT;
CREATE TABLE log_head (
  log_id TEXT NOT NULL PRIMARY KEY,
  layout TEXT NOT NULL CHECK (layout IN ('rows', 'segments')),
  epoch INTEGER NOT NULL,
  position INTEGER NOT NULL,
  head_hash TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  audit_hash TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE segments (
  log_id TEXT NOT NULL,
  first_position INTEGER NOT NULL,
  last_position INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  writer_epoch INTEGER NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  body_sha256 TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (log_id, first_position)
) STRICT;
CREATE TABLE snapshots (
  stream TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  state_hash TEXT NOT NULL,
  global_position INTEGER NOT NULL,
  code_version TEXT NOT NULL
) STRICT;
CREATE TABLE store_meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TRIGGER anchors_no_delete BEFORE DELETE ON anchors BEGIN SELECT RAISE(ABORT, 'anchors are append-only'); END;
CREATE TRIGGER anchors_no_update BEFORE UPDATE ON anchors BEGIN SELECT RAISE(ABORT, 'anchors are append-only'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER log_head_forwards BEFORE UPDATE ON log_head WHEN NEW.position < OLD.position OR NEW.epoch < OLD.epoch BEGIN SELECT RAISE(ABORT, 'a log never moves backwards'); END;
CREATE TRIGGER log_head_no_delete BEFORE DELETE ON log_head BEGIN SELECT RAISE(ABORT, 'a log is never deleted'); END;
CREATE TRIGGER segments_no_delete BEFORE DELETE ON segments BEGIN SELECT RAISE(ABORT, 'segments are append-only'); END;
CREATE TRIGGER segments_no_update BEFORE UPDATE ON segments BEGIN SELECT RAISE(ABORT, 'segments are append-only'); END;
