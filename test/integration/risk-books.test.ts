import { describe, expect, test } from "vitest";
import type { BookTailTerms, PnlBook, PnlMatrix } from "../../src/core/index.js";
import { type OpenRiskBooks, openRiskBooks } from "../../src/index.js";
import { codesOf, must } from "../support/risk-cases.js";

const TERMS: BookTailTerms = { confidences: ["0.95", "0.99"], split: "positions" };
const SCENARIOS = 501;
const POSITIONS = Array.from({ length: 333 }, (_, n) => `p${(n * 100) % 333}`);
const BOOKS: readonly PnlBook[] = [
  { name: "all", holdings: "all" },
  { name: "every other", holdings: POSITIONS.filter((_, n) => n % 2 === 0).map((position, n) => ({ position, factor: n / 7 + 1 })) },
];

function matrix(buffer: ArrayBuffer | SharedArrayBuffer): PnlMatrix {
  const pnl = new Float64Array(buffer);
  let state = 3;
  for (let n = 0; n < pnl.length; n++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pnl[n] = state / 4_294_967_296 - 0.6;
  }
  return { positions: POSITIONS, scenarios: SCENARIOS, pnl };
}

const BYTES = 8 * 333 * SCENARIOS;

async function measured(threads: number, buffer: ArrayBuffer | SharedArrayBuffer): Promise<unknown> {
  const opened = must(await openRiskBooks(matrix(buffer), BOOKS, { threads }));
  try {
    // Asked twice at once: the second waits for the first.
    const [once, again] = await Promise.all([opened.measure(TERMS), opened.measure(TERMS)]);
    expect(again).toEqual(once);
    return must(once);
  } finally {
    await opened.close();
  }
}

describe("books over one matrix", () => {
  test("come to the same bits in this thread, on one, two and three others, from shared memory and from a copy", async () => {
    const here = await measured(0, new ArrayBuffer(BYTES));
    for (const threads of [1, 2, 3]) {
      expect(await measured(threads, new SharedArrayBuffer(BYTES))).toEqual(here);
      expect(await measured(threads, new ArrayBuffer(BYTES))).toEqual(here);
    }
  });

  test("are measured on the matrix as it is now, and refuse a cell that is not finite", async () => {
    const given = matrix(new SharedArrayBuffer(BYTES));
    const opened: OpenRiskBooks = must(await openRiskBooks(given, BOOKS, { threads: 2 }));
    try {
      const before = must(await opened.measure(TERMS));
      given.pnl[0] = -1e6;
      expect(must(await opened.measure(TERMS))[1]?.es.es).toBeGreaterThan((before[1]?.es.es ?? 0) + 1e4);
      given.pnl[SCENARIOS + 7] = Number.NaN;
      const refused = await opened.measure(TERMS);
      expect(refused.ok ? null : refused.errors.map(({ code, details }) => [code, details["field"], details["index"]])).toEqual([
        ["NOT_FINITE", POSITIONS[1], "7"],
      ]);
      expect(codesOf(await opened.measure({ confidences: ["99%"], split: "none" }))).toContain("CONFIDENCE_INVALID");
    } finally {
      await opened.close();
    }
  });

  test("refuse before any thread is started", async () => {
    const given = matrix(new ArrayBuffer(BYTES));
    expect(codesOf(await openRiskBooks({ ...given, scenarios: 7 }, [], { threads: 2 }))).toEqual(["TOO_FEW_SCENARIOS", "LENGTHS_DIFFER"]);
    expect(() => openRiskBooks(given, BOOKS, { threads: -1 })).toThrow(RangeError);
  });
});
