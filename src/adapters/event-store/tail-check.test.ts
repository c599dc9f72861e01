import { expect, test } from "vitest";
import { storedLog } from "../../../test/support/stored-log.js";
import type { TapeEvent } from "../../core/tape/event.js";
import { sha256 } from "../node-hash/sha256.js";
import { tailRefusal } from "./tail-check.js";

const newest = (count: number, change: (event: TapeEvent) => TapeEvent = (event) => event): TapeEvent[] =>
  storedLog(
    Array.from({ length: 10 }, () => ({})),
    3,
  )
    .events.map(({ created_at: _, ...event }) => change(event))
    .slice(-count)
    .reverse();

test("a sound end of a log is gone on from, whether all of the log or its last events are looked at", () => {
  expect(tailRefusal([], sha256)).toBeNull();
  expect(tailRefusal(newest(10), sha256)).toBeNull();
  expect(tailRefusal(newest(4), sha256)).toBeNull();
});

test.each([
  ["payload", { payload: '{"n":99}' }, "its payload does not have its hash"],
  ["type", { type: "money.burnt" }, "its fields do not have its hash"],
  ["version", { version: 77 }, "its fields do not have its hash"],
  ["hash", { event_hash: "f".repeat(64) }, "its fields do not have its hash"],
] as const)("an event whose %s was changed is named", (_, change, cause) => {
  const altered = (event: TapeEvent): TapeEvent => (event.position === 9 ? { ...event, ...change } : event);
  expect(tailRefusal(newest(4, altered), sha256)).toMatchObject({ kind: "corrupt", position: 9, cause: expect.stringContaining(cause) });
});

test("the first event of all follows the beginning, and the first of a part only lends its hash", () => {
  const altered = (at: number) => (event: TapeEvent) => (event.position === at ? { ...event, type: "x.y" } : event);
  expect(tailRefusal(newest(10, altered(1)), sha256)).toMatchObject({ position: 1 });
  expect(tailRefusal(newest(4, altered(7)), sha256)).toBeNull();
});
