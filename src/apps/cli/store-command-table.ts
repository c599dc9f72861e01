import type { CommandSpec } from "./command.js";

/** The commands of `onetape store`. */
export const storeCommands: readonly CommandSpec[] = [
  {
    path: ["store", "migrate"],
    summary: "make or update the tables of the PostgreSQL database",
    details: [
      "POSTGRES_DSN names the database, and its user must own the schema. Each step runs in a transaction of its own, under a lock that holds off other migrations. Steps are numbered and checksummed: a step that was changed afterwards is refused, and so is a database that a newer Onetape migrated.",
    ],
    arguments: [{ name: "ACTION", required: true, says: "plan shows what would run, apply runs it", completes: null }],
    flags: [],
    examples: [
      { line: "onetape store migrate plan", says: "every step that is left, with its SQL" },
      { line: "onetape store migrate apply --json", says: "runs them, for scripts" },
    ],
    load: () => import("./commands/store-migrate.js"),
  },
];
