import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { TapeEvent } from "../../core/tape/event.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import { isTapeName, NAME_EXPECTATION } from "../../core/tape/names.js";
import type { EventRegistry } from "../../core/tape/registry.js";
import { buildRegistry } from "../../core/tape/registry.js";
import type { Durability, EventStore, LogLayout, LogSession, OpenOptions, OpenOutcome } from "../../ports/event-store.js";
import type { CommittedBlock, ImportOutcome, ImportTarget, LogImporter } from "../../ports/log-import.js";
import type { OpenProjectionsOutcome, ProjectionStore, ProjectionStores } from "../../ports/projection-store.js";
import type { ChainThreads } from "../event-store/chain-threads.js";
import { importBlocks, sinkOf } from "../event-store/import-blocks.js";
import type { LogBackend } from "../event-store/log-backend.js";
import { BackendFailure } from "../event-store/log-backend.js";
import { BackendLogSession } from "../event-store/log-session.js";
import { TAIL_EVENTS, tailRefusal } from "../event-store/tail-check.js";
import { AnchorFile } from "./anchor-file.js";
import { loadSqliteDriver } from "./load-sqlite-driver.js";
import type { LogFiles } from "./log-files.js";
import { anchorPathOf } from "./log-files.js";
import type { OpenedLog } from "./open-log.js";
import { openForReading, openForWriting } from "./open-log.js";
import { openProjectionsFile } from "./open-projections.js";
import type { SqliteDriver, SqliteDriverName } from "./sqlite-driver.js";
import { SqliteLog } from "./sqlite-log.js";
import { SqliteRowsBackend } from "./sqlite-rows.js";
import { SqliteSegmentsBackend } from "./sqlite-segments.js";
import { contradictingAnchor, discardStaged, publishStaged, recoverStaged, stagingPathOf } from "./staged-log.js";

export interface SqliteEventStoreOptions {
  readonly files: LogFiles;
  readonly sha256: Sha256Fn;
  readonly sha256Bytes: Sha256BytesFn;
  /** Wall clock in UTC milliseconds, for `recorded_at` alone. */
  readonly now: () => number;
  /** How long a write waits for another process's. Default 5,000. */
  readonly busy_timeout_ms?: number;
  /** Largest size of a log's file in pages of 4 KiB; a log that is full answers `unavailable`. Default: as large as the disk. */
  readonly max_pages?: number;
  /** Threads that verify long logs; left out, whoever asks verifies them. */
  readonly threads?: ChainThreads | undefined;
  /** Default: what this Node has. */
  readonly driver?: SqliteDriverName;
}

const BUSY_TIMEOUT_MS = 5_000;
/** Blocks of a copy that one transaction commits. */
const BLOCKS_TOGETHER = 256;

/** Logs in SQLite files, one file and one anchor file per log. */
export class SqliteEventStore implements EventStore, LogImporter, ProjectionStores {
  readonly #options: SqliteEventStoreOptions;
  readonly #sessions = new Set<LogSession>();
  readonly #projections = new Set<ProjectionStore>();
  #driver: Promise<SqliteDriver> | null = null;

  constructor(options: SqliteEventStoreOptions) {
    this.#options = options;
  }

  /** @throws {CatalogueRefused} for a catalogue that breaks its own rules. */
  async open(options: OpenOptions): Promise<OpenOutcome> {
    const registry = buildRegistry(options.catalogue);
    const durability = options.durability ?? "durable";
    const path = this.#options.files.pathOf(options.log);
    const opened = await this.#openLog(options, durability, path);
    if (opened.kind !== "ready") return opened;
    const backend = this.#backend(options.log, durability, opened, path);
    const refusal = options.mode === "write" && durability === "durable" ? this.#refuseTail(backend) : null;
    if (refusal === null)
      return { kind: "opened", session: this.#session(options, registry, durability, { backend, epoch: opened.epoch }) };
    backend.close();
    return refusal;
  }

  #refuseTail(backend: LogBackend): Extract<OpenOutcome, { kind: "corrupt" }> | null {
    const request = { stream: null, from: null, direction: "backwards", types: null, limit: TAIL_EVENTS + 1 } as const;
    try {
      const newest: TapeEvent[] = [];
      for (const page of backend.scan(request)) if (newest.push(...page) > TAIL_EVENTS) break;
      return tailRefusal(newest, this.#options.sha256);
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { kind: "corrupt", position: null, cause: error.message };
    }
  }

  async logs(): Promise<readonly string[]> {
    return this.#options.files.list();
  }

  async importLog(target: ImportTarget, blocks: AsyncIterable<CommittedBlock>): Promise<ImportOutcome> {
    const { log, whole = null } = target;
    if (whole === null) return this.#importTo(this.#options.files.pathOf(log), target, blocks);
    if (!isTapeName(log)) return { kind: "unavailable", cause: `${JSON.stringify(log)} cannot name a log: ${NAME_EXPECTATION}` };
    const path = this.#options.files.pathOf(log);
    if (existsSync(path)) {
      const there = await this.#openLog({ log, mode: "read" }, "committed", path);
      if (there.kind !== "ready")
        return { kind: "unavailable", cause: `there is a log ${log} already, which cannot be read: ${there.kind}` };
      const backend = this.#backend(log, "committed", there, path);
      const { head } = backend.standing();
      backend.close();
      return { kind: "exists", head };
    }
    try {
      recoverStaged(path);
      const outcome = await this.#importTo(stagingPathOf(path), target, blocks);
      if (outcome.kind === "damaged") discardStaged(path);
      if (outcome.kind !== "imported") return outcome;
      const staged = new AnchorFile(anchorPathOf(stagingPathOf(path)), false).read();
      const anchor = contradictingAnchor(path, staged === "missing" ? [] : staged, outcome.head);
      if (anchor !== null && target.accept_loss !== true) return { kind: "older_than_anchors", head: outcome.head, anchor };
      publishStaged(path, outcome.head);
      return outcome;
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return { kind: "unavailable", cause: error.message };
    }
  }

  async #importTo(path: string, target: ImportTarget, blocks: AsyncIterable<CommittedBlock>): Promise<ImportOutcome> {
    const { log, layout, whole = null } = target;
    const opened = await this.#openLog({ log, mode: "write", layout }, "committed", path);
    if (opened.kind === "corrupt" && whole !== null) return { kind: "damaged", position: opened.position ?? 0, cause: opened.cause };
    if (opened.kind !== "ready")
      return { kind: "unavailable", cause: "cause" in opened ? opened.cause : `the log ${log} could not be opened: ${opened.kind}` };
    const backend = this.#backend(log, "committed", opened, path);
    try {
      return await importBlocks(log, sinkOf(backend, BLOCKS_TOGETHER), blocks, this.#options.sha256, whole);
    } finally {
      backend.close();
    }
  }

  async openProjections(log: string): Promise<OpenProjectionsOutcome> {
    const path = this.#options.files.pathOf(log);
    if (!isTapeName(log) || !existsSync(path)) return { kind: "not_found", log };
    this.#driver ??= loadSqliteDriver(this.#options.driver);
    const opened = openProjectionsFile(await this.#driver, path, log, this.#options.busy_timeout_ms ?? BUSY_TIMEOUT_MS);
    if (opened.kind === "opened") this.#projections.add(opened.store);
    return opened;
  }

  /** Closes every session and projection store that is still open. */
  async close(): Promise<void> {
    for (const open of [...this.#sessions, ...this.#projections]) await open.close();
    this.#sessions.clear();
    this.#projections.clear();
  }

  async #openLog(
    options: Pick<OpenOptions, "log" | "mode" | "layout" | "expected_head">,
    durability: Durability,
    path: string,
  ): Promise<OpenedLog> {
    if (!isTapeName(options.log))
      return { kind: "unavailable", cause: `${JSON.stringify(options.log)} cannot name a log: ${NAME_EXPECTATION}` };
    if (options.mode === "read" && !existsSync(path)) return { kind: "not_found", log: options.log };
    this.#driver ??= loadSqliteDriver(this.#options.driver);
    const driver = await this.#driver;
    try {
      mkdirSync(dirname(path), { recursive: true });
      const request = {
        driver,
        path,
        log: options.log,
        layout: options.layout ?? "rows",
        durability,
        busy_timeout_ms: this.#options.busy_timeout_ms ?? BUSY_TIMEOUT_MS,
        max_pages: this.#options.max_pages ?? null,
        expected_head: options.expected_head ?? null,
        now: this.#options.now,
        anchorFile: new AnchorFile(anchorPathOf(path), durability === "durable"),
      } as const;
      return options.mode === "write" ? await openForWriting(request) : openForReading(request);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return error instanceof BackendFailure && error.kind === "corrupt"
        ? { kind: "corrupt", position: null, cause }
        : { kind: "unavailable", cause };
    }
  }

  #session(
    options: OpenOptions,
    registry: EventRegistry,
    durability: Durability,
    { backend, epoch }: { readonly backend: LogBackend; readonly epoch: number | null },
  ): LogSession {
    const session = new BackendLogSession({
      log: options.log,
      registry,
      backend,
      epoch,
      durability,
      sha256: this.#options.sha256,
      now: this.#options.now,
      threads: this.#options.threads,
      participant: options.mode === "write" ? options.participant : undefined,
    });
    this.#sessions.add(session);
    return session;
  }

  #backend(log: string, durability: Durability, opened: OpenedLog & { readonly kind: "ready" }, path: string): LogBackend {
    const layout: LogLayout = opened.layout;
    const closing = opened.epoch === null ? "reader" : durability === "durable" ? "tidy" : { flush: path };
    const file = new SqliteLog(log, layout, opened.connection, opened.anchorFile, closing);
    return layout === "rows"
      ? new SqliteRowsBackend(file)
      : new SqliteSegmentsBackend(file, this.#options.sha256, this.#options.sha256Bytes);
  }
}
