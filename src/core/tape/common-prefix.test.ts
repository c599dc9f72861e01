import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commonPrefix, firstUnequal, type MarkedLog, marksOf } from "./common-prefix.js";
import { GENESIS_HASH } from "./hash.js";

/** A log with its content hash at some positions; the last is its head, which an anchor may or may not cover. */
function marked(hashes: Readonly<Record<number, string>>, headAnchored: boolean = true): MarkedLog {
  const marks = Object.entries(hashes).map(([position, content_hash]) => ({ position: Number(position), content_hash }));
  const head = marks.at(-1) ?? { position: 0, content_hash: GENESIS_HASH };
  return { head, anchors: headAnchored ? marks : marks.slice(0, -1) };
}

describe("the common prefix of two logs", () => {
  test("ends at the last equal hash that both know, and the next that both know bounds where they part", () => {
    const left = marked({ 10: "a", 20: "b", 30: "c", 40: "d" });
    const right = marked({ 10: "a", 15: "x", 20: "b", 30: "C", 40: "D" });
    expect(commonPrefix(left, right)).toEqual({ position: 20, content_hash: "b", until: 30, comparisons: 2 });
  });

  test("is nothing where the first hashes differ", () => {
    expect(commonPrefix(marked({ 10: "a" }), marked({ 10: "b" }))).toEqual({
      position: 0,
      content_hash: GENESIS_HASH,
      until: 10,
      comparisons: 1,
    });
  });

  test("is everything where no hash differs", () => {
    const one = marked({ 10: "a", 20: "b", 30: "c" });
    expect(commonPrefix(one, one)).toEqual({ position: 30, content_hash: "c", until: null, comparisons: 2 });
  });

  test("needs a position that both know", () => {
    const nothing = { position: 0, content_hash: GENESIS_HASH, until: null, comparisons: 0 };
    expect(commonPrefix(marked({ 10: "a" }), marked({ 11: "a" }))).toEqual(nothing);
    expect(commonPrefix(marked({}), marked({ 10: "a" }))).toEqual(nothing);
    expect(commonPrefix(marked({ 7: "a", 14: "b" }), marked({ 10: "a", 14: "b" }))).toMatchObject({ position: 14, comparisons: 1 });
    expect(commonPrefix(marked({ 10: "a", 14: "b" }), marked({ 7: "a", 14: "b" }))).toMatchObject({ position: 14, comparisons: 1 });
  });
});

describe("the marks of a log", () => {
  test("include its head, where no anchor stands there", () => {
    expect(marksOf(marked({ 10: "a", 12: "b" }, false))).toEqual([
      { position: 10, content_hash: "a" },
      { position: 12, content_hash: "b" },
    ]);
    expect(marksOf(marked({ 3: "a" }, false))).toEqual([{ position: 3, content_hash: "a" }]);
  });

  test("are its anchors and no more, where the last stands at the head", () => {
    const log = marked({ 10: "a", 12: "b" });
    expect(marksOf(log)).toBe(log.anchors);
    expect(marksOf(marked({}))).toEqual([]);
  });
});

test("the first unequal index is that of a search from the start, in at most log2(n) + 1 comparisons", () => {
  fc.assert(
    fc.property(fc.nat({ max: 200 }), fc.nat({ max: 220 }), (count, parted) => {
      const asked: number[] = [];
      const right = (i: number): string => {
        asked.push(i);
        return i < parted ? String(i) : "other";
      };
      const { index, comparisons } = firstUnequal(count, String, right);
      expect(index).toBe(Math.min(count, parted));
      expect(comparisons).toBe(asked.length);
      expect(comparisons).toBeLessThanOrEqual(count === 0 ? 0 : Math.floor(Math.log2(count)) + 1);
      expect(asked.every((i) => i >= 0 && i < count)).toBe(true);
    }),
  );
});
