import { describe, expect, test } from "vitest";
import { storedLog } from "../../../test/support/stored-log.js";
import { MONDAY } from "../../../test/support/tape-fixture.js";
import { blockOfEvents, type CommitStamp, eventAt, payloadAt, type SealedBlock } from "./sealed-block.js";

const STAMP: CommitStamp = { recorded_at: MONDAY, epoch: 1 };

/** Events of two streams and three pairs of type and version, with and without what may be absent. */
const log = storedLog(
  [
    { stream: "run/one/a", payload: '{"text":"größer 🏦"}' },
    { stream: "run/one/b/c", type: "money.deposited", schema_version: 2, source_at: MONDAY - 7, correlation_id: "request 7" },
    { stream: "run/one/a", payload: "{}", causation_id: "018cc251-f400-879f-bd6d-08b091e94d52" },
    { stream: "run/one/a", schema_version: 2 },
    { stream: "run/one/b/c", type: "money.deposited", schema_version: 2, source_at: 0, correlation_id: "" },
  ],
  5,
);
const events = log.events.map(({ created_at: _, ...event }) => event);

describe("the columns of a block", () => {
  const made = (): SealedBlock => blockOfEvents(events, log.head);

  test("give back every event that they were made of", () => {
    const block = made();
    expect(events.map((_, i) => eventAt(block, i, STAMP))).toEqual(events);
    expect(events.map((_, i) => payloadAt(block, i))).toEqual(events.map(({ payload }) => payload));
  });

  test("name each pair of type and version once, and streams without their log", () => {
    const block = made();
    expect(block).toMatchObject({
      log: "run/one",
      first_position: 1,
      count: 5,
      types: [
        { type: "money.moved", schema_version: 1 },
        { type: "money.deposited", schema_version: 2 },
        { type: "money.moved", schema_version: 2 },
      ],
      streams: ["a", "b/c", "a", "a", "b/c"],
      head: log.head,
    });
    expect([...block.type_of]).toEqual([0, 1, 0, 2, 1]);
  });

  test("are left out where no event has a source time or a correlation id", () => {
    const plain = blockOfEvents(events.slice(2, 4), log.head);
    expect([plain.source_at, plain.correlation_ids]).toEqual([null, null]);
    expect(eventAt(plain, 1, STAMP)).toEqual(events[3]);
  });

  test("may begin anywhere in the log", () => {
    const later = blockOfEvents(events.slice(1), log.head);
    expect(later.first_position).toBe(2);
    expect(eventAt(later, 0, STAMP)).toEqual(events[1]);
  });

  test.each([-1, 5])("have no event %i", (i) => {
    expect(() => eventAt(made(), i, STAMP)).toThrow(new RangeError(`a block of 5 events has no event ${i}`));
  });

  test.each(["type_of", "types", "streams", "ids", "payload_hashes", "event_hashes"] as const)(
    "have no event where %s lacks it",
    (column) => {
      const block = made();
      expect(() => eventAt({ ...block, [column]: block[column].slice(0, 0) }, 0, STAMP)).toThrow(RangeError);
    },
  );
});

test("a block of no events is none", () => {
  expect(() => blockOfEvents([], log.head)).toThrow(new RangeError("a block holds at least one event"));
});
