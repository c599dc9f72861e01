import { describe, expect, test } from "vitest";
import type { AppendOutcome, BlockOutcome } from "../../ports/event-store.js";
import { AppendQueue, type AppendWriter } from "./append-queue.js";
import type { PreparedBatch } from "./prepare-append.js";

/** A writer that answers when it is told to. */
class HeldWriter implements AppendWriter {
  readonly lanes: number;
  /** What was handed over, oldest first: how many appends, or `block`, or `settle`. */
  readonly handed: (number | "block" | "settle")[] = [];
  readonly #answers: (() => void)[] = [];

  constructor(lanes: number) {
    this.lanes = lanes;
  }

  storeAppends(appends: readonly (readonly PreparedBatch[])[]): Promise<readonly AppendOutcome[]> {
    return this.#hold(
      appends.length,
      appends.map((_, i) => ({ kind: "version_conflict", stream: "s", expected: 0, actual: i })),
    );
  }

  storeBlock(): Promise<BlockOutcome> {
    return this.#hold("block", { kind: "unavailable", cause: "a test" });
  }

  settle(): Promise<null> {
    return this.#hold("settle", null);
  }

  /** Answers the oldest. */
  async answer(): Promise<void> {
    this.#answers.shift()?.();
    await turns();
  }

  #hold<T>(what: number | "block" | "settle", answer: T): Promise<T> {
    this.handed.push(what);
    return new Promise((resolve) => this.#answers.push(() => resolve(answer)));
  }
}

const one: readonly PreparedBatch[] = [{ stream: "l/s", name: "s", expected: 0, events: [{} as PreparedBatch["events"][number]] }];

async function turns(): Promise<void> {
  for (let n = 0; n < 5; n++) await new Promise((turn) => setImmediate(turn));
}

describe("appends that come together", () => {
  test("go in one commit where the writer takes one thing at a time", async () => {
    const writer = new HeldWriter(1);
    const queue = new AppendQueue(writer);
    for (let n = 0; n < 64; n++) void queue.append(one);
    await turns();
    for (let n = 0; n < 8; n++) void queue.append(one);
    await turns();
    expect(writer.handed).toEqual([64]);
    await writer.answer();
    expect(writer.handed).toEqual([64, 8]);
    await writer.answer();
  });

  test("go in two halves where the writer takes two: one is made while the other is under way", async () => {
    const writer = new HeldWriter(2);
    const queue = new AppendQueue(writer);
    for (let n = 0; n < 64; n++) void queue.append(one);
    await turns();
    expect(writer.handed).toEqual([32, 32]);
    for (let n = 0; n < 40; n++) void queue.append(one);
    await turns();
    expect(writer.handed).toEqual([32, 32]);
    await writer.answer();
    expect(writer.handed).toEqual([32, 32, 40]);
    await writer.answer();
    await writer.answer();
  });

  test("stay together where they are few", async () => {
    const writer = new HeldWriter(2);
    const queue = new AppendQueue(writer);
    for (let n = 0; n < 15; n++) void queue.append(one);
    await turns();
    expect(writer.handed).toEqual([15]);
    await writer.answer();
  });

  test("are all answered before a block or a settlement is begun, and nothing overtakes these", async () => {
    const writer = new HeldWriter(2);
    const queue = new AppendQueue(writer);
    for (let n = 0; n < 16; n++) void queue.append(one);
    const settled = queue.settle();
    void queue.append(one);
    await turns();
    expect(writer.handed).toEqual([8, 8]);
    await writer.answer();
    expect(writer.handed).toEqual([8, 8]);
    await writer.answer();
    expect(writer.handed).toEqual([8, 8, "settle"]);
    await writer.answer();
    expect(await settled).toBeNull();
    expect(writer.handed).toEqual([8, 8, "settle", 1]);
    await writer.answer();
    await queue.drained();
  });
});
