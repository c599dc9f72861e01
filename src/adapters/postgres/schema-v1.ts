/** Milliseconds are the tape's clock; `created_at` holds the same instant for people and for other programs. */
const HASH = "BYTEA NOT NULL CHECK (octet_length(%) = 32)";
const hash = (column: string): string => `${column} ${HASH.replace("%", column)}`;

const TABLES: readonly string[] = [
  `CREATE TABLE log_head (
  log_id TEXT COLLATE "C" NOT NULL CONSTRAINT log_head_pkey PRIMARY KEY,
  layout TEXT NOT NULL CONSTRAINT log_head_layout CHECK (layout IN ('rows', 'segments')),
  epoch BIGINT NOT NULL,
  position BIGINT NOT NULL,
  ${hash("head_hash")},
  ${hash("content_hash")},
  ${hash("audit_hash")},
  updated_at BIGINT NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`,
  `CREATE TABLE events (
  id UUID NOT NULL CONSTRAINT events_id PRIMARY KEY,
  stream TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  payload JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  log_id TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL,
  schema_version INTEGER NOT NULL,
  occurred_at BIGINT NOT NULL,
  source_at BIGINT,
  causation_id UUID,
  correlation_id TEXT COLLATE "C",
  payload_hash BYTEA NOT NULL,
  event_hash BYTEA NOT NULL,
  recorded_at BIGINT NOT NULL,
  writer_epoch BIGINT NOT NULL,
  CONSTRAINT events_stream_version UNIQUE (stream, version),
  CONSTRAINT events_log_position UNIQUE (log_id, position)
)`,
  `CREATE TABLE segments (
  log_id TEXT COLLATE "C" NOT NULL,
  first_position BIGINT NOT NULL,
  last_position BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  writer_epoch BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  body_sha256 BYTEA NOT NULL,
  body BYTEA NOT NULL,
  CONSTRAINT segments_log_position PRIMARY KEY (log_id, first_position)
)`,
  `CREATE TABLE anchors (
  log_id TEXT COLLATE "C" NOT NULL,
  first_position BIGINT NOT NULL,
  position BIGINT NOT NULL,
  ${hash("hash")},
  ${hash("content_hash")},
  ${hash("audit_hash")},
  epoch BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  CONSTRAINT anchors_log_position PRIMARY KEY (log_id, position)
)`,
  `CREATE TABLE snapshots (
  stream TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  state JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  state_hash TEXT NOT NULL,
  global_position BIGINT NOT NULL,
  code_version TEXT NOT NULL
)`,
  `CREATE TABLE checkpoints (
  consumer TEXT COLLATE "C" NOT NULL,
  log_id TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (consumer, log_id)
)`,
  `CREATE TABLE outbox (
  intent_id UUID NOT NULL PRIMARY KEY,
  log_id TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  payload JSONB NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  lease_until BIGINT,
  updated_at BIGINT NOT NULL
)`,
];

const APPEND_ONLY = ["events", "segments", "anchors"] as const;

const TRIGGERS: readonly string[] = [
  `CREATE FUNCTION onetape_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$`,
  ...APPEND_ONLY.flatMap((table) => [
    `CREATE TRIGGER ${table}_no_change BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION onetape_refuse_change()`,
    `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION onetape_refuse_change()`,
  ]),
  "CREATE TRIGGER log_head_no_delete BEFORE DELETE ON log_head FOR EACH ROW EXECUTE FUNCTION onetape_refuse_change()",
  "CREATE TRIGGER log_head_no_truncate BEFORE TRUNCATE ON log_head FOR EACH STATEMENT EXECUTE FUNCTION onetape_refuse_change()",
  `CREATE FUNCTION onetape_log_goes_forwards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a log never moves backwards, and keeps its name and layout' USING ERRCODE = 'restrict_violation';
END $$`,
  `CREATE TRIGGER log_head_forwards BEFORE UPDATE ON log_head FOR EACH ROW
WHEN (NEW.position < OLD.position OR NEW.epoch < OLD.epoch OR NEW.log_id <> OLD.log_id OR NEW.layout <> OLD.layout)
EXECUTE FUNCTION onetape_log_goes_forwards()`,
];

/** Roles belong to the whole server, so they may be there already; rights are given in the schema in use alone. */
const ROLES: readonly string[] = [
  `DO $$
DECLARE
  role_name TEXT;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['onetape_writer', 'onetape_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
  END LOOP;
END $$`,
  `REVOKE ALL ON ${["log_head", ...APPEND_ONLY, "snapshots", "checkpoints", "outbox", "schema_migrations"].join(", ")} FROM PUBLIC`,
  `GRANT SELECT ON ${["log_head", ...APPEND_ONLY, "snapshots", "checkpoints", "outbox", "schema_migrations"].join(", ")} TO onetape_reader, onetape_writer`,
  `GRANT INSERT ON ${APPEND_ONLY.join(", ")} TO onetape_writer`,
  "GRANT INSERT, UPDATE ON log_head, snapshots, checkpoints, outbox TO onetape_writer",
];

/** The first tables: those of the tape, what keeps them append-only, and the two roles that may use them. */
export const schemaV1: string = [...TABLES, ...TRIGGERS, ...ROLES].map((statement) => `${statement};\n`).join("\n");
