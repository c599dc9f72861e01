import type { Head } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import type { EventRegistry } from "../../core/tape/registry.js";
import type { AppendParticipant } from "../../ports/append-participant.js";
import type { Durability } from "../../ports/event-store.js";
import type { PostgresConnection, PostgresLink } from "./postgres-connection.js";
import type { PostgresLayout } from "./postgres-layout.js";
import type { Resumed } from "./take-over.js";

/** What a session on PostgreSQL is made of. */
export interface SessionParts {
  readonly log: string;
  readonly mode: "read" | "write";
  readonly registry: EventRegistry;
  readonly layout: PostgresLayout;
  readonly durability: Durability;
  /** The connection that reads go over, so that they do not hold up appends. */
  readonly reader: PostgresLink;
  /** A connection to a server that passed its check. @throws {BackendFailure} */
  readonly connect: (mode: "read" | "write") => Promise<PostgresConnection>;
  /** Takes the log up again. @throws {BackendFailure} */
  readonly resume: (connection: PostgresConnection, epoch: number, heads: readonly (Head | null)[]) => Promise<Resumed>;
  /** Work that joins each write's transaction. */
  readonly participant: AppendParticipant | undefined;
  readonly sha256: Sha256Fn;
  /** Wall clock in UTC milliseconds, for `recorded_at` alone. */
  readonly now: () => number;
}
