const SNAPSHOT_COLUMNS = "head_hash TEXT, as_of_at BIGINT, as_of_id TEXT, seal TEXT";

const TABLES: readonly string[] = [
  `ALTER TABLE snapshots ${SNAPSHOT_COLUMNS.split(", ")
    .map((column) => `ADD COLUMN ${column}`)
    .join(", ")}`,
  `CREATE TABLE snapshot_history (
  stream TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  state JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  state_hash TEXT NOT NULL,
  global_position BIGINT NOT NULL,
  code_version TEXT NOT NULL,
  ${SNAPSHOT_COLUMNS.split(", ").join(",\n  ")},
  PRIMARY KEY (stream, global_position)
)`,
  `CREATE TABLE projections (
  log_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('active', 'building')),
  code_version TEXT NOT NULL,
  event_hash TEXT NOT NULL,
  events BIGINT NOT NULL,
  as_of_at BIGINT,
  as_of_id TEXT,
  state TEXT NOT NULL,
  state_hash TEXT NOT NULL,
  halted TEXT,
  parked BIGINT NOT NULL,
  lease_epoch BIGINT NOT NULL,
  lease_owner TEXT,
  lease_until BIGINT,
  CONSTRAINT projections_key PRIMARY KEY (log_id, name, generation),
  CONSTRAINT projections_role UNIQUE (log_id, name, role) DEFERRABLE INITIALLY DEFERRED
)`,
  `CREATE TABLE projection_builds (
  log_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  newest BIGINT NOT NULL,
  PRIMARY KEY (log_id, name)
)`,
  `CREATE TABLE projection_parked (
  log_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  position BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (log_id, name, generation, position)
)`,
];

const NEW = "snapshot_history, projections, projection_builds, projection_parked";

/** What is derived from the logs can be built again, so it may be removed. */
const RIGHTS: readonly string[] = [
  `REVOKE ALL ON ${NEW} FROM PUBLIC`,
  `GRANT SELECT ON ${NEW} TO onetape_reader, onetape_writer`,
  `GRANT INSERT, UPDATE, DELETE ON ${NEW} TO onetape_writer`,
  "GRANT DELETE ON snapshots, checkpoints TO onetape_writer",
];

/** Projections with their states, what they set aside, and older snapshots. */
export const schemaV2: string = [...TABLES, ...RIGHTS].map((statement) => `${statement};\n`).join("\n");
