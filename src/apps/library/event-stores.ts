import type { AnchorSettings } from "../../adapters/config/anchor-settings.js";
import type { StoreKind } from "../../adapters/config/workspace-settings.js";
import { sha256, sha256Bytes } from "../../adapters/node-hash/sha256.js";
import { DSN_SHAPE, DSN_VARIABLE, type PostgresTarget, postgresTarget } from "../../adapters/postgres/postgres-dsn.js";
import { PostgresEventStore } from "../../adapters/postgres/postgres-event-store.js";
import { logFilesIn } from "../../adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../adapters/sqlite/sqlite-event-store.js";
import type { EventStore } from "../../ports/event-store.js";
import type { LogImporter } from "../../ports/log-import.js";
import { workspacePaths } from "../../usecases/workspace.js";
import { anchoredStore, anchorsFrom } from "./anchored-store.js";
import { chainThreads } from "./chain-threads.js";
import { observed } from "./telemetry.js";

/** A workspace: its folder, and where its logs are. */
export interface WorkspaceChoice {
  readonly home: string;
  readonly store: StoreKind;
  /** Whether writers publish anchors; left out, the environment says so. */
  readonly anchors?: AnchorSettings;
}

/** PostgreSQL was asked for without saying where it is. */
export class StoreNotNamed extends Error {
  override readonly name = "StoreNotNamed";
  readonly code = "STORE_NOT_NAMED";

  constructor() {
    super(`the store is postgres, and ${DSN_VARIABLE} is not set: give it ${DSN_SHAPE} in the environment`);
  }
}

/** The store that an environment implies: PostgreSQL where it names a server, a file otherwise. */
export function storeOfEnvironment(environment: NodeJS.ProcessEnv): StoreKind {
  return (environment[DSN_VARIABLE] ?? "") === "" ? "sqlite" : "postgres";
}

/** The store of a workspace's logs. Opens nothing yet. @throws {StoreNotNamed} @throws {BackendFailure} where the variable holds no connection string. */
export function workspaceStore({ home, store, anchors }: WorkspaceChoice, environment: NodeJS.ProcessEnv): EventStore & LogImporter {
  const published = anchors ?? anchorsFrom(environment);
  if (store === "postgres") return anchoredStore(observed(postgresStore(environment), "postgresql"), published);
  const files = logFilesIn(workspacePaths(home).store);
  return anchoredStore(
    observed(new SqliteEventStore({ files, sha256, sha256Bytes, now: Date.now, threads: chainThreads }), "sqlite"),
    published,
  );
}

/** The database that the environment names. No other place may. @throws {StoreNotNamed} @throws {BackendFailure} */
export function postgresStore(environment: NodeJS.ProcessEnv): PostgresEventStore {
  return new PostgresEventStore({ target: postgresTargetOf(environment), sha256, sha256Bytes, now: Date.now });
}

/** Where the database that the environment names is. @throws {StoreNotNamed} @throws {BackendFailure} */
export function postgresTargetOf(environment: NodeJS.ProcessEnv): PostgresTarget {
  const dsn = environment[DSN_VARIABLE] ?? "";
  if (dsn === "") throw new StoreNotNamed();
  return postgresTarget(dsn);
}
