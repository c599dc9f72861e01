/**
 * What orders do on real bars: market orders that are made after the close, and limit orders of three times in force.
 *
 * Expected prices are read from the files by the tests themselves: dollars x 10000 in LEAN's zips.
 */
import { readFileSync } from "node:fs";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { newYorkOffset } from "../../src/core/market/calendars/new-york-time.js";
import { calendarById } from "../../src/core/market/calendars/registry.js";
import type { Context, SignalOptions } from "../../src/core/strategy/strategy.js";
import { type BarTuple, barColumns } from "../support/bar-columns.js";
import { type FixtureResult, type Handlers, ofType, runEngine } from "../support/engine-fixture.js";
import { leanMinutes } from "../support/lean-minutes.js";
import { describeShared, sharedPath } from "../support/shared-data.js";

const WEEK = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"];

function newYork(ts: number): string {
  return new Date(ts + newYorkOffset(ts)).toISOString().slice(0, 16);
}

/** Times in New York and prices of all fills. */
function fillsOf({ events }: FixtureResult): readonly (readonly [time: string, side: string, price: string, at: string])[] {
  return ofType(events, "order.filled").map(({ occurred_at, payload }) => [newYork(occurred_at), payload.side, payload.price, payload.at]);
}

describeShared("market orders made after the close", () => {
  /** Rows of SPY's daily file, prices at scale 4, closing with their session. */
  function spyDays(): readonly BarTuple[] {
    const zip = unzipSync(readFileSync(sharedPath("lean", "equity", "usa", "daily", "spy.zip")));
    const calendar = calendarById("XNYS");
    return Object.values(zip).flatMap((bytes) =>
      strFromU8(bytes)
        .trim()
        .split("\n")
        .map((line): BarTuple => {
          const [stamp = "", ...numbers] = line.split(",");
          const session = calendar.sessionOn(`${stamp.slice(0, 4)}-${stamp.slice(4, 6)}-${stamp.slice(6, 8)}`);
          const [open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers.map(Number);
          return [session?.close ?? Number.NaN, open, high, low, close, volume];
        }),
    );
  }

  it("fill at the next session's open: 584 of them over 23 years of SPY days", () => {
    const bars = spyDays();
    const result = runEngine({
      instruments: [{ columns: barColumns(bars, { symbol: "SPY", timeframe: "1d", price_scale: 4 }), instrument: { calendar: "XNYS" } }],
      strategy: {
        meta: { timeframe: "1d" },
        state: () => ({ bars: 0 }),
        onBar: (_bar, ctx) => {
          const state = ctx.state as { bars: number };
          state.bars += 1;
          if (state.bars % 10 !== 0) return;
          if (ctx.position().qty === 0) ctx.enterLong({ qty: 100 });
          else ctx.exitLong();
        },
      },
      scale: 4,
    });
    // Every tenth row, filled at the row after it.
    const opens = bars.filter((_, row) => row % 10 === 0 && row > 0).map(([ts, open]) => ({ ts, open }));
    expect(fillsOf(result)).toEqual(
      opens.map(({ ts, open }, i) => [newYork(ts), i % 2 === 0 ? "buy" : "sell", String(open / 10_000), "open"]),
    );
    const profit = opens.reduce((sum, { open }, i) => sum + (i % 2 === 0 ? -open : open), 0) * 100;
    expect(opens).toHaveLength(584);
    expect(ofType(result.events, "run.completed")[0]?.payload.equity).toBe(String((1_000_000_000 + profit) / 10_000));
  });

  it("wait over a half day's end, a holiday and a weekend: GOOG on 24 December 2015", () => {
    const result = runEngine({
      instruments: [{ columns: leanMinutes("goog", ["2015-12-23", "2015-12-24", "2015-12-28"]), instrument: { calendar: "XNYS" } }],
      strategy: {
        onBar: (bar, ctx) => {
          // The exchange closed at 13:00; the file has rows until 15:44.
          if (newYork(bar.ts) === "2015-12-24T13:00") ctx.enterLong();
        },
      },
    });
    const [created] = ofType(result.events, "order.created");
    expect(newYork(created?.occurred_at ?? 0)).toBe("2015-12-24T13:00");
    expect(fillsOf(result)).toEqual([["2015-12-28T09:31", "buy", "752.92", "open"]]);
  });
});

describeShared("limit orders on one week of SPY minutes", () => {
  /** Sends one order on the first bar, at 09:31 on Monday, where SPY closed at 167.44. */
  function once(send: (ctx: Context<Record<never, never>, unknown, Record<never, never>>) => void): Handlers {
    return {
      onBar: (bar, ctx) => {
        if (newYork(bar.ts) === "2013-10-07T09:31") send(ctx as never);
      },
    };
  }

  function run(options: SignalOptions): FixtureResult {
    return runEngine({
      instruments: [{ columns: leanMinutes("spy", WEEK), instrument: { calendar: "XNYS" } }],
      strategy: once((ctx) => ctx.enterLong({ type: "limit", ...options })),
    });
  }

  const times: readonly SignalOptions[] = [{ tif: "GTC" }, { tif: "DAY" }, { tif: "GTD", expire: "2013-10-09" }];

  it.each(times)("a marketable one fills at the next bar's open, not at its limit: $tif", (tif) => {
    // The bar that ends at 09:32 opens at 167.47.
    expect(fillsOf(run({ ...tif, limit: 168 }))).toEqual([["2013-10-07T09:32", "buy", "167.47", "open"]]);
  });

  describe("one that the week never reaches (its lowest price is 164.53)", () => {
    const ends = ({ events }: FixtureResult): readonly (readonly [string, string])[] =>
      ofType(events, "order.expired").map(({ occurred_at, payload }) => [newYork(occurred_at), payload.reason]);

    it("ends with its session: DAY", () => {
      expect(ends(run({ tif: "DAY", limit: 164 }))).toEqual([["2013-10-07T16:00", "SESSION_CLOSED"]]);
    });

    it("ends with the session named: GTD", () => {
      expect(ends(run({ tif: "GTD", expire: "2013-10-09", limit: 164 }))).toEqual([["2013-10-09T16:00", "GTD_EXPIRED"]]);
    });

    it("ends before the first bar that closes after its moment: GTD at 11:15:30", () => {
      expect(ends(run({ tif: "GTD", expire: Date.UTC(2013, 9, 8, 15, 15, 30), limit: 164 }))).toEqual([
        ["2013-10-08T11:16", "GTD_EXPIRED"],
      ]);
    });

    it("stays open past the end of the data: GTC", () => {
      const result = run({ tif: "GTC", limit: 164 });
      expect(ends(result)).toEqual([]);
      expect([...result.engine.state.open.values()]).toMatchObject([{ status: "accepted", tif: "GTC", filled: 0 }]);
    });
  });

  it("one that rests fills at its limit when the price trades through it, and not when it only touches", () => {
    const lowest = 164.53;
    expect(fillsOf(run({ tif: "GTC", limit: lowest }))).toEqual([]);
    const [fill] = fillsOf(run({ tif: "GTC", limit: lowest + 0.01 }));
    expect(fill?.slice(1)).toEqual(["buy", "164.54", "intrabar"]);
  });
});
