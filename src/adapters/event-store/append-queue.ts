import type { EventBlock } from "../../core/tape/block.js";
import type { AppendOutcome, BlockOutcome } from "../../ports/event-store.js";
import type { PreparedBatch } from "./prepare-append.js";
import { isUnwritten, type Unwritten } from "./unwritten.js";

/** The one that may write to a log. Its methods are not called before the one before has ended, but for `lanes`. */
export interface AppendWriter {
  /** How many `storeAppends` may be under way at a time; one where it is left out. They take effect in the order of the calls. */
  readonly lanes?: number;
  /** Commits appends together. @returns one answer for each, or the one that all share. */
  storeAppends(appends: readonly (readonly PreparedBatch[])[]): Promise<readonly AppendOutcome[] | Unwritten>;
  storeBlock(block: EventBlock): Promise<BlockOutcome>;
  /** Finds out what a lost answer was. @returns why that cannot be told, or null. */
  settle(): Promise<string | null>;
}

/** Who waits for an answer, and hears of a defect. */
interface Waiting<Answer> {
  readonly answer: (answer: Answer) => void;
  readonly fail: (defect: unknown) => void;
}

type Job =
  | ({ readonly kind: "append"; readonly batches: readonly PreparedBatch[]; readonly events: number } & Waiting<AppendOutcome>)
  | ({ readonly kind: "block"; readonly block: EventBlock } & Waiting<BlockOutcome>)
  | ({ readonly kind: "settle" } & Waiting<string | null>);

type AppendJob = Extract<Job, { readonly kind: "append" }>;

/** Most events of one commit: beyond some thousand a larger one is no faster. */
const GROUP_EVENTS = 1_000;
/** Events that are worth two commits: the second is made while the first is under way. */
const EVENTS_FOR_TWO = 16;

/**
 * Hands a writer one thing after the other. Appends that come while a commit is under way go together in the next: commits grow with
 * the load, and no timer is waited for.
 */
export class AppendQueue {
  readonly #writer: AppendWriter;
  readonly #lanes: number;
  readonly #jobs: Job[] = [];
  readonly #underWay: Set<Promise<void>> = new Set();
  #working: Promise<void> | null = null;

  constructor(writer: AppendWriter) {
    this.#writer = writer;
    this.#lanes = writer.lanes ?? 1;
  }

  append(batches: readonly PreparedBatch[]): Promise<AppendOutcome> {
    const events = batches.reduce((sum, batch) => sum + batch.events.length, 0);
    return new Promise((answer, fail) => this.#put({ kind: "append", batches, events, answer, fail }));
  }

  appendBlock(block: EventBlock): Promise<BlockOutcome> {
    return new Promise((answer, fail) => this.#put({ kind: "block", block, answer, fail }));
  }

  /** Waits until it is known what became of everything that was appended. @returns why that cannot be told, or null. */
  settle(): Promise<string | null> {
    return new Promise((answer, fail) => this.#put({ kind: "settle", answer, fail }));
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
    for (;;) {
      const free = this.#underWay.size === 0 || (this.#underWay.size < this.#lanes && this.#jobs[0]?.kind === "append");
      const jobs = free ? this.#take() : [];
      if (jobs.length > 0) {
        const done = this.#attempt(jobs);
        if (this.#lanes === 1 || jobs[0]?.kind !== "append") await done;
        else this.#follow(done);
      } else if (this.#underWay.size > 0) await Promise.race(this.#underWay);
      else break;
    }
    this.#working = null;
  }

  #follow(done: Promise<void>): void {
    const ended = done.finally(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
  }

  async #attempt(jobs: readonly Job[]): Promise<void> {
    try {
      await this.#do(jobs);
    } catch (defect) {
      for (const job of jobs) job.fail(defect);
    }
  }

  async #do(jobs: readonly Job[]): Promise<void> {
    const [first] = jobs;
    if (first?.kind === "settle") first.answer(await this.#writer.settle());
    else if (first?.kind === "block") first.answer(this.#seen(await this.#writer.storeBlock(first.block)));
    else await this.#appendTogether(jobs.filter((job) => job.kind === "append"));
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

  /** The next job, or all the appends at the front that fit one commit. */
  #take(): readonly Job[] {
    const most = this.#mostEvents();
    let events = 0;
    let count = 0;
    for (const job of this.#jobs) {
      if (job.kind !== "append") break;
      events += job.events;
      if (count > 0 && events > most) break;
      count += 1;
    }
    return this.#jobs.splice(0, Math.max(count, 1));
  }

  /** Half of what waits where nothing is under way and two commits could be: from then on one is made while the other is stored. */
  #mostEvents(): number {
    if (this.#lanes === 1 || this.#underWay.size > 0) return GROUP_EVENTS;
    let waiting = 0;
    for (const job of this.#jobs) {
      if (job.kind !== "append") break;
      waiting += job.events;
    }
    return waiting < EVENTS_FOR_TWO ? GROUP_EVENTS : Math.min(GROUP_EVENTS, Math.ceil(waiting / 2));
  }
}

function nextTurn(): Promise<void> {
  return new Promise((turn) => setImmediate(turn));
}
