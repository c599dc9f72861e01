import { expect, test } from "vitest";
import { deposit, ledgerBlocks, openLog } from "../../test/support/tape-fixture.js";
import { MemoryEventStore } from "../adapters/memory/memory-event-store.js";
import { sha256 } from "../adapters/node-hash/sha256.js";
import type { LogSession, ReadOptions } from "../ports/event-store.js";
import { LogAhead } from "./log-ahead.js";

const EVENTS = 2_401;
const never = (): boolean => false;

/** A log of {@link EVENTS} events that notes where each reading of it began. */
async function counted(): Promise<{ readonly session: LogSession; readonly ahead: LogAhead; readonly begun: (number | undefined)[] }> {
  const session = await openLog(new MemoryEventStore({ sha256, now: () => 0 }), {});
  for (const block of ledgerBlocks(800, 500)) await session.appendBlock(block);
  const begun: (number | undefined)[] = [];
  const readPages = (options?: ReadOptions) => {
    begun.push(options?.from);
    return session.readPages(options);
  };
  return { session, ahead: new LogAhead({ readPages }), begun };
}

test("batches that follow each other hold every event once and read the log once", async () => {
  const { ahead, begun } = await counted();
  const positions: number[] = [];
  for (let after = 0; after < EVENTS; after = positions.at(-1) ?? EVENTS) {
    const batch = await ahead.take(after, 70, ({ position }) => position % 31 === 0);
    positions.push(...batch.map(({ position }) => position));
    expect(batch.length).toBeGreaterThan(0);
    expect(batch.length).toBeLessThanOrEqual(31);
  }
  expect(positions).toEqual(Array.from({ length: EVENTS }, (_, i) => i + 1));
  expect(begun).toEqual([1]);
});

test("a reader that goes back, skips or forgets gets what the log holds there", async () => {
  const { ahead, begun } = await counted();
  const positions = async (after: number): Promise<readonly number[]> =>
    (await ahead.take(after, 3, never)).map(({ position }) => position);
  expect(await positions(0)).toEqual([1, 2, 3]);
  expect(await positions(1)).toEqual([2, 3, 4]);
  expect(await positions(1_999)).toEqual([2_000, 2_001, 2_002]);
  expect(await positions(2_002)).toEqual([2_003, 2_004, 2_005]);
  ahead.forget();
  expect(await positions(2_005)).toEqual([2_006, 2_007, 2_008]);
  expect(begun).toEqual([1, 2, 2_000, 2_006]);
});

test("what was appended after the end was reached is seen by the next batch", async () => {
  const { session, ahead } = await counted();
  expect(await ahead.take(EVENTS - 2, 10, never)).toHaveLength(2);
  expect(await ahead.take(EVENTS, 10, never)).toEqual([]);
  await session.append([{ stream: "account/0", expected: "any", events: [deposit(session.log, "late")] }]);
  expect((await ahead.take(EVENTS, 10, never)).map(({ position }) => position)).toEqual([EVENTS + 1]);
  // Read to the end within a batch, then grown: the reading that ended there is begun again.
  await session.append([{ stream: "account/0", expected: "any", events: [deposit(session.log, "later")] }]);
  expect((await ahead.take(EVENTS + 1, 1, never)).map(({ position }) => position)).toEqual([EVENTS + 2]);
});
