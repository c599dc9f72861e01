import type { SqliteConnection } from "./sqlite-driver.js";

/** Version of the tables below. A store of a newer version is refused; an older one would be migrated here. */
export const STORE_VERSION = 1;

/** Milliseconds with which the log's tables name their time; written by the store from its clock, the default serves rows written by hand. */
const NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/**
 * The tables of a log. Versions come before streams in their unique index: streams that grow alike then share its pages, where a page for
 * each would be written at every commit. Stores made before have the two the other way round, and are read and written by the same
 * statements.
 */
const TABLES: readonly string[] = [
  "CREATE TABLE store_meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT",
  `CREATE TABLE events (
  id TEXT NOT NULL PRIMARY KEY,
  stream TEXT NOT NULL,
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  payload TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (${NOW}),
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
) STRICT`,
  `CREATE TABLE segments (
  log_id TEXT NOT NULL,
  first_position INTEGER NOT NULL,
  last_position INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  writer_epoch INTEGER NOT NULL,
  created_at TEXT NOT NULL DEFAULT (${NOW}),
  body_sha256 TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (log_id, first_position)
) STRICT`,
  `CREATE TABLE anchors (
  log_id TEXT NOT NULL,
  first_position INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  audit_hash TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (log_id, position)
) STRICT`,
  `CREATE TABLE log_head (
  log_id TEXT NOT NULL PRIMARY KEY,
  layout TEXT NOT NULL CHECK (layout IN ('rows', 'segments')),
  epoch INTEGER NOT NULL,
  position INTEGER NOT NULL,
  head_hash TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  audit_hash TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT`,
  `CREATE TABLE snapshots (
  stream TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (${NOW}),
  state_hash TEXT NOT NULL,
  global_position INTEGER NOT NULL,
  code_version TEXT NOT NULL
) STRICT`,
  `CREATE TABLE checkpoints (
  consumer TEXT NOT NULL,
  log_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (consumer, log_id)
) STRICT`,
];

const TRIGGERS: readonly string[] = [
  ...["events", "segments", "anchors"].flatMap((table) =>
    ["UPDATE", "DELETE"].map(
      (verb) =>
        `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} are append-only'); END`,
    ),
  ),
  "CREATE TRIGGER log_head_no_delete BEFORE DELETE ON log_head BEGIN SELECT RAISE(ABORT, 'a log is never deleted'); END",
  "CREATE TRIGGER log_head_forwards BEFORE UPDATE ON log_head WHEN NEW.position < OLD.position OR NEW.epoch < OLD.epoch BEGIN SELECT RAISE(ABORT, 'a log never moves backwards'); END",
];

/** Names of the triggers that refuse changes. */
export const TRIGGER_NAMES: readonly string[] = TRIGGERS.map((sql) => sql.split(" ")[2] ?? "");

/** What a file turned out to be. */
export type SchemaState =
  | { readonly kind: "empty" }
  | { readonly kind: "foreign"; readonly cause: string }
  | { readonly kind: "version"; readonly version: number };

/** Looks at a file without changing it. */
export function readSchema(connection: SqliteConnection): SchemaState {
  const names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all([]);
  if (names.length === 0) return { kind: "empty" };
  if (!names.some(([name]) => name === "store_meta")) return { kind: "foreign", cause: "the file is an SQLite database, but not a tape" };
  const version = connection.prepare("SELECT value FROM store_meta WHERE key = 'store_version'").all([])[0]?.[0];
  if (typeof version !== "string" || !/^[1-9][0-9]*$/.test(version))
    return { kind: "foreign", cause: `the store's version is ${JSON.stringify(version ?? null)}` };
  return { kind: "version", version: Number(version) };
}

/** Creates the tables in an empty file, inside the caller's transaction. */
export function createSchema(connection: SqliteConnection): void {
  for (const sql of [...TABLES, ...TRIGGERS]) connection.exec(sql);
  connection.prepare("INSERT INTO store_meta (key, value) VALUES ('store_version', ?)").run([String(STORE_VERSION)]);
}
