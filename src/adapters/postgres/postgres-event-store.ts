import type { TapeEvent } from "../../core/tape/event.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import { isTapeName, NAME_EXPECTATION } from "../../core/tape/names.js";
import { buildRegistry } from "../../core/tape/registry.js";
import type { EventStore, LogLayout, OpenOptions, OpenOutcome } from "../../ports/event-store.js";
import type { Finding } from "../../ports/finding.js";
import type { CommittedBlock, ImportOutcome, ImportTarget, LogImporter } from "../../ports/log-import.js";
import type { OpenProjectionsOutcome, ProjectionStores } from "../../ports/projection-store.js";
import { importBlocks } from "../event-store/import-blocks.js";
import { isoTime } from "../event-store/iso-time.js";
import { BackendFailure } from "../event-store/log-backend.js";
import { TAIL_EVENTS, tailRefusal } from "../event-store/tail-check.js";
import { examineServer } from "./examine-server.js";
import { beginImport, endImport, isBeingImported, WHOLE_LOGS } from "./log-imports.js";
import type { MigrationState } from "./migrate.js";
import { applyMigrations, planMigrations } from "./migrate.js";
import type { PostgresLimits } from "./postgres-connection.js";
import { PostgresConnection, PostgresLink } from "./postgres-connection.js";
import type { PostgresTarget } from "./postgres-dsn.js";
import { PostgresFailure } from "./postgres-failure.js";
import type { PostgresLayout } from "./postgres-layout.js";
import type { Ask, PostgresStanding } from "./postgres-log.js";
import { commitBlock, readStanding } from "./postgres-log.js";
import { PostgresProjectionStore } from "./postgres-projection-store.js";
import { PostgresRows } from "./postgres-rows.js";
import { PostgresSegments } from "./postgres-segments.js";
import { PostgresLogSession } from "./postgres-session.js";
import { PostgresWriter } from "./postgres-writer.js";
import { refuseServer } from "./server-check.js";
import type { SessionParts } from "./session-parts.js";
import type { Refusal, Taken } from "./take-over.js";
import { refuseHead, resumeLog, takeOver } from "./take-over.js";

export interface PostgresEventStoreOptions {
  readonly target: PostgresTarget;
  readonly sha256: Sha256Fn;
  readonly sha256Bytes: Sha256BytesFn;
  /** Wall clock in UTC milliseconds, for `recorded_at` alone. */
  readonly now: () => number;
  /** How long a connection may take to come about, and a statement to be answered. Default 10,000 each. */
  readonly connect_timeout_ms?: number;
  readonly statement_timeout_ms?: number;
  /** How long a write waits for another's lock. Default 5,000. */
  readonly lock_timeout_ms?: number;
}

/** Blocks of an import that are on their way while the next one is verified. */
const IMPORTED_AHEAD = 4;

/**
 * Logs in one PostgreSQL database, 14 or newer. Many logs share its tables; each has one live writer.
 *
 * The tables are made by {@link migrate} and by nobody else.
 */
export class PostgresEventStore implements EventStore, LogImporter, ProjectionStores {
  readonly #options: PostgresEventStoreOptions;
  readonly #sessions = new Set<{ close(): Promise<void> }>();
  #schema: Promise<Refusal | null> | null = null;

  constructor(options: PostgresEventStoreOptions) {
    this.#options = options;
  }

  /** @throws {CatalogueRefused} for a catalogue that breaks its own rules. */
  async open(options: OpenOptions): Promise<OpenOutcome> {
    const registry = buildRegistry(options.catalogue);
    const durability = options.durability ?? "durable";
    const opened = await this.#opened(options);
    if (opened.kind !== "taken") return opened;
    const { sha256, now } = this.#options;
    const parts: SessionParts = {
      log: options.log,
      mode: options.mode,
      registry,
      layout: opened.layout,
      durability,
      reader: new PostgresLink(() => this.#connect("read")),
      connect: (mode) => this.#connect(mode),
      resume: (connection, epoch, heads) => resumeLog(connection, options.log, epoch, heads),
      participant: options.mode === "write" ? options.participant : undefined,
      sha256,
      now,
    };
    const writer = opened.writer === null ? null : new PostgresWriter(parts, opened.standing, opened.writer);
    const session = new PostgresLogSession(parts, opened.standing, writer);
    this.#sessions.add(session);
    return { kind: "opened", session };
  }

  async logs(): Promise<readonly string[]> {
    const connection = await this.#connect("read");
    try {
      return (await connection.query(WHOLE_LOGS)).map(([log]) => log ?? "");
    } finally {
      await connection.close();
    }
  }

  async importLog(target: ImportTarget, blocks: AsyncIterable<CommittedBlock>): Promise<ImportOutcome> {
    const { log, whole } = target;
    try {
      if (whole === undefined) return await this.#importTo(target, blocks);
      const begun = await this.#withWriter((connection) => beginImport(connection, log, whole));
      if (begun.kind === "exists") return begun;
      if (begun.kind === "other") {
        const cause = `another history of ${log}, which ends at position ${begun.position}, is being imported: finish that first`;
        return { kind: "damaged", position: begun.position, cause };
      }
      const outcome = await this.#importTo(target, blocks);
      if (outcome.kind === "imported") await this.#withWriter((connection) => endImport(connection, log));
      return outcome;
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { kind: "unavailable", cause: error.message };
    }
  }

  async #importTo({ log, layout: wanted, whole }: ImportTarget, blocks: AsyncIterable<CommittedBlock>): Promise<ImportOutcome> {
    const opened = await this.#opened({ log, mode: "write", layout: wanted }, whole !== undefined);
    if (opened.kind !== "taken")
      return { kind: "unavailable", cause: "cause" in opened ? opened.cause : `the log ${log} could not be opened: ${opened.kind}` };
    const { layout, writer } = opened;
    if (writer === null) throw new Error("a log that was opened for writing has a connection");
    let { head, epoch } = opened.standing;
    // Nobody sees a log before it is whole, and the commit that shows it flushes all before it.
    const synchronous = whole === undefined ? "on" : "off";
    const sent: Promise<boolean>[] = [];
    const answered = async (most: number): Promise<void> => {
      while (sent.length > most) {
        if (await sent.shift()) continue;
        throw new BackendFailure("other", `another writer took the log ${log} over`, null, undefined);
      }
    };
    try {
      const sink = {
        standing: () => opened.standing,
        createdAt: isoTime,
        write: async (...[block, anchor]: Parameters<Parameters<typeof importBlocks>[1]["write"]>) => {
          const insertion = layout.insertion(block, anchor);
          const stored = commitBlock(writer.change.bind(writer), { head, epoch }, anchor, insertion, synchronous);
          // A failure is met where its turn comes.
          stored.catch(() => {});
          sent.push(stored);
          head = block.head;
          epoch = Math.max(epoch, anchor.epoch);
          await answered(IMPORTED_AHEAD);
        },
        flush: () => answered(0),
        abandon: () => {},
      };
      return await importBlocks(log, sink, blocks, this.#options.sha256, whole ?? null);
    } finally {
      await writer.close();
    }
  }

  async #withWriter<T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const connection = await this.#connect("write");
    try {
      const refusal = await this.#refuseSchema(connection);
      if (refusal !== null) throw new BackendFailure("other", "cause" in refusal ? refusal.cause : refusal.kind, null, undefined);
      return await work(connection);
    } finally {
      await connection.close();
    }
  }

  async openProjections(log: string): Promise<OpenProjectionsOutcome> {
    let connection: PostgresConnection | null = null;
    try {
      connection = await this.#connect("read");
      const refusal = await this.#refuseSchema(connection);
      if (refusal !== null) return { kind: "unavailable", cause: "cause" in refusal ? refusal.cause : refusal.kind.replaceAll("_", " ") };
      if ((await readStanding(connection.query.bind(connection), log)) === null) return { kind: "not_found", log };
      const store = new PostgresProjectionStore(log, connection, () => this.#connect("read"));
      connection = null;
      this.#sessions.add(store);
      return { kind: "opened", store };
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { kind: "unavailable", cause: error.message };
    } finally {
      await connection?.close();
    }
  }

  /** What the database took of its migrations, and what is left. Changes nothing. @throws {BackendFailure} */
  async planMigrations(): Promise<MigrationState> {
    return this.#administer((connection) => planMigrations(connection, this.#options.sha256));
  }

  /** Brings the database's tables up to this Onetape. @returns where it stood before. @throws {BackendFailure} */
  async migrate(): Promise<MigrationState> {
    this.#schema = null;
    return this.#administer((connection) => applyMigrations(connection, this.#options.sha256));
  }

  /** Looks whether the server may be written to and has its tables. @returns what was found. @throws {BackendFailure} saying what is wrong. */
  async examine(): Promise<string> {
    const connection = await this.#connect("write");
    try {
      const refusal = await this.#refuseSchema(connection);
      if (refusal !== null) {
        const cause = "cause" in refusal ? refusal.cause : "a newer Onetape migrated the database";
        throw new PostgresFailure("other", cause, { certainty: "not_sent" });
      }
      const [row] = await connection.query("SELECT current_setting('server_version'), (SELECT count(*) FROM log_head)");
      return `PostgreSQL ${row?.[0]}, a primary that flushes what it acknowledges, holds ${row?.[1]} logs`;
    } finally {
      await connection.close();
    }
  }

  /** What of the server's settings, roles and triggers a tape relies on, each with what to do next. @throws {BackendFailure} */
  async findings(): Promise<readonly Finding[]> {
    return this.#administer(async (connection) => {
      const refusal = await this.#refuseSchema(connection);
      if (refusal === null) return examineServer(connection, this.#options.now);
      const found = "cause" in refusal ? refusal.cause : "a newer Onetape migrated the database";
      return [{ check: "tables", status: "failed", found, next: "onetape store migrate plan" }];
    });
  }

  /** Closes every session that is still open. */
  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
    this.#sessions.clear();
  }

  /** @param hidden the log may be one that is being imported. */
  async #opened(
    options: Pick<OpenOptions, "log" | "mode" | "layout" | "expected_head">,
    hidden: boolean = false,
  ): Promise<OpenedLog | Refusal> {
    if (!isTapeName(options.log))
      return { kind: "unavailable", cause: `${JSON.stringify(options.log)} cannot name a log: ${NAME_EXPECTATION}` };
    let connection: PostgresConnection | null = null;
    try {
      connection = await this.#connect(options.mode);
      const schema = await this.#refuseSchema(connection);
      if (schema !== null) return schema;
      if (!hidden && (await isBeingImported(connection.query.bind(connection), options.log)))
        return {
          kind: "unavailable",
          cause: `the log ${options.log} is being imported: onetape store import with the same file goes on with it`,
        };
      const taken = options.mode === "write" ? await this.#takeOver(connection, options) : await this.#look(connection, options);
      if (taken.kind !== "taken") return taken;
      const refusal = options.mode === "write" ? await this.#refuseTail(connection, taken.layout) : null;
      if (refusal !== null) return refusal;
      const writer = options.mode === "write" ? connection : null;
      if (writer !== null) connection = null;
      return { ...taken, writer };
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return error.kind === "corrupt"
        ? { kind: "corrupt", position: null, cause: error.message }
        : { kind: "unavailable", cause: error.message };
    } finally {
      await connection?.close();
    }
  }

  #takeOver(connection: PostgresConnection, options: Pick<OpenOptions, "log" | "layout" | "expected_head">): Promise<Taken> {
    return takeOver(connection, {
      log: options.log,
      layout: options.layout ?? "rows",
      expected_head: options.expected_head ?? null,
      layoutOf: (layout) => this.#layout(options.log, layout),
      now: this.#options.now,
    });
  }

  async #refuseTail(connection: PostgresConnection, layout: PostgresLayout): Promise<Refusal | null> {
    const ask: Ask = (text, values, name) => connection.query(text, values, name);
    const request = { stream: null, from: null, direction: "backwards", types: null, limit: TAIL_EVENTS + 1 } as const;
    const newest: TapeEvent[] = [];
    for await (const page of layout.scan(ask, request)) if (newest.push(...page) > TAIL_EVENTS) break;
    return tailRefusal(newest, this.#options.sha256);
  }

  /** Damage does not keep a log from being read: finding damage is what reading is for. */
  async #look(connection: PostgresConnection, { log, expected_head }: Pick<OpenOptions, "log" | "expected_head">): Promise<Taken> {
    const ask: Ask = (text, values, name) => connection.query(text, values, name);
    const standing: PostgresStanding | null = await readStanding(ask, log);
    if (standing === null) return { kind: "not_found", log };
    return refuseHead(standing.head, expected_head ?? null) ?? { kind: "taken", standing, layout: this.#layout(log, standing.layout) };
  }

  #layout(log: string, layout: LogLayout): PostgresLayout {
    return layout === "segments" ? new PostgresSegments(log, this.#options) : new PostgresRows(log);
  }

  /** Whether the tables are those of this Onetape; looked at once per store. */
  async #refuseSchema(connection: PostgresConnection): Promise<Refusal | null> {
    this.#schema ??= schemaRefusal(connection, this.#options.sha256);
    const refusal = await this.#schema.catch((error: unknown) => {
      this.#schema = null;
      throw error;
    });
    if (refusal !== null) this.#schema = null;
    return refusal;
  }

  async #connect(mode: "read" | "write"): Promise<PostgresConnection> {
    const connection = await PostgresConnection.open(this.#options.target, this.#limits());
    try {
      const refusal = await refuseServer(connection, mode);
      if (refusal !== null) throw new PostgresFailure("other", refusal, { certainty: "not_sent" });
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #administer<T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    // A migration takes as long as it takes.
    const connection = await PostgresConnection.open(this.#options.target, { ...this.#limits(), statement_ms: null });
    try {
      const refusal = await refuseServer(connection, "read");
      if (refusal !== null) throw new PostgresFailure("other", refusal, { certainty: "not_sent" });
      return await work(connection);
    } finally {
      await connection.close();
    }
  }

  #limits(): PostgresLimits {
    const { connect_timeout_ms = 10_000, statement_timeout_ms = 10_000, lock_timeout_ms = 5_000 } = this.#options;
    return { connect_ms: connect_timeout_ms, statement_ms: statement_timeout_ms, lock_ms: lock_timeout_ms };
  }
}

/** A log that passed every check; `writer` is the connection that took it over, null where it was opened to be read. */
type OpenedLog = Extract<Taken, { readonly kind: "taken" }> & { readonly writer: PostgresConnection | null };

async function schemaRefusal(connection: PostgresConnection, sha256: Sha256Fn): Promise<Refusal | null> {
  const state = await planMigrations(connection, sha256);
  switch (state.kind) {
    case "newer":
      return { kind: "newer_version", store_version: state.store_version, supported_version: state.supported_version };
    case "tampered": {
      const cause = `the database's migration ${state.version} is not the one that this Onetape knows: onetape store migrate plan`;
      return { kind: "unavailable", cause };
    }
    case "planned": {
      if (state.pending.length === 0) return null;
      const what =
        state.applied.length === 0 ? "the database has no tables of Onetape yet" : "the database's tables are older than this Onetape";
      return { kind: "unavailable", cause: `${what}: onetape store migrate apply` };
    }
  }
}
