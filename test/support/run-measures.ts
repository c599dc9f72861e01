import { formatDay } from "../../src/core/market/civil-date.js";
import type { EndedOrder, FillMeasure, RunMeasures, TradeMeasure } from "../../src/core/metrics/run-measures.js";

const DAY = 86_400_000;

/** Measures of a run with one mark a day, in cents; everything else is empty unless given. */
export function measuresOf(initial: bigint, equities: readonly bigint[], changes: Partial<RunMeasures> = {}): RunMeasures {
  return {
    currency: "USD",
    money_scale: 2,
    periods_per_year: 252,
    started_at: 0,
    initial_cash: initial,
    final_cash: equities.at(-1) ?? initial,
    final_equity: equities.at(-1) ?? initial,
    marks: equities.map((equity, i) => ({ ts: (i + 1) * DAY, equity, session: formatDay(i), position: i + 2 })),
    bars: equities.length,
    at_closes: {
      closes: 0,
      invested: 0,
      most_held: 0,
      gross_ratio_sum: null,
      net_ratio_sum: null,
      max_gross_ratio: null,
      max_drawdown: null,
    },
    trades: [],
    fills: [],
    cash_flows: [],
    ended_orders: [],
    data: [],
    last_position: equities.length + 2,
    counts: { sessions: equities.length, signals: 0, orders: 0, open_trades: 0 },
    ...changes,
  };
}

/** Equities whose simple returns are these, exactly where they are multiples of 10^-4. */
export function equitiesOf(initial: bigint, basisPoints: readonly bigint[]): readonly bigint[] {
  let equity = initial;
  return basisPoints.map((bps) => {
    equity = (equity * (10_000n + bps)) / 10_000n;
    return equity;
  });
}

/**
 * 504 daily marks in cents from 100,000.00: returns in basis points from the generator x' = (1664525 x + 1013904223) mod 2^32,
 * x0 = 20251121, as (x >> 16) mod 241 - 118; every 50th is 0, every 97th is six times as large; marks rounded down to the cent.
 */
export function generatedYears(): RunMeasures {
  let x = 20_251_121n;
  const bps = Array.from({ length: 504 }, (_, i) => {
    x = (1_664_525n * x + 1_013_904_223n) % 2n ** 32n;
    const r = i % 50 === 49 ? 0n : ((x >> 16n) % 241n) - 118n;
    return i % 97 === 96 ? r * 6n : r;
  });
  return measuresOf(10_000_000n, equitiesOf(10_000_000n, bps));
}

export function trade(net: bigint, changes: Partial<TradeMeasure> = {}): TradeMeasure {
  return {
    trade: 1,
    symbol: "AAA",
    net,
    gross: net,
    entry_notional: 10_000n,
    risk: null,
    bars_held: 1,
    held_ms: 60_000,
    worst: 0n,
    best: 0n,
    fills: [],
    ...changes,
  };
}

export function fill(side: "buy" | "sell", notional: bigint, changes: Partial<FillMeasure> = {}): FillMeasure {
  return {
    position: 1,
    symbol: "AAA",
    ts: 0,
    side,
    notional,
    commission: 0n,
    tax: 0n,
    slippage: 0n,
    participation: null,
    ambiguous: false,
    other: null,
    ...changes,
  };
}

export function endedOrder(end: EndedOrder["end"], changes: Partial<EndedOrder> = {}): EndedOrder {
  return { order_id: "O1", end, code: "CODE", part_filled: false, events: [1, 2], ...changes };
}
