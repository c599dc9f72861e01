// The engine states equity at every session close and at the end; folding the tape it wrote must give the same to the cent,
// or the projection throws. Random strategies over two calendars, or over one with bars after the nominal close.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { testColumns, testConfig, testInstrument } from "../../../test/support/run-tape.js";
import { Engine } from "../engine/engine.js";
import { DEFAULT_SIZING, type ExecutionConfig, type RunConfig, type SlippageModel } from "../engine/run-config.js";
import type { SessionRange } from "../market/bars.js";
import { formatBig } from "../money/decimal.js";
import type { AnyStrategy } from "../strategy/strategy.js";
import { RunProjection } from "./run-projection.js";
import { firstUnsortedRow } from "./table.js";

const minute = 60_000;
const day = 1_440;
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** Two days of sparse bars. In extended hours both symbols go on after one nominal close; else the second never closes. */
function market(seed: number, extended: boolean) {
  let x = seed;
  const next = (below: number) => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return (x >>> 8) % below;
  };
  const build = (symbol: string, firstMinute: number, lastMinute: number, openMinute: number, closeMinute: number) => {
    const ts: number[] = [];
    const close: number[] = [];
    const sessions: SessionRange[] = [];
    let price = 5_000 + next(5_000);
    for (let d = 0; d < 2; d++) {
      const first_row = ts.length;
      for (let m = firstMinute; m <= lastMinute; m += 1 + next(3)) {
        price = Math.max(100, price + next(401) - 200);
        ts.push((d * day + m) * minute);
        close.push(price);
      }
      const session = `2024-01-0${d + 2}`;
      sessions.push({
        session,
        open: (d * day + openMinute) * minute,
        close: (d * day + closeMinute) * minute,
        first_row,
        row_count: ts.length - first_row,
      });
    }
    const columns = { ...testColumns(symbol, ts, close), volume: new Float64Array(ts.length).fill(10) };
    return { columns, sessions, session_sha256: sessions.map((s) => hash(s.session)) };
  };
  if (extended) return { next, aaa: build("AAA", 5, 60, 20, 40), bbb: build("BBB", 5, 100, 20, 40) };
  return { next, aaa: build("AAA", 20, 40, 20, 40), bbb: build("BBB", 5, 100, 0, day) };
}

function wild(next: (below: number) => number, failAt: number, session: "all" | "regular"): AnyStrategy {
  let calls = 0;
  return {
    meta: { name: "wild", version: "1.0.0", universe: ["AAA", "BBB"], timeframe: "1m", required_fields: ["close"], session },
    params: {},
    onBar(bar, ctx) {
      const limit = (bar.close + (next(7) - 3) / 4).toFixed(2);
      const options = [
        {},
        { type: "limit" as const, limit },
        { type: "limit" as const, limit, tif: "GTC" as const, qty: 3 },
        { type: "stop" as const, stop: limit },
      ];
      const how = options[next(options.length)] ?? {};
      if (next(4) === 0) [() => ctx.enterLong(how), () => ctx.exitLong(), () => ctx.enterShort(how), () => ctx.exitShort()][next(4)]?.();
    },
    onFill(_, ctx) {
      calls += 1;
      if (calls === failAt) throw new Error("the strategy's own fault");
      if (next(3) === 0) for (const order of ctx.openOrders().slice(0, 1)) ctx.cancel(order.order_id);
    },
  };
}

const execution = fc.record<ExecutionConfig>({
  fill_timing: fc.constantFrom("next_open", "signal_close"),
  limit_fill: fc.constantFrom("cross", "touch"),
  cash_short: fc.constantFrom("reject", "reduce"),
  intrabar: fc.constantFrom("stop_first", "target_first", "nearer_extreme"),
  slippage: fc.constantFrom<SlippageModel>(
    { model: "bps", bps: "0" },
    { model: "bps", bps: "2.5" },
    { model: "ticks", ticks: "1" },
    { model: "sqrt_impact", bps: "10" },
  ),
  sell_tax_bps: fc.constantFrom("0", "18"),
  participation: fc.constantFrom(null, "0.5"),
  latency_bars: fc.constantFrom(0, 1, 3),
  fees: fc.constantFrom(
    { model: "none" },
    { model: "bps", bps: "5" },
    { model: "maker_taker", maker_bps: "1", taker_bps: "5" },
    { model: "per_share", amount: "0.005", minimum: "1", cap_fraction: null },
    { model: "fixed", amount: "0.99" },
  ),
});

test("folding the tape of any run gives the equity that its engine stated, and P&L that adds up to it", () => {
  let fills = 0;
  let failures = 0;
  fc.assert(
    fc.property(
      fc.nat(2 ** 31),
      fc.boolean(),
      execution,
      fc.constantFrom("keep" as const, "flatten" as const),
      fc.constantFrom("cash" as const, "variation_margin" as const),
      fc.integer({ min: 1, max: 60 }),
      (seed, extended, chosen, on_end, settlement, failAt) => {
        const { next, aaa, bbb } = market(seed, extended);
        const instruments = [
          testInstrument("AAA", { calendar: "XNYS" }),
          testInstrument("BBB", { calendar: extended ? "XNYS" : "24/7", settlement }),
        ];
        const data = [aaa, bbb].map(({ columns }) => ({
          symbol: columns.symbol,
          timeframe: "1m" as const,
          price_mode: "raw" as const,
          basis: "trade" as const,
          column_set: hash(columns.symbol),
          first_row: 0,
          row_count: columns.rows,
        }));
        const config: RunConfig = {
          ...testConfig(instruments, "100000"),
          data,
          execution: chosen,
          on_end,
          sizing: { ...DEFAULT_SIZING, mode: "fixed", qty: "7" },
        };
        const started = {
          strategy: { name: "wild", version: "1.0.0", source_sha256: hash("source") },
          config: {},
          config_sha256: hash("config"),
          instruments: [],
          data: data.map((d, i) => {
            const ts = [aaa, bbb][i]?.columns.ts ?? new Float64Array();
            return { ...d, rows: d.row_count, first_ts: ts[0] ?? 0, last_ts: ts.at(-1) ?? 0 };
          }),
        };
        const engine = new Engine({
          started,
          config,
          strategy: wild(next, failAt, extended ? "all" : "regular"),
          instruments: [aaa, bbb],
          hash,
        });
        const projection = new RunProjection(
          config,
          new Map([
            ["AAA", aaa.columns],
            ["BBB", bbb.columns],
          ]),
        );
        let position = 0;
        while (engine.advance()) {
          const batch = engine.take();
          for (const proposal of batch) {
            engine.feed(proposal);
            position += 1;
            projection.apply({ ...proposal.event, position });
          }
        }
        const { tables, measures, equity } = projection.finish();
        fills += measures.fills.length;
        if (engine.failure !== null) failures += 1;
        expect(equity.rows).toBe(engine.slices);
        expect(measures.bars).toBe(engine.bars);
        const pnl = tables.find((t) => t.schema.name === "pnl");
        const total = (pnl?.rows ?? []).reduce((sum, r) => sum + Math.round(Number(r["total"]) * 100), 0);
        expect(formatBig(BigInt(total), 2)).toBe(formatBig(measures.final_equity - measures.initial_cash, 2));
        for (const table of tables) expect(firstUnsortedRow(table)).toBeNull();
      },
    ),
    { numRuns: 60 },
  );
  // The property must not hold for want of trades or failures.
  expect(fills).toBeGreaterThan(500);
  expect(failures).toBeGreaterThan(5);
});
