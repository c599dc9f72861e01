import { BackendFailure } from "../../../adapters/event-store/log-backend.js";
import type { MigrationState, PlannedMigration } from "../../../adapters/postgres/migrate.js";
import type { PostgresEventStore } from "../../../adapters/postgres/postgres-event-store.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { postgresStore, StoreNotNamed } from "../../library/event-stores.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure, failureOf } from "../failure.js";

type Planned = Extract<MigrationState, { readonly kind: "planned" }>;

export async function run(invocation: Invocation): Promise<CommandResult> {
  const [action = ""] = invocation.args;
  if (action !== "plan" && action !== "apply") {
    const rest = { field: "ACTION", value: action, expected: "plan or apply" };
    return { kind: "failed", failure: failureOf("USAGE", `${action} is not an action`, "onetape store migrate --help", rest) };
  }
  try {
    const store = postgresStore(process.env);
    try {
      return told(action, action === "plan" ? await store.planMigrations() : await applied(store), invocation);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof StoreNotNamed) {
      const expected = "a PostgreSQL server: SQLite files need no migration by hand";
      return {
        kind: "failed",
        failure: failure("SETTINGS_INVALID", [{ code: error.code, message: error.message, field: "POSTGRES_DSN", expected }]),
      };
    }
    if (error instanceof BackendFailure)
      return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", error.message, "onetape doctor", { field: "POSTGRES_DSN" }) };
    throw error;
  }
}

function applied(store: PostgresEventStore): Promise<MigrationState> {
  return store.migrate();
}

function told(action: "plan" | "apply", state: MigrationState, { io }: Invocation): CommandResult {
  switch (state.kind) {
    case "newer": {
      const message = `the database has store version ${state.store_version}, this Onetape knows ${state.supported_version}`;
      const expected = `version ${state.supported_version} or lower, or a newer Onetape`;
      return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", message, null, { value: String(state.store_version), expected }) };
    }
    case "tampered": {
      const message = `migration ${state.version} of the database is not the one that this Onetape knows`;
      const rest = { field: `schema_migrations.version ${state.version}`, value: state.actual, expected: state.expected };
      return { kind: "failed", failure: failureOf("STORE_UNAVAILABLE", message, null, rest) };
    }
    case "planned":
      return {
        kind: "done",
        json: {
          schema: "onetape.store-migrate/1",
          action,
          applied: state.applied.map(shown),
          [action === "plan" ? "pending" : "now_applied"]: state.pending.map((step) => ({ ...shown(step), sql: step.sql })),
        },
        human: () => inWords(action, state, io),
        ...(action === "plan" && state.pending.length > 0 ? { next: ["onetape store migrate apply"] } : {}),
      };
  }
}

function shown({ version, name, checksum }: PlannedMigration): {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
} {
  return { version, name, checksum };
}

async function inWords(action: "plan" | "apply", { applied: before, pending }: Planned, io: Invocation["io"]): Promise<string> {
  if (pending.length === 0) return `nothing to do: the database has all ${before.length} migrations\n`;
  const columns = [{ title: "version", numeric: true }, { title: "name" }, { title: "" }, { title: "checksum" }];
  const row = (step: PlannedMigration, what: string): readonly string[] => [
    String(step.version),
    step.name,
    what,
    step.checksum.slice(0, 16),
  ];
  const rows = [
    ...before.map((step) => row(step, "applied")),
    ...pending.map((step) => row(step, action === "plan" ? "would run" : io.out.good("ran"))),
  ];
  const table = await renderTable(columns, rows, io.out);
  return action === "apply" ? table : `${table}\n${pending.map((step) => `-- ${step.version} ${step.name}\n\n${step.sql}`).join("\n")}`;
}
