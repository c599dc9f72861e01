import { describe, expect, test } from "vitest";
import { createdAt, type StoredLog, storedLog } from "../../../test/support/stored-log.js";
import { MONDAY } from "../../../test/support/tape-fixture.js";
import { verifyInParts } from "../../../test/support/verify-in-parts.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { auditHash, payloadHash } from "./chain.js";
import type { ChainFailure, ChainVerifierOptions, StoredEvent } from "./chain-verifier.js";
import { ChainVerifier } from "./chain-verifier.js";
import type { Anchor } from "./event.js";
import { GENESIS_HASH } from "./hash.js";

/** Seven events in blocks of 3, 3 and 1, on two streams. */
const sound = storedLog(
  Array.from({ length: 7 }, (_, i) => ({
    stream: `run/one/account/${i % 2}`,
    correlation_id: i === 4 ? "request 9" : null,
    payload: `{"amount":"${i}","to":"größer"}`,
  })),
  3,
);
const EMPTY = { position: 0, hash: GENESIS_HASH, content_hash: GENESIS_HASH };
const OTHER_HASH = "ab".repeat(32);

function optionsFor(log: StoredLog, options: Partial<ChainVerifierOptions> = {}): ChainVerifierOptions {
  return {
    log: "run/one",
    level: "L2",
    sha256,
    anchors: log.anchors,
    published: log.anchors,
    types: ["money.deposited", "money.moved"],
    payloadOf: (position) => log.events[position - 1]?.payload ?? null,
    createdAt,
    ...options,
  };
}

const verifier = (log: StoredLog, options: Partial<ChainVerifierOptions> = {}): ChainVerifier =>
  new ChainVerifier(optionsFor(log, options));

/** What is found event by event, which is also what is found where parts of any size are proved first. */
function verify(log: StoredLog, options: Partial<ChainVerifierOptions> = {}): ChainFailure | null {
  const failure = verifyOneByOne(log, options);
  for (const partEvents of [1, 4, 100]) expect(verifyInParts(log, optionsFor(log, options), partEvents).failure).toEqual(failure);
  return failure;
}

function verifyOneByOne(log: StoredLog, options: Partial<ChainVerifierOptions>): ChainFailure | null {
  const chain = verifier(log, options);
  for (const event of log.events) {
    const failure = chain.next(event);
    if (failure !== null) return failure;
  }
  return chain.finish(log.head);
}

const withEvent = (position: number, changes: Partial<StoredEvent>): StoredLog => ({
  ...sound,
  events: sound.events.map((event) => (event.position === position ? { ...event, ...changes } : event)),
});
const withAnchor = (index: number, changes: Partial<Anchor>): readonly Anchor[] =>
  sound.anchors.map((anchor, i) => (i === index ? { ...anchor, ...changes } : anchor));
const event = (position: number): StoredEvent => {
  const found = sound.events[position - 1];
  if (found === undefined) throw new RangeError(`no event ${position}`);
  return found;
};
const anchor = (index: number): Anchor => {
  const found = sound.anchors[index];
  if (found === undefined) throw new RangeError(`no anchor ${index}`);
  return found;
};

describe("a sound log", () => {
  test.each(["L1", "L2"] as const)("passes at %s, and the heads are those stored", (level) => {
    expect(verify(sound, { level })).toBeNull();
    const chain = verifier(sound, { level });
    for (const stored of sound.events) expect(chain.next(stored)).toBeNull();
    expect([chain.events, chain.head, chain.auditHash]).toEqual([7, sound.head, anchor(2).audit_hash]);
    expect(chain.suspicion()).toBeNull();
  });

  test("may be empty", () => {
    const chain = verifier({ events: [], anchors: [], head: EMPTY });
    expect([chain.events, chain.head, chain.auditHash]).toEqual([0, EMPTY, GENESIS_HASH]);
    expect(chain.finish(EMPTY)).toBeNull();
  });

  test("need not publish anchors", () => {
    expect(verify(sound, { published: null })).toBeNull();
  });

  test("may have its newest anchor unpublished, as after a crash between commit and publication", () => {
    expect(verify(sound, { published: sound.anchors.slice(0, 2) })).toBeNull();
  });

  test("has an audit hash that stands at the last anchor while a block is open", () => {
    const chain = verifier(sound);
    for (const stored of sound.events.slice(0, 5)) chain.next(stored);
    expect(chain.auditHash).toBe(anchor(0).audit_hash);
    expect(chain.head.hash).toBe(event(5).event_hash);
  });
});

const l1 = (position: number, column: string | null, expected: string, actual: string, message: string): ChainFailure => ({
  level: "L1",
  position,
  column,
  expected,
  actual,
  message,
});

describe("an event in the wrong place", () => {
  test("leaves its position missing", () => {
    const log = { ...sound, events: sound.events.filter(({ position }) => position !== 4) };
    expect(verify(log)).toEqual(l1(4, "position", "4", "none", "position 4 is missing; 5 follows 3"));
  });

  test("comes twice", () => {
    const log = { ...sound, events: [event(1), event(2), event(2)] };
    expect(verify(log)).toEqual(l1(3, "position", "3", "2", "position 2 stands where 3 belongs"));
  });

  test("belongs to another log", () => {
    expect(verify(withEvent(2, { log: "run/two" }))).toEqual(l1(2, "log_id", "run/one", "run/two", "the event belongs to the log run/two"));
  });

  test.each<[keyof StoredEvent & string, string, string | number, string]>([
    ["recorded_at", "recorded_at", MONDAY + 5, String(MONDAY + 1_000)],
    ["epoch", "writer_epoch", 9, "2"],
    ["created_at", "created_at", "2024-01-01T00:00:01.001Z", "2024-01-01T00:00:01.000Z"],
  ])("has a %s that is not its block's", (field, column, value, expected) => {
    expect(verify(withEvent(5, { [field]: value }))).toEqual(
      l1(5, column, expected, String(value), `${column} differs from that of the committed block`),
    );
  });

  test("has a version that does not follow", () => {
    const log = storedLog([{}, {}, { version: 7 }], 3);
    expect(verify(log)).toEqual(l1(3, "version", "3", "7", "stream run/one/account has version 7 where 3 follows"));
  });

  test("is the first of its stream, with version 2", () => {
    expect(verify(storedLog([{ version: 2 }], 1))).toMatchObject({ position: 1, column: "version", expected: "1", actual: "2" });
  });
});

describe("a changed payload", () => {
  const changed = withEvent(4, { payload: '{"amount":"9","to":"größer"}' });

  test("is found at L2, and taken at its stored hash at L1", () => {
    expect(verify(changed, { level: "L1" })).toBeNull();
    expect(verify(changed)).toEqual({
      level: "L2",
      position: 4,
      column: "payload",
      expected: event(4).payload_hash,
      actual: payloadHash('{"amount":"9","to":"größer"}', sha256),
      message: "the payload does not have the hash that was stored for it",
    });
  });

  test.each([
    ["keys out of order", '{"b":1,"a":2}', '{"a":2,"b":1}'],
    ["a blank", '{"a": 1}', '{"a":1}'],
    ["a list", "[1]", "a payload must be a JSON object, not array"],
    ["no JSON", "{", "a payload must be a JSON object, not null"],
    ["two refusals", '{"a":1e300,"b":1e300}', "1e+300 is beyond the integers that a number holds exactly (at /a); 1e+300 is beyond"],
  ])("that has its hash and %s is not canonical", (_, payload, expected) => {
    const log = storedLog([{}, { payload }], 2);
    expect(verify(log, { level: "L1" })).toBeNull();
    expect(verify(log)).toMatchObject({
      level: "L2",
      position: 2,
      column: "payload",
      expected: expect.stringContaining(expected),
      actual: payload,
      message: "the payload is not canonical JSON",
    });
  });
});

describe("an anchor", () => {
  test.each([
    [{ first_position: 5 }, "5", "the next anchor covers 5 to 6, not position 4"],
    [{ first_position: 2, position: 3 }, "2", "the next anchor covers 2 to 3, not position 4"],
  ])("that does not reach the next event is named: %o", (changes, actual, message) => {
    expect(verify(sound, { anchors: withAnchor(1, changes) })).toEqual(l1(4, "anchors.first_position", "4", actual, message));
  });

  test.each(["hash", "content_hash"] as const)("with another %s differs from its events", (column) => {
    const anchors = withAnchor(1, { [column]: OTHER_HASH });
    expect(verify(sound, { anchors, published: null })).toEqual(
      l1(6, `anchors.${column}`, anchor(1)[column], OTHER_HASH, "an anchor differs from the events that it covers"),
    );
  });

  test("is missing beyond the last event", () => {
    const log = {
      ...sound,
      events: sound.events.slice(0, 6),
      head: { position: 6, hash: anchor(1).hash, content_hash: anchor(1).content_hash },
    };
    expect(verify(log, { published: null })).toEqual(l1(7, "position", "7", "none", "an anchor stands at position 7, the last event at 6"));
  });

  test("is missing for the last events", () => {
    expect(verify(sound, { anchors: sound.anchors.slice(0, 2) })).toEqual(
      l1(7, "anchors.position", "7", "none", "no anchor covers the events from position 7"),
    );
    expect(verify(sound, { anchors: [], published: null })).toEqual(
      l1(1, "anchors.position", "7", "none", "no anchor covers the events from position 1"),
    );
  });
});

describe("an audit hash that does not fit", () => {
  test("names the block of the correlation id, where nobody else remembers it", () => {
    const changed = { ...event(5), correlation_id: "request 8" };
    const audit = auditHash(anchor(0).audit_hash, [event(4), changed, event(6)], sha256);
    expect(verify(withEvent(5, { correlation_id: "request 8" }))).toEqual(
      l1(4, "correlation_id", anchor(1).audit_hash, audit, "a correlation id was changed within positions 4 to 6"),
    );
  });

  test("names one position for a block of one event", () => {
    expect(verify(withEvent(7, { correlation_id: "x" }), { published: null })).toMatchObject({
      position: 7,
      message: "a correlation id was changed within position 7",
    });
  });

  test("was changed itself, where the published anchor still has it", () => {
    expect(verify(sound, { anchors: withAnchor(1, { audit_hash: OTHER_HASH }) })).toEqual(
      l1(6, "anchors.audit_hash", anchor(1).audit_hash, OTHER_HASH, "the anchor's audit hash was changed"),
    );
  });
});

describe("the anchor file", () => {
  test.each<[keyof Anchor, string | number]>([
    ["first_position", 5],
    ["hash", OTHER_HASH],
    ["content_hash", OTHER_HASH],
    ["audit_hash", OTHER_HASH],
    ["epoch", 9],
    ["recorded_at", MONDAY],
  ])("shows an anchor whose %s was another", (field, value) => {
    expect(verify(sound, { published: withAnchor(1, { [field]: value }) })).toEqual(
      l1(
        4,
        `anchor file.${field}`,
        String(value),
        String(anchor(1)[field]),
        "the store differs from the anchor that was published when this block was committed",
      ),
    );
  });

  test.each([
    ["after", [...sound.anchors, { ...anchor(0), epoch: 0 }]],
    ["before", [{ ...anchor(0), epoch: 0 }, ...sound.anchors]],
  ])("shows a second line for a position that has one, %s it", (_, published) => {
    expect(verify(sound, { published })).toMatchObject({ position: 1, column: "anchor file.epoch", expected: "0", actual: "1" });
  });

  test("shows a tail that was cut off with its anchor", () => {
    const log = { events: sound.events.slice(0, 6), anchors: sound.anchors.slice(0, 2), head: { ...anchor(1) } };
    expect(verify(log, { published: sound.anchors })).toEqual(
      l1(7, "position", "7", "none", "the tail is cut off: an anchor was published at position 7, the last event is at 6"),
    );
  });

  test("is missing, where blocks were committed", () => {
    expect(verify(sound, { published: "missing" })).toEqual(
      l1(1, "anchor file", "3", "none", "the anchor file is missing, with the anchors of 3 committed blocks"),
    );
    expect(verify({ events: [], anchors: [], head: EMPTY }, { published: "missing" })).toBeNull();
  });

  test.each([
    ["an older one than the newest", [0, 2], 4, "6", 1],
    ["the last two", [0], 4, "6", 2],
    ["all", [], 1, "3", 3],
  ] as const)("lacks %s", (_, kept, position, expected, count) => {
    expect(verify(sound, { published: kept.map(anchor) })).toEqual(
      l1(position, "anchor file.position", expected, "none", `${count} committed blocks have no published anchor`),
    );
  });

  test("names a position at which the store has no anchor", () => {
    const published = [...sound.anchors, { ...anchor(1), first_position: 4, position: 5 }];
    expect(verify(sound, { published })).toEqual(
      l1(4, "anchors.position", "5", "none", "no anchor of the store stands at the published position 5"),
    );
  });
});

describe("the head", () => {
  test("is ahead of the last event", () => {
    expect(verify({ ...sound, head: { ...sound.head, position: 9 } })).toEqual(
      l1(8, "position", "8", "none", "the log's head is at position 9, its last event at 7"),
    );
  });

  test("is behind the last event", () => {
    expect(verify({ ...sound, head: { ...sound.head, position: 5 } })).toEqual(
      l1(6, "log_head.position", "7", "5", "events follow the head at position 5"),
    );
  });

  test("has another hash", () => {
    expect(verify({ ...sound, head: { ...sound.head, hash: OTHER_HASH } })).toEqual(
      l1(7, "log_head.head_hash", sound.head.hash, OTHER_HASH, "the head names another hash than the last event's"),
    );
  });

  test("has another content hash", () => {
    expect(verify({ ...sound, head: { ...sound.head, content_hash: OTHER_HASH } })).toEqual(
      l1(7, "log_head.content_hash", sound.head.content_hash, OTHER_HASH, "the head names another content hash than the events give"),
    );
  });
});

describe("an event that does not fit its hash", () => {
  test("is explained with the event that follows", () => {
    expect(verify(withEvent(3, { event_hash: OTHER_HASH }))).toEqual(
      l1(3, "event_hash", event(3).event_hash, OTHER_HASH, "event_hash was changed: the next link fits the recomputed hash"),
    );
  });

  test("is explained with the head, where it is the last", () => {
    expect(verify(withEvent(7, { event_hash: OTHER_HASH }), { published: null })).toMatchObject({ position: 7, column: "event_hash" });
  });

  test("is explained with its published anchor, where nothing readable follows", () => {
    const chain = verifier(sound);
    for (const stored of sound.events.slice(0, 6)) chain.next(stored);
    expect(chain.next({ ...event(7), event_hash: OTHER_HASH })).toBeNull();
    expect(chain.suspicion()).toMatchObject({ position: 7, column: "event_hash", expected: event(7).event_hash });
    expect([chain.events, chain.head.hash]).toEqual([6, event(6).event_hash]);
  });

  test("stays unexplained where nobody remembers its hash", () => {
    const chain = verifier(sound, { published: null });
    for (const stored of sound.events.slice(0, 6)) chain.next(stored);
    chain.next({ ...event(7), event_hash: OTHER_HASH });
    expect(chain.suspicion()).toMatchObject({ position: 7, column: null, actual: OTHER_HASH });
  });

  test("is explained with the payload that the store has, or with its own where the store has none", () => {
    const log = withEvent(3, { payload_hash: OTHER_HASH });
    expect(verify(log)).toMatchObject({ position: 3, column: "payload_hash", expected: event(3).payload_hash });
    expect(verify(log, { payloadOf: () => null })).toMatchObject({ column: "payload_hash" });
    expect(verify(log, { payloadOf: () => "{}" })).toMatchObject({ column: null });
  });

  test("is explained with the types and streams of the log", () => {
    expect(verify(withEvent(3, { type: "money.burnt" }))).toMatchObject({ column: "type", expected: "money.moved" });
    expect(verify(withEvent(3, { stream: "run/one/account/7" }))).toMatchObject({ column: "stream", expected: "run/one/account/0" });
    expect(verify(withEvent(3, { version: 9 }))).toMatchObject({ column: "version", expected: "2", actual: "9" });
  });
});

describe("the cause of an event that was changed", () => {
  const LENGTH = 2_060;
  const plain = storedLog(
    Array.from({ length: LENGTH }, () => ({})),
    LENGTH,
  );
  const idOf = (position: number): string => plain.events[position - 1]?.id ?? "";
  /** A log in which the event at `position` named the one at `cause`, and was made to name another. */
  const tampered = (position: number, cause: number): StoredLog => {
    const log = storedLog(
      plain.events.map(({ id }) => (id === idOf(position) ? { causation_id: idOf(cause) } : {})),
      LENGTH,
    );
    const other = { causation_id: "018cc251-f400-879f-bd6d-08b091e94d52" };
    return { ...log, events: log.events.map((stored) => (stored.position === position ? { ...stored, ...other } : stored)) };
  };

  test.each([
    [2_059, 1_059],
    [2_049, 1],
  ])("is found for the event at %i, which named that at %i", (position, cause) => {
    expect(verify(tampered(position, cause))).toMatchObject({ position, column: "causation_id", expected: idOf(cause) });
  });

  test("is no longer known after two thousand events", () => {
    expect(verify(tampered(2_059, 5))).toMatchObject({ position: 2_059, column: null });
  });
});
