const STATEMENTS: readonly string[] = [
  `CREATE TABLE log_imports (
  log_id TEXT COLLATE "C" NOT NULL CONSTRAINT log_imports_pkey PRIMARY KEY,
  position BIGINT NOT NULL,
  head_hash BYTEA NOT NULL
)`,
  "REVOKE ALL ON log_imports FROM PUBLIC",
  "GRANT SELECT ON log_imports TO onetape_reader, onetape_writer",
  "GRANT INSERT, DELETE ON log_imports TO onetape_writer",
];

/** Logs that are being imported, with where each ends when it is whole: nobody opens one before. */
export const schemaV3: string = STATEMENTS.map((statement) => `${statement};\n`).join("\n");
