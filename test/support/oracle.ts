/**
 * What a test knows of a log without asking it: what it submitted, and what was acknowledged.
 *
 * After every fault it looks whether I1 what was acknowledged is there, unchanged; I2 nothing else is; I3 versions and positions are dense;
 * I4 the chain holds; I6 the state that is folded from the log is the one that follows from what was submitted.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { canonicalPayload } from "../../src/core/tape/canonical-json.js";
import { payloadHash } from "../../src/core/tape/chain.js";
import type { TapeEvent } from "../../src/core/tape/event.js";
import type { AppendOutcome, EventStore, LogSession, StreamBatch } from "../../src/ports/event-store.js";
import { balances, replayed } from "./projection-fixture.js";
import { openLog, readAll } from "./tape-fixture.js";
import type { Notes } from "./writer-notes.js";

interface Submitted {
  readonly stream: string;
  readonly payload_hash: string;
  readonly amount: bigint;
}

export interface Verdict {
  readonly events: readonly TapeEvent[];
  readonly acknowledged: number;
}

/** The log is not what the oracle knows. */
export class InvariantBroken extends Error {
  override readonly name = "InvariantBroken";
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}

export class Oracle {
  readonly #submitted = new Map<string, Submitted>();
  readonly #acknowledged = new Map<string, number>();

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Appends through any session, and remembers what was asked and what was answered. */
  async append(session: Pick<LogSession, "append">, batches: readonly StreamBatch[]): Promise<AppendOutcome> {
    this.submit(batches);
    const outcome = await session.append(batches);
    if (outcome.kind === "stored" || outcome.kind === "duplicate") this.acknowledge(batches, outcome.positions);
    return outcome;
  }

  /** Appends again, by the same ids, until the outcome is known. @throws {Error} after 30 s of waiting. */
  async appendUntilKnown(session: Pick<LogSession, "append">, batches: readonly StreamBatch[]): Promise<AppendOutcome> {
    for (let waited = 0; waited < 30_000; waited += 50) {
      const outcome = await this.append(session, batches);
      if (outcome.kind !== "unknown" && outcome.kind !== "unavailable") return outcome;
      await sleep(50);
    }
    throw new Error("nobody knows after 30 s");
  }

  submit(batches: readonly StreamBatch[]): void {
    for (const { stream, events } of batches) {
      for (const { id, payload } of events) {
        const text = canonicalPayload(payload);
        if (!text.ok) throw new Error("the test submits what no log takes");
        if (this.#submitted.has(id)) continue;
        this.#submitted.set(id, { stream, payload_hash: payloadHash(text.text, sha256), amount: BigInt(String(payload["amount"])) });
      }
    }
  }

  acknowledge(batches: readonly StreamBatch[], positions: readonly number[]): void {
    const ids = batches.flatMap(({ events }) => events.map(({ id }) => id));
    for (const [i, id] of ids.entries()) this.#acknowledge(id, positions[i] ?? 0);
  }

  /** Takes over what writing processes have noted. */
  addNotes(all: readonly Notes[]): void {
    for (const { intents, acknowledged } of all) {
      for (const batches of intents) this.submit(batches);
      for (const { id, position } of acknowledged) this.#acknowledge(id, position);
    }
  }

  /** @throws {InvariantBroken} */
  async check(store: EventStore, log = "run/one"): Promise<Verdict> {
    const reader = await openLog(store, { mode: "read", log });
    try {
      const events = await readAll(reader);
      this.#checkEvents(events, log);
      const failure = (await reader.verify("L2")).failure;
      if (failure !== null) throw new InvariantBroken("I4", failure.message);
      await this.#checkState(reader, events);
      return { events, acknowledged: this.#acknowledged.size };
    } finally {
      await reader.close();
    }
  }

  #acknowledge(id: string, position: number): void {
    const before = this.#acknowledged.get(id);
    if (before !== undefined && before !== position)
      throw new InvariantBroken("I1", `${id} was acknowledged at position ${before} and then at ${position}`);
    this.#acknowledged.set(id, position);
  }

  #checkEvents(events: readonly TapeEvent[], log: string): void {
    const found = new Map<string, TapeEvent>();
    const versions = new Map<string, number>();
    for (const [i, event] of events.entries()) {
      const source = this.#submitted.get(event.id);
      if (source === undefined) throw new InvariantBroken("I2", `the event at position ${event.position} was never submitted`);
      if (found.has(event.id)) throw new InvariantBroken("I2", `the event ${event.id} stands there twice`);
      if (event.stream !== `${log}/${source.stream}` || event.payload_hash !== source.payload_hash)
        throw new InvariantBroken("I1", `the event at position ${event.position} is not the one that was submitted`);
      const version = (versions.get(event.stream) ?? 0) + 1;
      if (event.position !== i + 1 || event.version !== version)
        throw new InvariantBroken("I3", `position ${event.position}, version ${event.version} stand where ${i + 1}, ${version} are due`);
      versions.set(event.stream, version);
      found.set(event.id, event);
    }
    for (const [id, position] of this.#acknowledged)
      if (found.get(id)?.position !== position) throw new InvariantBroken("I1", `${id}, acknowledged at position ${position}, is lost`);
  }

  async #checkState(reader: LogSession, events: readonly TapeEvent[]): Promise<void> {
    const sums = new Map<string, bigint>();
    for (const { id } of events) {
      const { stream, amount } = this.#submitted.get(id) as Submitted;
      sums.set(stream, (sums.get(stream) ?? 0n) + amount);
    }
    const { state } = await replayed(balances, reader);
    const folded = JSON.stringify(Object.entries(state.accounts).sort());
    if (folded !== JSON.stringify([...sums].map(([stream, sum]) => [stream, String(sum)]).sort()))
      throw new InvariantBroken("I6", "the state that is folded from the log is not what was submitted");
  }
}
