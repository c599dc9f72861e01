import type { EventBlock } from "../../core/tape/block.js";
import type { AppendOutcome, BlockOutcome } from "../../ports/event-store.js";
import type { PreparedBatch } from "../event-store/prepare-append.js";
import type { PostgresWriter } from "./postgres-writer.js";
import { isUnwritten, type Unwritten } from "./postgres-writer.js";

type Job =
  | {
      readonly kind: "append";
      readonly batches: readonly PreparedBatch[];
      readonly events: number;
      readonly answer: (outcome: AppendOutcome) => void;
    }
  | { readonly kind: "block"; readonly block: EventBlock; readonly answer: (outcome: BlockOutcome) => void }
  | { readonly kind: "settle"; readonly answer: (why: string | null) => void };

type AppendJob = Extract<Job, { readonly kind: "append" }>;

/** Most events of one commit: beyond some thousand a larger one is no faster. */
const GROUP_EVENTS = 1_000;

/**
 * Hands a writer one thing after the other. Appends that come while a commit is under way go together in the next: commits grow with
 * the load, and no timer is waited for.
 */
export class AppendQueue {
  readonly #writer: PostgresWriter;
  readonly #jobs: Job[] = [];
  #working: Promise<void> | null = null;

  constructor(writer: PostgresWriter) {
    this.#writer = writer;
  }

  append(batches: readonly PreparedBatch[]): Promise<AppendOutcome> {
    const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
    return new Promise((answer) => this.#put({ kind: "append", batches, events, answer }));
  }

  appendBlock(block: EventBlock): Promise<BlockOutcome> {
    return new Promise((answer) => this.#put({ kind: "block", block, answer }));
  }

  /** Waits until it is known what became of everything that was appended. @returns why that cannot be told, or null. */
  settle(): Promise<string | null> {
    return new Promise((answer) => this.#put({ kind: "settle", answer }));
  }

  /** Waits until everything that was put in has its answer. */
  async drained(): Promise<void> {
    await this.#working;
  }

  #put(job: Job): void {
    this.#jobs.push(job);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // Whoever calls in the same turn of the event loop goes into the same commit.
    await nextTurn();
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      if (job.kind === "append") await this.#appendTogether(this.#takeAppends());
      else {
        this.#jobs.shift();
        if (job.kind === "settle") job.answer(await this.#writer.settle());
        else job.answer(this.#seen(await this.#writer.storeBlock(job.block)));
      }
    }
    this.#working = null;
  }

  async #appendTogether(jobs: readonly AppendJob[]): Promise<void> {
    const outcomes = await this.#writer.storeAppends(jobs.map((job) => job.batches));
    for (const [i, job] of jobs.entries()) {
      const outcome = isUnwritten(outcomes) ? outcomes : outcomes[i];
      if (outcome === undefined) throw new Error("every append of a group has its answer");
      job.answer(outcome);
    }
    if (isUnwritten(outcomes)) this.#seen(outcomes);
    // The callers' next appends are on their way already.
    await nextTurn();
  }

  /** A writer that cannot reach its log, or lost it, would make every job behind this one wait for the same answer. */
  #seen<T extends BlockOutcome | Unwritten>(outcome: T): T {
    if (outcome.kind !== "unavailable" && outcome.kind !== "fenced") return outcome;
    const waiting = this.#jobs.filter((job) => job.kind !== "settle");
    const settling = this.#jobs.filter((job) => job.kind === "settle");
    this.#jobs.splice(0, this.#jobs.length, ...settling);
    for (const job of waiting) job.answer(outcome);
    return outcome;
  }

  #takeAppends(): readonly AppendJob[] {
    const jobs: AppendJob[] = [];
    let events = 0;
    for (const job of this.#jobs) {
      if (job.kind !== "append" || (jobs.length > 0 && events + job.events > GROUP_EVENTS)) break;
      jobs.push(job);
      events += job.events;
    }
    this.#jobs.splice(0, jobs.length);
    return jobs;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((turn) => setImmediate(turn));
}
