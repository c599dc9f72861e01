import { describe, expect, test } from "vitest";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { contentHash, payloadHash } from "./chain.js";
import type { DivergenceReader } from "./divergence.js";
import { compareAt, differingFields, findDivergence } from "./divergence.js";
import type { TapeEvent } from "./event.js";
import { GENESIS_HASH } from "./hash.js";

interface CountingReader extends DivergenceReader {
  read: number;
}

/** A log of `length` events with an anchor every `block`; `changed` gives another payload at one position. */
function log(name: string, length: number, block: number, changed: number | null = null): CountingReader {
  const events: TapeEvent[] = [];
  const anchors: { position: number; content_hash: string }[] = [];
  let content = GENESIS_HASH;
  for (let position = 1; position <= length; position++) {
    const payload = `{"n":${position === changed ? -1 : position}}`;
    const payload_hash = payloadHash(payload, sha256);
    const event = {
      log: name,
      position,
      stream: `${name}/s`,
      version: position,
      id: `${name}-${position}`,
      type: "t",
      schema_version: 1,
      occurred_at: position,
    };
    events.push({
      ...event,
      source_at: null,
      causation_id: null,
      correlation_id: null,
      payload,
      payload_hash,
      event_hash: "",
      recorded_at: 0,
      epoch: 1,
    });
    content = contentHash(content, { ...event, payload_hash }, sha256);
    if (position % block === 0 || position === length) anchors.push({ position, content_hash: content });
  }
  const reader: CountingReader = {
    head: { position: length, hash: "", content_hash: content },
    anchors,
    read: 0,
    *events(from) {
      for (const event of events.slice(from - 1)) {
        reader.read += 1;
        yield event;
      }
    },
  };
  return reader;
}

describe("the divergence of two logs", () => {
  test("equal logs under two names are equal without reading an event", () => {
    const [one, two] = [log("run/one", 500, 10), log("run/two", 500, 10)];
    expect(findDivergence(one, two)).toEqual({ kind: "equal", position: 500 });
    expect(one.read + two.read).toBe(0);
  });

  test.each([1, 10, 11, 250, 499, 500])("a change at position %i is found there, and only its block is read", (changed) => {
    const [one, two] = [log("run/one", 500, 10), log("run/two", 500, 10, changed)];
    expect(findDivergence(one, two)).toMatchObject({
      kind: "parted",
      position: changed,
      fields: ["payload"],
      left: { position: changed },
      right: { payload: '{"n":-1}' },
    });
    expect(one.read).toBeLessThanOrEqual(10);
  });

  test("a log that ends early parts at the position that it lacks", () => {
    expect(findDivergence(log("run/one", 95, 10), log("run/two", 100, 10))).toMatchObject({
      kind: "parted",
      position: 96,
      left: null,
      right: { position: 96 },
    });
    expect(findDivergence(log("run/one", 100, 10), log("run/two", 0, 10))).toMatchObject({ kind: "parted", position: 1, right: null });
    expect(findDivergence(log("run/one", 0, 1), log("run/two", 0, 1))).toEqual({ kind: "equal", position: 0 });
  });

  test("logs whose blocks end elsewhere are compared all the same", () => {
    expect(findDivergence(log("run/one", 500, 7), log("run/two", 500, 10, 333))).toMatchObject({ position: 333 });
    expect(findDivergence(log("run/one", 500, 500), log("run/two", 499, 499))).toMatchObject({ position: 500, right: null });
    expect(findDivergence(log("run/one", 500, 7), log("run/two", 500, 10))).toEqual({ kind: "equal", position: 500 });
  });
});

describe("two events at one position", () => {
  const [event] = [...log("run/one", 1, 1).events(1)];
  if (event === undefined) throw new Error("an event is needed");

  test("are equal where type, version, time and payload are, whatever else differs", () => {
    const other = { ...event, log: "run/two", id: "x", version: 9, event_hash: "y", recorded_at: 5, causation_id: "z" };
    expect(differingFields(event, other)).toEqual([]);
    expect(compareAt(7, event, other)).toBeNull();
  });

  test.each([
    [{ type: "u" }, ["type"]],
    [{ schema_version: 2 }, ["schema_version"]],
    [{ occurred_at: 9 }, ["occurred_at"]],
    [{ payload_hash: "x" }, ["payload"]],
    [{ type: "u", occurred_at: 9, schema_version: 2, payload_hash: "x" }, ["type", "schema_version", "occurred_at", "payload"]],
  ] as const)("that differ by %o differ in %o", (changes, fields) => {
    expect(differingFields(event, { ...event, ...changes })).toEqual(fields);
    expect(compareAt(7, event, { ...event, ...changes })).toMatchObject({ kind: "parted", position: 7, fields });
  });

  test("part where one is missing, and are equal up to here where both are", () => {
    expect(compareAt(7, event, null)).toEqual({ kind: "parted", position: 7, left: event, right: null, fields: [] });
    expect(compareAt(7, null, event)).toEqual({ kind: "parted", position: 7, left: null, right: event, fields: [] });
    expect(compareAt(7, null, null)).toEqual({ kind: "equal", position: 6 });
  });
});

test("logs that share no anchor and no head are read to their end", () => {
  const [one, two] = [log("run/one", 20, 7), log("run/two", 20, 7)];
  const bare = (reader: DivergenceReader): DivergenceReader => ({
    head: { ...reader.head, position: 0 },
    anchors: [],
    events: reader.events,
  });
  expect(findDivergence({ ...bare(one), head: { ...one.head, position: 20 } }, bare(two))).toEqual({ kind: "equal", position: 20 });
});
