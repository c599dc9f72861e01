import { Worker } from "node:worker_threads";
import type { ChainPart, PartProof } from "../../core/tape/chain-part.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import type { ChainLane, ChainThreads } from "../event-store/chain-threads.js";
import type { PackedEvents } from "../event-store/log-backend.js";
import type { ChainAnswer, ChainWork } from "./chain-messages.js";
import { LocalLane } from "./local-lane.js";

/** A thread broke, which is a bug or a broken machine. */
export class ChainThreadCrashed extends Error {
  override readonly name = "ChainThreadCrashed";
}

/** Messages that a thread has before it: it works at one while the caller is at a page of its own. */
const AHEAD = 3;

export interface WorkerChainThreadsOptions {
  /** Where the worker's bundled file is. */
  readonly entry: () => URL;
  /** Threads besides the caller's; at least 1. */
  readonly threads: number;
  readonly sha256: Sha256Fn;
  readonly sha256Bytes: Sha256BytesFn;
  /** Default 25,000: a fifth of a second of hashing; a thread starts in a quarter of that. */
  readonly least_events?: number;
  /** Default 4,000. */
  readonly part_events?: number;
}

/** The caller's thread and others, started for each log that is worth it. */
export class WorkerChainThreads implements ChainThreads {
  readonly least_events: number;
  readonly part_events: number;
  readonly #options: WorkerChainThreadsOptions;

  constructor(options: WorkerChainThreadsOptions) {
    this.#options = options;
    this.least_events = options.least_events ?? 25_000;
    this.part_events = options.part_events ?? 4_000;
  }

  open(): readonly ChainLane[] {
    const entry = this.#options.entry();
    const workers = Array.from({ length: this.#options.threads }, () => new WorkerLane(new Worker(entry, { name: "onetape-verify" })));
    return [...workers, new LocalLane(this.#options)];
  }
}

/** One thread and whoever waits for it. */
class WorkerLane implements ChainLane {
  readonly #worker: Worker;
  readonly #answers: ChainAnswer[] = [];
  /** Messages without an answer. */
  #open = 0;
  #wake: (() => void) | null = null;
  #broken: Error | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: ChainAnswer) => {
      this.#answers.push(answer);
      this.#wake?.();
    });
    worker.on("error", (error) => this.#fail(error));
    worker.on("exit", (code) => this.#fail(new ChainThreadCrashed(`a thread that verifies ended with code ${code}`)));
  }

  async prove(part: ChainPart, pages: Iterable<PackedEvents>): Promise<PartProof | null> {
    this.#send({ kind: "part", part });
    let sound = true;
    for (const events of pages) {
      this.#send({ kind: "events", events });
      while (sound && this.#open >= AHEAD) sound = (await this.#answer()) !== false;
      if (!sound) break;
    }
    this.#send({ kind: "end" });
    for (;;) {
      const answer = await this.#answer();
      if (typeof answer !== "boolean") return answer;
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(work: ChainWork): void {
    if (this.#broken !== null) throw this.#broken;
    this.#open += 1;
    const bytes = work.kind !== "events" ? null : work.events.kind === "lines" ? work.events.bytes : work.events.row.body;
    // Memory changes hands where the bytes have it to themselves, as what a database returns does.
    const own = bytes !== null && bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
    this.#worker.postMessage(work, own ? [bytes.buffer] : []);
  }

  async #answer(): Promise<ChainAnswer> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer !== undefined) {
        this.#open -= 1;
        return answer;
      }
      if (this.#broken !== null) throw this.#broken;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    this.#wake?.();
  }
}
