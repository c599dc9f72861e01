import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IntrabarRule, LimitFill } from "../../src/core/engine/run-config.js";
import type { SignalOptions } from "../../src/core/strategy/strategy.js";
import { fillsOf, story } from "../support/order-stories.js";
import { type PathBar, type PathEntry, pathOutcomes } from "./bar-paths.js";

/** What a fill says of itself, that the bar leaves it open, against every path that the bar allows. */

const RULES: readonly IntrabarRule[] = ["stop_first", "target_first", "nearer_extreme"];
const BEFORE = 100;

const bar = fc
  .tuple(
    fc.integer({ min: 96, max: 104 }),
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 96, max: 104 }),
  )
  .map(([open, up, down, close]): PathBar => ({ open, high: Math.max(open, close) + up, low: Math.min(open, close) - down, close }));

const exits = fc.record({ loss: fc.option(fc.integer({ min: 1, max: 5 })), gain: fc.option(fc.integer({ min: 1, max: 5 })) });

function entryOf(
  side: "buy" | "sell",
  kind: PathEntry["kind"],
  level: number,
  { loss, gain }: { loss: number | null; gain: number | null },
): PathEntry {
  const long = side === "buy" ? 1 : -1;
  return { side, kind, level, stop: loss === null ? null : level - long * loss, target: gain === null ? null : level + long * gain };
}

/** The fills of the bar under a rule: without the marks, with any of them marked, and the other prices that they name. */
function ruled(
  { open, high, low, close }: PathBar,
  entries: readonly PathEntry[],
  intrabar: IntrabarRule,
  limit_fill: LimitFill,
): { readonly outcome: string; readonly doubtful: boolean; readonly others: readonly number[] } {
  const place = (e: PathEntry): SignalOptions => ({
    qty: 1,
    type: e.kind === "held" ? "market" : e.kind,
    ...(e.kind === "held" ? {} : { [e.kind]: e.level }),
    ...(e.stop === null ? {} : { stop_loss: e.stop }),
    ...(e.target === null ? {} : { take_profit: e.target }),
    ...(entries.length === 1 ? {} : { oco: "g" }),
  });
  const fills = fillsOf(
    story(
      [
        [1, BEFORE, BEFORE, BEFORE, BEFORE],
        [2, open, high, low, close],
      ],
      {
        1: (ctx) => {
          for (const e of entries) ctx[e.side === "buy" ? "enterLong" : "enterShort"](place(e));
        },
      },
      { cash: "1000000", execution: { intrabar, limit_fill } },
    ),
  );
  return {
    outcome: fills.map((fill) => /(?:buy|sell) 1@\d+/.exec(fill)?.[0].replace(" 1@", "@") ?? fill).join(" "),
    doubtful: fills.some((fill) => fill.includes("?")),
    others: fills.flatMap((fill) => (/\?\d+/.exec(fill) === null ? [] : [Number(/\?(\d+)/.exec(fill)?.[1])])),
  };
}

function check(b: PathBar, entries: readonly PathEntry[], limit: LimitFill): void {
  const possible = pathOutcomes(b, entries, limit === "cross");
  for (const rule of RULES) {
    const { outcome, doubtful, others } = ruled(b, entries, rule, limit);
    // The kindest end of each order by itself need not be one of both entries together.
    if (entries.length === 1 || rule !== "target_first")
      expect([...possible], `${rule} books what no path of the bar gives`).toContain(outcome);
    expect(doubtful, `${rule} ${outcome}; possible: ${[...possible].join(" | ")}`).toBe(possible.size > 1);
    for (const other of others)
      expect(
        [...possible].some((end) => end !== outcome && end.includes(`@${other}`)),
        `${rule} names ${other}`,
      ).toBe(true);
  }
}

const limits = fc.constantFrom<LimitFill>("cross", "touch");
const side = fc.constantFrom<"buy" | "sell">("buy", "sell");
const level = fc.integer({ min: 96, max: 104 });

describe("a bar's fills are marked where, and only where, another path of the bar gives others", () => {
  it("for the exits of a position from the bar's open on", () => {
    fc.assert(
      fc.property(bar, side, exits, limits, (b, s, e, limit) => check(b, [entryOf(s, "held", BEFORE, e)], limit)),
      { numRuns: 100 },
    );
  });

  it("for an entry at a price and its exits", () => {
    fc.assert(
      fc.property(bar, side, fc.constantFrom<"stop" | "limit">("stop", "limit"), level, exits, limits, (b, s, kind, at, e, limit) =>
        check(b, [entryOf(s, kind, at, e)], limit),
      ),
      { numRuns: 120 },
    );
  });

  it("for two stops that enter either way, and their exits", () => {
    fc.assert(
      fc.property(
        bar,
        fc.integer({ min: 97, max: 103 }),
        fc.integer({ min: 1, max: 4 }),
        exits,
        exits,
        limits,
        (b, at, apart, e, f, limit) => check(b, [entryOf("buy", "stop", at + apart, e), entryOf("sell", "stop", at, f)], limit),
      ),
      { numRuns: 100 },
    );
  });
});
