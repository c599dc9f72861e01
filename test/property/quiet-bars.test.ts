import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../../src/core/engine/engine.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import type { Indicator, IndicatorFactory } from "../../src/core/strategy/indicator.js";
import type { AnyStrategy } from "../../src/core/strategy/strategy.js";
import { MemoryTapeWriter } from "../../src/core/tape/memory-tape-writer.js";
import { driveBacktest } from "../../src/usecases/drive-backtest.js";
import { columnsOf, type FixtureRun, type HandBar, type PlainEvent, plainEvents, specOf } from "../support/engine-fixture.js";

/** The engine takes bars on which only the strategy can act without asking every desk: nobody may be able to tell from the tape. */

const DAY = 1440;
/** Minutes at which bars of a day close: before the open, at it, inside, at the close of New York and after it, at midnight. */
const SLOTS = [600, 871, 872, 873, 900, 1000, 1079, 1080, 1259, 1260, 1261, 1300, 1440];
const DAYS = 4;

const action = fc.constantFrom(
  "enterLong",
  "enterShort",
  "exitLong",
  "exitShort",
  "limit",
  "cancel",
  "hold",
  "look",
  "none",
  "none",
  "none",
);
const runs = fc.record({
  cells: fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 90, max: 110 })), {
    minLength: SLOTS.length * DAYS,
    maxLength: SLOTS.length * DAYS,
  }),
  actions: fc.array(action, { minLength: 3, maxLength: 40 }),
  calendar: fc.constantFrom("24/7", "XNYS"),
  session: fc.constantFrom("regular" as const, "all" as const),
  timing: fc.constantFrom("next_open" as const, "signal_close" as const),
  latency: fc.constantFrom(0, 0, 2),
  warmup: fc.constantFrom(0, 0, 3),
  /** Bars that a handler, or an indicator, lives to see. */
  throws: fc.option(fc.record({ where: fc.constantFrom("onBar", "indicator"), after: fc.integer({ min: 0, max: 30 }) }), { nil: null }),
});
type Run = typeof runs extends fc.Arbitrary<infer T> ? T : never;

function fixture(run: Run): FixtureRun {
  const bars = run.cells.flatMap(([present, price], n): HandBar[] => {
    const minute = Math.floor(n / SLOTS.length) * DAY + (SLOTS[n % SLOTS.length] ?? 0);
    return present ? [[minute, price, price + 1, price - 1, price]] : [];
  });
  let handled = 0;
  const onBar: AnyStrategy["onBar"] = (bar, ctx) => {
    handled += 1;
    const wanted = run.actions[handled % run.actions.length];
    if (wanted === "limit") ctx.enterLong({ type: "limit", limit: Math.round(bar.close) - 3, tif: "GTC", qty: 1 });
    else if (wanted === "cancel") ctx.cancel(ctx.openOrders()[0]?.order_id ?? "O999");
    else if (wanted === "look")
      ctx.hold({ metadata: { seen: `${ctx.ts} ${ctx.account.equity} ${ctx.position().unrealized_pnl} ${ctx.openOrders().length}` } });
    else if (wanted !== undefined && wanted !== "none") ctx[wanted]();
    if (run.throws?.where === "onBar" && handled > run.throws.after) throw new Error("enough");
  };
  return {
    instruments: [{ columns: columnsOf("AAA", bars), instrument: { calendar: run.calendar } }],
    strategy: {
      meta: { session: run.session },
      onBar,
      warmup: () => run.warmup,
      ...(run.throws?.where === "indicator" ? { indicators: () => ({ failing: failingAfter(run.throws?.after ?? 0) }) } : {}),
    },
    execution: { fill_timing: run.timing, latency_bars: run.latency },
    cash: "2000",
  };
}

function failingAfter(bars: number): IndicatorFactory {
  let seen = 0;
  const indicator: Indicator = {
    value: 0,
    ready: true,
    output: () => 0,
    update: () => {
      seen += 1;
      if (seen > bars) throw new Error("enough");
    },
    save: () => [seen],
    restore: () => {},
  };
  return { name: "failing", create: () => indicator };
}

function tapeOf(run: Run, every_bar: boolean): { readonly events: readonly PlainEvent[]; readonly watched: readonly string[] } {
  const tape = new MemoryTapeWriter(runCatalogue);
  const watched: string[] = [];
  const onSlice = (slices: number, bars: number, ts: number): void => {
    watched.push(`${slices} ${bars} ${ts}`);
  };
  driveBacktest(new Engine({ ...specOf(fixture(run)), every_bar, onSlice }), tape);
  return { events: plainEvents(tape), watched };
}

describe("quiet bars", () => {
  it("leave the tape and what a watchdog sees as they are where every bar is taken to every desk", () => {
    let quiet = 0;
    let failed = 0;
    fc.assert(
      fc.property(
        runs.filter(({ cells }) => cells.some(([present]) => present)),
        (run) => {
          const all = tapeOf(run, true);
          const walked = tapeOf(run, false);
          expect(walked).toEqual(all);
          const end = walked.events.at(-1);
          if (end?.type === "run.completed" && end.payload.status === "failed") failed += 1;
          quiet += 1;
        },
      ),
      { numRuns: 300 },
    );
    expect(quiet).toBeGreaterThan(250);
    expect(failed).toBeGreaterThan(30);
  });
});
