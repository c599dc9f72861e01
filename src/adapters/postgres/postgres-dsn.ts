import { PostgresFailure } from "./postgres-failure.js";

/** The one place that may name a server. */
export const DSN_VARIABLE = "POSTGRES_DSN";

/** What it must look like, for error messages. */
export const DSN_SHAPE = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE";

const SHAPE = /^postgres(?:ql)?:\/\/(?:[^@/]*?(?::([^@]*))?@)?[^\s]+$/;

/** Where a server is and how to log in, behind functions: nothing that prints or serialises an object shows it. */
export interface PostgresTarget {
  /** The connection string, for the driver alone. */
  dsn(): string;
  /** Takes the connection string, and the password in it, out of a text. */
  redact(text: string): string;
  /** The one schema to work in; left out, that of the user's search path. */
  readonly schema?: string;
}

/** @throws {PostgresFailure} for a text that is no connection string; the text itself is not repeated. */
export function postgresTarget(dsn: string): PostgresTarget {
  const password = SHAPE.exec(dsn)?.[1] ?? "";
  const decoded = decode(password);
  if (!isDsn(dsn) || decoded === null) {
    const message = `${DSN_VARIABLE} is not a connection string: expected ${DSN_SHAPE}`;
    throw new PostgresFailure("other", message, { certainty: "not_sent" });
  }
  const secrets = [dsn, password, decoded].filter((secret) => secret !== "");
  return { dsn: () => dsn, redact: (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text) };
}

/** Whether a text may be a connection string. */
export function isDsn(text: string): boolean {
  return SHAPE.test(text) && decode(SHAPE.exec(text)?.[1] ?? "") !== null;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
