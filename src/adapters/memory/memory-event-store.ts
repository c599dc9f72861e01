import type { Sha256Fn } from "../../core/tape/hash.js";
import { isTapeName, NAME_EXPECTATION } from "../../core/tape/names.js";
import { buildRegistry } from "../../core/tape/registry.js";
import type { EventStore, OpenOptions, OpenOutcome } from "../../ports/event-store.js";
import type { CommittedBlock, ImportOutcome, ImportTarget, LogImporter } from "../../ports/log-import.js";
import type { OpenProjectionsOutcome, ProjectionStores } from "../../ports/projection-store.js";
import { BackendProjectionStore } from "../event-store/backend-projection-store.js";
import { importBlocks, sinkOf } from "../event-store/import-blocks.js";
import { BackendLogSession } from "../event-store/log-session.js";
import { MemoryBackend, MemoryLog } from "./memory-log.js";

export interface MemoryEventStoreOptions {
  readonly sha256: Sha256Fn;
  /** Wall clock in UTC milliseconds. */
  readonly now: () => number;
}

/** Logs in memory, under the same rules as those on disk: for tests, and runs that nobody keeps. What it calls durable lives as long as the process. */
export class MemoryEventStore implements EventStore, LogImporter, ProjectionStores {
  readonly #options: MemoryEventStoreOptions;
  readonly #logs = new Map<string, MemoryLog>();
  /** Logs that are not whole yet. */
  readonly #importing = new Map<string, MemoryLog>();

  constructor(options: MemoryEventStoreOptions) {
    this.#options = options;
  }

  /** @throws {CatalogueRefused} for a catalogue that breaks its own rules. */
  async open(options: OpenOptions): Promise<OpenOutcome> {
    const registry = buildRegistry(options.catalogue);
    if (!isTapeName(options.log))
      return { kind: "unavailable", cause: `${JSON.stringify(options.log)} cannot name a log: ${NAME_EXPECTATION}` };
    let log = this.#logs.get(options.log);
    if (log === undefined && options.mode === "read") return { kind: "not_found", log: options.log };
    log ??= new MemoryLog(options.log, options.layout ?? "rows");
    const { head } = log.standing;
    const expected = options.expected_head;
    if (expected !== undefined && (expected.position !== head.position || expected.hash !== head.hash)) {
      return { kind: "head_mismatch", expected, actual: head };
    }
    this.#logs.set(options.log, log);
    if (options.mode === "write") log.epoch += 1;
    const session = new BackendLogSession({
      log: options.log,
      registry,
      backend: new MemoryBackend(log),
      epoch: options.mode === "write" ? log.epoch : null,
      durability: options.durability ?? "durable",
      sha256: this.#options.sha256,
      now: this.#options.now,
      participant: options.mode === "write" ? options.participant : undefined,
    });
    return { kind: "opened", session };
  }

  async logs(): Promise<readonly string[]> {
    return [...this.#logs.keys()].sort();
  }

  async importLog(target: ImportTarget, blocks: AsyncIterable<CommittedBlock>): Promise<ImportOutcome> {
    const { sha256 } = this.#options;
    const there = this.#logs.get(target.log);
    if (target.whole === undefined) {
      const log = there ?? new MemoryLog(target.log, target.layout);
      this.#logs.set(target.log, log);
      return importBlocks(target.log, sinkOf(new MemoryBackend(log)), blocks, sha256);
    }
    if (there !== undefined) return { kind: "exists", head: there.standing.head };
    const log = this.#importing.get(target.log) ?? new MemoryLog(target.log, target.layout);
    this.#importing.set(target.log, log);
    const outcome = await importBlocks(target.log, sinkOf(new MemoryBackend(log)), blocks, sha256, target.whole);
    if (outcome.kind === "imported") this.#logs.set(target.log, log);
    if (outcome.kind === "imported" || outcome.kind === "damaged") this.#importing.delete(target.log);
    return outcome;
  }

  async openProjections(log: string): Promise<OpenProjectionsOutcome> {
    const kept = this.#logs.get(log);
    return kept === undefined ? { kind: "not_found", log } : { kind: "opened", store: new BackendProjectionStore(log, kept.projections) };
  }

  /** Forgets every log. */
  async close(): Promise<void> {
    this.#logs.clear();
  }
}
