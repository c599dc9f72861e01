import { describe, expect, test } from "vitest";
import { createdAt, type StoredLog, storedLog } from "../../../test/support/stored-log.js";
import { provePart, verifyInParts } from "../../../test/support/verify-in-parts.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { ChainPart } from "./chain-part.js";
import { endOfPart, PartProver, ProvedParts, partsOf } from "./chain-part.js";
import type { ChainVerifierOptions } from "./chain-verifier.js";
import type { Anchor } from "./event.js";

/** Twelve events in blocks of 2, on three streams. */
const log = storedLog(
  Array.from({ length: 12 }, (_, i) => ({ stream: `run/one/account/${i % 3}` })),
  2,
);
const parts = (events: number, of: StoredLog = log): readonly ChainPart[] => [...partsOf("run/one", "L2", of.anchors, events)];
const ranges = (all: readonly ChainPart[]): readonly string[] => all.map((part) => `${part.start.head.position + 1}-${endOfPart(part)}`);
const optionsFor = (of: StoredLog, options: Partial<ChainVerifierOptions> = {}): ChainVerifierOptions => ({
  log: "run/one",
  level: "L2",
  sha256,
  anchors: of.anchors,
  published: of.anchors,
  types: [],
  payloadOf: () => null,
  createdAt,
  ...options,
});

describe("the parts of a log", () => {
  test("hold whole blocks, as many as make up the size asked for", () => {
    expect(ranges(parts(1))).toEqual(["1-2", "3-4", "5-6", "7-8", "9-10", "11-12"]);
    expect(ranges(parts(5))).toEqual(["1-6", "7-12"]);
    expect(ranges(parts(8))).toEqual(["1-8", "9-12"]);
    expect(ranges(parts(100))).toEqual(["1-12"]);
    expect(parts(1, { ...log, anchors: [] })).toEqual([]);
  });

  test("end where an anchor does not follow the one before", () => {
    expect(ranges(parts(1, { ...log, anchors: log.anchors.filter((_, i) => i !== 2) }))).toEqual(["1-2", "3-4"]);
    const twice = log.anchors.flatMap((anchor, i) => (i === 1 ? [anchor, anchor] : [anchor]));
    expect(ranges(parts(1, { ...log, anchors: twice }))).toEqual(["1-2", "3-4"]);
  });
});

describe("a sound log", () => {
  test.each([1, 5, 100])("is proved whole by its parts, of %i events each, in any order", (size) => {
    expect(verifyInParts(log, optionsFor(log), size)).toEqual({ failure: null, proved: 12 });
  });

  test("has parts that say which versions they ask for", () => {
    const [, second] = parts(5);
    expect(second && provePart(second, log)).toEqual({
      streams: ["run/one/account/0", "run/one/account/1", "run/one/account/2"],
      firsts: [3, 3, 3],
      lasts: [4, 4, 4],
    });
  });
});

describe("a part is not proved", () => {
  const [first, second] = parts(5) as [ChainPart, ChainPart];

  test.each<[string, ChainPart]>([
    ["from another hash", { ...second, start: { ...second.start, head: { ...second.start.head, hash: "0".repeat(64) } } }],
    ["from another content hash", { ...second, start: { ...second.start, head: { ...second.start.head, content_hash: "0".repeat(64) } } }],
    ["from another audit hash", { ...second, start: { ...second.start, audit_hash: "0".repeat(64) } }],
    ["with another block's start", { ...second, start: first.start }],
    ["with an anchor that says another hash", { ...second, anchors: changed(second.anchors, { hash: "0".repeat(64) }) }],
    ["with an anchor that says another content hash", { ...second, anchors: changed(second.anchors, { content_hash: "0".repeat(64) }) }],
    ["with an anchor that says another audit hash", { ...second, anchors: changed(second.anchors, { audit_hash: "0".repeat(64) }) }],
    ["as that of another log", { ...second, log: "run/two" }],
  ])("%s", (_, part) => {
    expect(provePart(second, log)).not.toBeNull();
    expect(provePart(part, log)).toBeNull();
  });

  test("where its first or its last event is missing, one comes twice, or one more follows", () => {
    const without = (position: number): Pick<StoredLog, "events"> => ({
      events: log.events.filter((event) => event.position !== position),
    });
    expect(provePart(second, without(7))).toBeNull();
    expect(provePart(second, without(12))).toBeNull();
    expect(provePart(second, { events: [...log.events, ...log.events.slice(-1)] })).toBeNull();
    expect(provePart({ ...second, anchors: second.anchors.slice(0, 2) }, log)).not.toBeNull();
    const prover = new PartProver({ ...second, anchors: second.anchors.slice(0, 2) }, sha256, createdAt);
    prover.take(log.events.slice(6));
    expect(prover.proof()).toBeNull();
  });

  test("where a body cannot be read", () => {
    const prover = new PartProver(first, sha256, createdAt);
    const failure = { level: "L1", position: 1, column: null, expected: "", actual: "", message: "unreadable" } as const;
    expect(prover.take([failure])).toBe(false);
    expect(prover.take(log.events.slice(0, 6))).toBe(false);
    expect(prover.proof()).toBeNull();
  });
});

describe("proofs are put together", () => {
  test("only in the order of the log", () => {
    const [first, second] = parts(5) as [ChainPart, ChainPart];
    const proved = new ProvedParts(null);
    const [one, two] = [provePart(first, log), provePart(second, log)];
    if (one === null || two === null) throw new Error("a sound part is not proved");
    expect(proved.add(second, two)).toBe(false);
    expect(proved.add(first, one)).toBe(true);
    expect(proved.add(first, one)).toBe(false);
    expect([proved.add(second, two), proved.events]).toEqual([true, 12]);
  });

  test("only where a stream's versions go on, though every hash of the part holds", () => {
    const forged = storedLog([{}, {}, { version: 4 }, { version: 5 }], 2);
    const [first, second] = parts(1, forged) as [ChainPart, ChainPart];
    expect(provePart(second, forged)).not.toBeNull();
    expect(verifyInParts(forged, optionsFor(forged), 1)).toMatchObject({ failure: { position: 3, column: "version" }, proved: 2 });
    const proved = new ProvedParts(null);
    proved.add(first, provePart(first, forged) ?? { streams: [], firsts: [], lasts: [] });
    expect(proved.add(second, provePart(second, forged) ?? { streams: [], firsts: [], lasts: [] })).toBe(false);
    expect(proved.events).toBe(2);
  });

  test("only where published anchors agree", () => {
    const published = log.anchors.map((anchor, i) => (i === 3 ? { ...anchor, epoch: 99 } : anchor));
    expect(verifyInParts(log, optionsFor(log, { published }), 1)).toMatchObject({
      failure: { position: 7, column: "anchor file.epoch" },
      proved: 6,
    });
  });
});

function changed(anchors: readonly Anchor[], changes: Partial<Anchor>): readonly Anchor[] {
  return anchors.map((anchor, i) => (i === 1 ? { ...anchor, ...changes } : anchor));
}
