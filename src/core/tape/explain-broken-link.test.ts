import { describe, expect, test } from "vitest";
import { storedLog } from "../../../test/support/stored-log.js";
import { MONDAY } from "../../../test/support/tape-fixture.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { eventHash, payloadHash } from "./chain.js";
import type { TapeEvent } from "./event.js";
import { type BrokenLink, explainBrokenLink } from "./explain-broken-link.js";
import { GENESIS_HASH } from "./hash.js";

const OTHER_HASH = "ab".repeat(32);
const FAR_ID = "018cc251-f400-879f-bd6d-08b091e94d52";

/** Three events; the one in the middle is what the links below are about. */
const log = storedLog([{}, { causation_id: null, source_at: null }, {}], 3);
const eventAt = (position: number): TapeEvent => {
  const event = log.events[position - 1];
  if (event === undefined) throw new RangeError(`no event ${position}`);
  return event;
};
const [first, second, third] = [eventAt(1), eventAt(2), eventAt(3)];

function link(event: TapeEvent, changes: Partial<BrokenLink> = {}): BrokenLink {
  return {
    event,
    previous: first.event_hash,
    next: null,
    head_hash: null,
    versions: new Map([["run/one/account", 1]]),
    recent_ids: [first.id],
    types: ["money.deposited", "money.moved"],
    sha256,
    ...changes,
  };
}

/** The second event as it would have been written with other fields, its hash included. */
const written = (fields: Partial<TapeEvent>): TapeEvent => {
  const event = { ...second, ...fields };
  return { ...event, event_hash: eventHash(first.event_hash, event, sha256) };
};

describe("a changed hash", () => {
  const changed = { ...second, event_hash: OTHER_HASH };
  const verdict = {
    column: "event_hash",
    expected: second.event_hash,
    actual: OTHER_HASH,
    message: "event_hash was changed: the next link fits the recomputed hash",
  };

  test("shows by the next event, which fits the hash as recomputed", () => {
    expect(explainBrokenLink(link(changed, { next: third }))).toEqual(verdict);
  });

  test("shows by a head that remembers it", () => {
    expect(explainBrokenLink(link(changed, { head_hash: second.event_hash }))).toEqual(verdict);
  });

  test("does not show by a head where the next event says otherwise", () => {
    const next = { ...third, event_hash: OTHER_HASH };
    expect(explainBrokenLink(link(changed, { next, head_hash: second.event_hash })).column).toBeNull();
  });
});

test("two swapped events are told from two changed ones", () => {
  const [ahead, behind] = [
    { ...third, position: 2 },
    { ...second, position: 3 },
  ];
  expect(explainBrokenLink(link(ahead, { next: behind }))).toEqual({
    column: "position",
    expected: "2",
    actual: "3",
    message: "the events at positions 2 and 3 were swapped",
  });
});

describe("one changed column", () => {
  test.each<[keyof TapeEvent & string, Partial<TapeEvent>, string | number | null, string]>([
    ["payload_hash", {}, OTHER_HASH, JSON.stringify(second.payload_hash)],
    ["version", {}, 9, "2"],
    ["occurred_at", {}, MONDAY + 9, String(MONDAY + 1)],
    ["source_at", {}, 7, "null"],
    ["source_at", { source_at: second.occurred_at }, null, String(second.occurred_at)],
    ["causation_id", {}, FAR_ID, "null"],
    ["causation_id", { causation_id: first.id }, null, JSON.stringify(first.id)],
    ["type", { type: "money.deposited" }, "money.burnt", '"money.deposited"'],
    ["schema_version", { schema_version: 1 }, 70, "1"],
    ["schema_version", { schema_version: 64 }, 1, "64"],
  ])("%s is named with the value that it had: %o", (column, before, value, expected) => {
    const { [column]: had, ...event } = written(before);
    expect(explainBrokenLink(link({ ...event, [column]: value } as unknown as TapeEvent))).toEqual({
      column,
      expected: String(had),
      actual: String(value),
      message: `${column} was changed: the stored hash fits ${expected}`,
    });
  });

  test("a version is named where it was the first of its stream", () => {
    const event = written({ stream: "run/one/new", version: 1 });
    expect(explainBrokenLink(link({ ...event, version: 5 }))).toMatchObject({ column: "version", expected: "1", actual: "5" });
  });

  test("a stream is named where a stream of the log fits, and not one whose version does not", () => {
    const changed = { ...second, stream: "run/one/elsewhere" };
    expect(explainBrokenLink(link(changed))).toMatchObject({
      column: "stream",
      expected: "run/one/account",
      actual: "run/one/elsewhere",
      message: 'stream was changed: the stored hash fits "run/one/account"',
    });
    expect(explainBrokenLink(link(changed, { versions: new Map([["run/one/account", 2]]) })).column).toBeNull();
  });

  test.each([
    [10_000, "stream"],
    [10_001, null],
  ])("of %i streams at the same version, the last is found: %s", (count, column) => {
    const versions = new Map(Array.from({ length: count - 1 }, (_, i) => [`run/one/${i}`, 1] as [string, number])).set(
      "run/one/account",
      1,
    );
    expect(explainBrokenLink(link({ ...second, stream: "run/one/elsewhere" }, { versions })).column).toBe(column);
  });

  test("streams at another version do not count among those tried", () => {
    const versions = new Map(Array.from({ length: 10_001 }, (_, i) => [`run/one/${i}`, 2] as [string, number])).set("run/one/account", 1);
    expect(explainBrokenLink(link({ ...second, stream: "run/one/elsewhere" }, { versions })).column).toBe("stream");
  });

  test("of the ids before, the oldest is found as well", () => {
    const event = written({ causation_id: FAR_ID });
    const changed = { ...event, causation_id: null };
    expect(explainBrokenLink(link(changed, { recent_ids: [FAR_ID, first.id, third.id] })).expected).toBe(FAR_ID);
    expect(explainBrokenLink(link(changed, { recent_ids: [first.id, third.id, FAR_ID] })).expected).toBe(FAR_ID);
  });
});

describe("what cannot be guessed", () => {
  test("is listed as the columns that remain possible", () => {
    const changed = { ...second, id: FAR_ID };
    expect(explainBrokenLink(link(changed))).toEqual({
      column: null,
      expected: eventHash(first.event_hash, changed, sha256),
      actual: second.event_hash,
      message:
        "the event does not fit its hash; changed was one of id, stream, type, schema_version, occurred_at, source_at, causation_id, or the whole row",
    });
  });

  test("is a schema version beyond 64, a type that the log does not know, and two columns at once", () => {
    expect(explainBrokenLink(link({ ...written({ schema_version: 65 }), schema_version: 1 })).column).toBeNull();
    expect(explainBrokenLink(link({ ...written({ type: "money.lent" }), type: "money.moved" })).column).toBeNull();
    expect(explainBrokenLink(link({ ...second, version: 9, type: "money.burnt" })).column).toBeNull();
  });

  test("is a payload that is not at hand", () => {
    const event = written({ payload_hash: payloadHash("", sha256) });
    expect(explainBrokenLink(link({ ...event, payload: "", payload_hash: OTHER_HASH })).column).toBeNull();
  });

  test("is the first event of a log as much as any other", () => {
    const changed = { ...first, id: FAR_ID };
    expect(explainBrokenLink(link(changed, { previous: GENESIS_HASH, next: second })).column).toBeNull();
  });
});
