import type { BackendFailureKind } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";

/** What is known of a statement that failed: it was never sent, the server undid it, or nobody can tell. */
export type Certainty = "not_sent" | "undone" | "unknown";

/** PostgreSQL could not do what was asked. Neither its message nor anything below it names the connection string. */
export class PostgresFailure extends BackendFailure {
  readonly certainty: Certainty;
  /** The server's five-character code, or null where the failure is not the server's. */
  readonly sqlstate: string | null;

  constructor(
    kind: BackendFailureKind,
    message: string,
    rest: { readonly certainty: Certainty; readonly sqlstate?: string | null; readonly constraint?: string | null },
  ) {
    super(kind, message, rest.constraint ?? null, undefined);
    this.certainty = rest.certainty;
    this.sqlstate = rest.sqlstate ?? null;
  }
}

const KINDS: ReadonlyMap<string, BackendFailureKind> = new Map([
  ["53100", "full"],
  ["55P03", "busy"],
  ["57014", "busy"],
  ["40001", "busy"],
  ["40P01", "busy"],
  ["58030", "io"],
  ["XX001", "corrupt"],
  ["XX002", "corrupt"],
]);

const SETUP: ReadonlyMap<string, string> = new Map([
  ["28P01", "the server refuses the user or the password of POSTGRES_DSN"],
  ["28000", "the server refuses the user of POSTGRES_DSN"],
  ["3D000", "the database that POSTGRES_DSN names does not exist"],
  ["42P01", "the database has no tables of Onetape, or not all: onetape store migrate plan"],
  ["42703", "the database's tables lack a column: onetape store migrate plan"],
  ["3F000", "the schema that POSTGRES_DSN names does not exist"],
  ["42501", "the user of POSTGRES_DSN may not do this: it needs the role onetape_writer, or onetape_reader to read"],
  ["25006", "the server takes no writes: it is a standby, or its transactions are read-only"],
]);

/** The one field that a server's answer adds to an `Error`, and what of it is used here. */
interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly severity?: string | undefined;
  readonly constraint?: string | undefined;
}

/**
 * The failure that a driver's error stands for.
 *
 * @param sent whether the statement may have reached the server.
 * @param redact takes secrets out of a text.
 */
export function postgresFailure(error: unknown, sent: boolean, redact: (text: string) => string): PostgresFailure {
  if (error instanceof PostgresFailure) return error;
  if (!isServerError(error)) {
    const message = `the connection to the server of POSTGRES_DSN failed: ${redact(plainMessage(error))}`;
    return new PostgresFailure("io", message, { certainty: sent ? "unknown" : "not_sent" });
  }
  const { code } = error;
  const said = redact(error.message);
  const setup = SETUP.get(code);
  const message = setup === undefined ? `PostgreSQL says: ${said} (${code})` : `${setup} (PostgreSQL says: ${said})`;
  if (code.startsWith("23"))
    return new PostgresFailure("constraint", message, { certainty: "undone", sqlstate: code, constraint: error.constraint ?? null });
  // A session that the server ends may have committed just before; so may one whose statement it lost sight of.
  const ended = error.severity === "FATAL" || error.severity === "PANIC" || code.startsWith("08") || code === "40003";
  const certainty = !sent ? "not_sent" : ended ? "unknown" : "undone";
  return new PostgresFailure(KINDS.get(code) ?? (ended ? "io" : "other"), message, { certainty, sqlstate: code });
}

function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) && "severity" in error
  );
}

/** A failed connection to several addresses comes as one error without a message of its own. */
function plainMessage(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(plainMessage).join("; ");
  return error instanceof Error ? error.message : String(error);
}
