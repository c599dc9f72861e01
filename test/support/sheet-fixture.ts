import type { MetricTableResult } from "../../src/core/metrics/run-metrics.js";
import type { LimitUse, RiskExposure, Use } from "../../src/core/projections/risk-exposure.js";
import { basisOf, bucketSeries } from "../../src/core/report/bucket-series.js";
import { levelWithin } from "../../src/core/report/ohlc-pyramid.js";
import { quantilePlot } from "../../src/core/report/quantile-plot.js";
import { returnHistogram } from "../../src/core/report/return-distribution.js";
import { rollingWindows } from "../../src/core/report/rolling-statistics.js";
import {
  type CandleSeries,
  type Contribution,
  type SheetMetric,
  type SheetTable,
  type SheetTrade,
  TEAR_SHEET_SCHEMA,
  type TearSheet,
  type TradeMark,
} from "../../src/core/report/tear-sheet.js";

export interface SheetShape {
  readonly sessions: number;
  /** Bars of a session; 0 for a run without bars. */
  readonly bars: number;
  /** Bars between the entries of two trades; null for none. */
  readonly every: number | null;
  /** Trades at most. */
  readonly most?: number;
  /** Added to each bar's return. */
  readonly drift?: number;
  /** Names as they come from data. */
  readonly symbol?: string;
  readonly strategy?: string;
  /** Whether it ran under a policy. */
  readonly policy?: true;
}

export type ShapeName = "usual" | "two sessions" | "no trade" | "one trade" | "losing" | "no bar" | "long" | "under a policy";

/** Shapes that a page has to cope with. */
export const SHAPES: Readonly<Record<ShapeName, SheetShape>> = {
  usual: { sessions: 60, bars: 390, every: 130 },
  "two sessions": { sessions: 2, bars: 30, every: 11 },
  "no trade": { sessions: 20, bars: 390, every: null },
  "one trade": { sessions: 6, bars: 60, every: 100, most: 1 },
  losing: { sessions: 40, bars: 120, every: 40, drift: -0.0006 },
  "no bar": { sessions: 0, bars: 0, every: null },
  long: { sessions: 1100, bars: 41, every: 20 },
  "under a policy": { sessions: 90, bars: 30, every: 40, policy: true },
};

const MINUTE = 60_000;
const DAY = 86_400_000;
const START = Date.UTC(2023, 10, 1, 14, 31);

/** A sheet made of invented numbers: the same shape gives the same sheet, whatever metrics the product has. */
export function sheetFixture({
  sessions,
  bars,
  every,
  most,
  drift = 0,
  symbol = "DEMO",
  strategy = "fixture",
  policy,
}: SheetShape): TearSheet {
  let state = 12_345;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const rows = sessions * bars;
  const ts = new Float64Array(rows);
  const columns = {
    open: new Float64Array(rows),
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
  };
  const equity = new Float64Array(rows);
  const gross = new Float64Array(rows);
  const falls = new Float64Array(rows);
  const marks: number[] = [];
  const markTimes: number[] = [];
  let price = 10_000;
  let worth = 100_000;
  let peak = worth;
  let day = 0;
  for (let session = 0, row = 0; session < sessions; session++, day += session % 5 === 0 ? 3 : 1) {
    for (let bar = 0; bar < bars; bar++, row++) {
      const open = price;
      price = Math.max(100, Math.round(price * (1 + (random() - 0.5) * 0.006 + drift)));
      ts[row] = START + day * DAY + bar * MINUTE;
      columns.open[row] = open;
      columns.close[row] = price;
      columns.high[row] = Math.max(open, price) + Math.floor(random() * 12);
      columns.low[row] = Math.min(open, price) - Math.floor(random() * 12);
      const held = every !== null && row % every < every / 2;
      worth += held ? (price - open) * 8 : 0;
      peak = Math.max(peak, worth);
      equity[row] = Math.round(worth * 100) / 100;
      gross[row] = held ? Math.min((price * 8) / worth, 1) : 0;
      falls[row] = (worth - peak) / peak;
    }
    marks.push(worth);
    markTimes.push(START + day * DAY + (bars - 1) * MINUTE);
  }
  const returns = marks.map((mark, i) => mark / (marks[i - 1] ?? 100_000) - 1);
  const trades = tradesOf(rows, every, most ?? Number.POSITIVE_INFINITY, ts, columns.close, symbol);
  const basis = basisOf("session returns", markTimes, returns.length, 1);
  return {
    schema: TEAR_SHEET_SCHEMA,
    header: {
      run_id: "0123456789abcdef0123456789abcdef",
      mode: "backtest",
      status: "completed",
      research: false,
      strategy: { name: strategy, version: "1.0.0", source_sha256: "a".repeat(64) },
      params: [{ name: "fast", value: "12" }],
      engine: { version: "0.0.0", build: "b".repeat(64) },
      manifest_sha256: "c".repeat(64),
      tape: { position: 1262, head_hash: "d".repeat(64), content_hash: "e".repeat(64) },
      bars: [
        {
          symbol,
          rows,
          first_ts: ts[0] ?? null,
          last_ts: ts[rows - 1] ?? null,
          column_set: "f".repeat(64),
          capture_id: "0".repeat(64),
          synthetic: true,
        },
      ],
      currency: "USD",
      initial_cash: "100000",
      periods_per_year: 252,
      convention: "onetape-1",
      artifacts: [{ name: "trades", sha256: "1".repeat(64) }],
      error: null,
    },
    metrics: [
      { title: "Return", metrics: metricsOf(returns, trades.length), tables: [monthsOf(markTimes, marks), yearsOf(markTimes, marks)] },
      { title: "Drawdown", metrics: [], tables: [drawdownsOf(markTimes)] },
    ],
    assumptions: [
      { id: "fill_timing", name: "Fill timing", value: "next_open: market orders fill at the next bar's open", mark: null },
      { id: "guessed", name: `Guessed for ${symbol}`, value: "price_tick 0.01", mark: "guess" },
    ],
    data_quality: [{ symbol, calendar: "XNYS", expected: rows, present: rows, gaps: 0, sessions_without_bars: 0, outside: 0 }],
    equity: bucketSeries("bar closes", ts, equity),
    underwater: bucketSeries("bar closes", ts, falls),
    candles: rows === 0 ? [] : [candlesOf(symbol, ts, columns, trades)],
    no_candles: rows === 0 ? [{ symbol, reason: "its bars are not in the workspace any more" }] : [],
    daily: bucketSeries("session returns", markTimes, returns),
    histogram: returnHistogram(returns, basis, returns.length < 5 ? null : { var_95: 0.0085, es_95: 0.0112 }),
    quantiles: quantilePlot(returns, basis),
    rolling: { basis, ...rollingWindows(returns, markTimes, 252) },
    exposure: { gross: bucketSeries("bar closes", ts, gross), net: bucketSeries("bar closes", ts, gross) },
    contribution: {
      basis: basisOf(
        "trades",
        trades.map((trade) => trade.entry_ts),
        trades.length,
        1,
      ),
      by_symbol: contribution([symbol], trades),
      by_hour: trades.length === 0 ? [] : contribution(["14", "15", "16"], trades),
      by_weekday: trades.length === 0 ? [] : contribution(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"], trades),
    },
    costs: {
      basis: basisOf(
        "fills",
        trades.flatMap((trade) => [trade.entry_ts, trade.entry_ts]),
        trades.length * 2,
        1,
      ),
      steps: [
        { id: "before", name: "Before costs", kind: "total", amount: "2300.5" },
        { id: "slippage", name: "Slippage", kind: "change", amount: "-300.25" },
        { id: "gross", name: "Gross", kind: "total", amount: "2000.25" },
        { id: "commission", name: "Commission and tax", kind: "change", amount: "-500.25" },
        { id: "net", name: "Net", kind: "total", amount: "1500" },
      ],
    },
    trades,
    ...(policy === undefined ? {} : { risk_policy: exposureFixture(markTimes) }),
  };
}

/** Every kind of row that the section of a policy has. */
function exposureFixture(times: readonly number[]): RiskExposure {
  const [from = 0, to = 0] = [times[1], times[2]];
  const use = (at: number, n: number, order: string | null): Use => ({ fraction: ((n % 13) / 10).toFixed(1), at, order_id: order });
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const limit = (n: number, rest: Partial<LimitUse>): LimitUse => ({
    ...{ code: "MAX_TOTAL_EXPOSURE_EXCEEDED", level: "limit", what: "gross exposure", limit: "at most 60 % of equity", of: "account" },
    ...{ enforced: n % 2 === 0, highest: use(from, 12, "O12") },
    sessions: times.map((at, i) => ({
      session_day: day(at),
      highest: use(at, i + n, null),
      newest: i % 3 === 0 ? null : use(at, i, null),
    })),
    ...rest,
  });
  const count = { count: 3, first: from, last: to };
  return {
    policy: {
      ...{ name: "desk+vibe", sha256: "2".repeat(64) },
      enforcement: { contracts: "enforce", sla: "observe", guards: "enforce" },
    },
    decisions: { approved: 12, denied: 3 },
    limits: [
      limit(0, {}),
      limit(1, { what: "exposure in group FX_ENERGY", code: "CORRELATED_EXPOSURE_EXCEEDED" }),
      limit(2, { what: "drawdown", level: "kill", code: "KILL_SWITCH_ACTIVE" }),
      limit(3, { what: "an order's notional", of: "order", highest: null, sessions: [] }),
    ],
    proof: { sessions: times.length, agreeing: times.length - 1 },
    refusals: [{ code: "DAILY_FREEZE_ACTIVE", ...count }],
    observed: [{ code: "DATA_NOT_READY", ...count }],
    declined: [{ code: "DRAWDOWN_LIMIT_EXCEEDED", ...count }],
    closest: [
      {
        ...{ order_id: "O12", subject: "modification", symbol: "DEMO", side: "buy", qty: "800", at: from, position: 7 },
        ...{ code: "MAX_TOTAL_EXPOSURE_EXCEEDED", fraction: "0.999999" },
      },
    ],
    episodes: [
      {
        ...{ kind: "daily_freeze", from, to, refused: 3, observe_only: false, session_day: day(from), loss: "1200.5", level: "1000" },
      },
      {
        ...{
          kind: "kill_switch",
          from,
          to: null,
          refused: 2,
          observe_only: false,
          trigger: "drawdown",
          reason: "the drawdown of 9 is past 8",
        },
        ...{ locked_until: to, cancels: 1, closings: 1, notified: ["log", "email"], resets_refused: 1, reset: null },
      },
    ],
    alerts: [{ at: from, subject: "daily_loss", session_day: day(from), observed: "600", level: "500" }],
  };
}

function tradesOf(
  rows: number,
  every: number | null,
  most: number,
  ts: Float64Array,
  close: Float64Array,
  symbol: string,
): readonly SheetTrade[] {
  const trades: SheetTrade[] = [];
  if (every === null) return trades;
  for (let entry = 0; entry + every < rows && trades.length < most; entry += every) {
    const exit = entry + Math.max(1, Math.floor(every / 2) - (trades.length % 7));
    const side = trades.length % 3 === 2 ? "short" : "long";
    const [from, to] = [close[entry] ?? 1, close[exit] ?? 1];
    const net = (side === "long" ? to - from : from - to) * 8 - 500;
    trades.push({
      trade: trades.length + 1,
      symbol,
      side,
      status: "closed",
      entry_ts: ts[entry] ?? 0,
      exit_ts: ts[exit] ?? 0,
      qty: "800",
      entry_price: String(from / 100),
      exit_price: String(to / 100),
      gross_pnl: String((net + 500) / 100),
      commission: "5",
      net_pnl: String(net / 100),
      return_fraction: net / (from * 800),
      r_multiple: null,
      bars_held: exit - entry,
      mae: -Math.abs(net) / (from * 900),
      mfe: Math.abs(net) / (from * 700),
    });
  }
  return trades;
}

function candlesOf(
  symbol: string,
  ts: Float64Array,
  columns: { readonly open: Float64Array; readonly high: Float64Array; readonly low: Float64Array; readonly close: Float64Array },
  trades: readonly SheetTrade[],
): CandleSeries {
  const level = levelWithin({ per_point: 1, rows: ts.length, ts, ...columns, volume: columns.open }, 8192);
  const times = Array.from(level.ts);
  const markOf = (trade: SheetTrade, kind: "entry" | "exit", time: number, price: string, net: number | null): TradeMark => {
    return { kind, side: trade.side, trade: trade.trade, at: times.findIndex((own) => own >= time), ts: time, price: Number(price), net };
  };
  return {
    symbol,
    basis: basisOf("bars", ts, ts.length, level.per_point),
    price_scale: 2,
    ts: times,
    open: Array.from(level.open),
    high: Array.from(level.high),
    low: Array.from(level.low),
    close: Array.from(level.close),
    volume: null,
    marks: trades.flatMap((trade) => [
      markOf(trade, "entry", trade.entry_ts, trade.entry_price, null),
      markOf(trade, "exit", trade.exit_ts ?? 0, trade.exit_price ?? "0", Number(trade.net_pnl)),
    ]),
  };
}

function metricsOf(returns: readonly number[], trades: number): readonly SheetMetric[] {
  const about = (id: string, name: string) =>
    ({
      id,
      name,
      definition: `The definition of \`${id}\`.`,
      notes: ["Others differ."],
      calc_name: `perf.${id}`,
      calc_version: "v1",
    }) as const;
  const n = returns.length;
  return [
    { ...about("ret.net_pnl", "Net P&L"), value: "1500", unit: "USD", state: "ok" },
    { ...about("ret.total", "Total return"), value: -0.0123, unit: "fraction", state: "ok" },
    n < 2
      ? { ...about("sharpe", "Sharpe ratio"), value: null, unit: "ratio", state: "undefined", reason: "TOO_FEW_RETURNS", n }
      : { ...about("sharpe", "Sharpe ratio"), value: 1.57, unit: "ratio", state: "ok", n, standard_error: 3.48 },
    { ...about("dd.max", "Maximum drawdown"), value: 0.0217, unit: "fraction", state: "ok", n },
    { ...about("tr.count", "Trades"), value: trades, unit: "count", state: "ok" },
  ];
}

function table(id: string, name: string, columns: SheetTable["columns"], rows: MetricTableResult["rows"]): SheetTable {
  return {
    id,
    name,
    definition: `The definition of ${name}.`,
    notes: [],
    columns,
    rows,
    calc_name: `perf.${id}`,
    calc_version: "v1",
    state: "ok",
    n: rows.length,
  };
}

function periods(
  times: readonly number[],
  marks: readonly number[],
  length: number,
): readonly { readonly period: string; readonly from: string; readonly to: string; readonly return: number }[] {
  const found: { period: string; from: string; to: string; return: number; last: number }[] = [];
  let before = 100_000;
  for (const [i, time] of times.entries()) {
    const date = new Date(time).toISOString().slice(0, 10);
    const last = found.at(-1);
    if (last?.period === date.slice(0, length)) {
      last.to = date;
      last.last = marks[i] ?? 0;
      last.return = last.last / before - 1;
      continue;
    }
    before = last?.last ?? before;
    found.push({ period: date.slice(0, length), from: date, to: date, return: (marks[i] ?? 0) / before - 1, last: marks[i] ?? 0 });
  }
  return found.map(({ last: _, ...row }) => row);
}

function periodTable(id: string, name: string, first: "month" | "year", rows: ReturnType<typeof periods>): SheetTable {
  const columns = [
    { name: first, title: first, unit: "text" },
    { name: "from", title: "First session", unit: "date" },
    { name: "to", title: "Last session", unit: "date" },
    { name: "return", title: "Return", unit: "fraction" },
  ];
  return table(
    id,
    name,
    columns,
    rows.map(({ period, ...row }) => ({ [first]: period, ...row })),
  );
}

const monthsOf = (times: readonly number[], marks: readonly number[]): SheetTable =>
  periodTable("ret.monthly", "Monthly returns", "month", periods(times, marks, 7));
const yearsOf = (times: readonly number[], marks: readonly number[]): SheetTable =>
  periodTable("ret.yearly", "Yearly returns", "year", periods(times, marks, 4));

function drawdownsOf(times: readonly number[]): SheetTable {
  const date = (i: number): string => new Date(times[i] ?? 0).toISOString().slice(0, 10);
  const rows =
    times.length < 2
      ? []
      : [{ rank: "1", peak: null, trough: date(1), recovery: null, depth: 0.0217, money: "2170", under_water: 1, down: 1, up: null }];
  const columns = ["rank", "peak", "trough", "recovery", "depth", "money", "under_water", "down", "up"].map((name) => ({
    name,
    title: name,
    unit: "text",
  }));
  return table("dd.top10", "Ten worst drawdowns", columns, rows);
}

function contribution(keys: readonly string[], trades: readonly SheetTrade[]): readonly Contribution[] {
  return keys.map((key, i) => ({
    key,
    net_pnl: String((i % 2 === 0 ? 1 : -1) * (100 + i * 37.5)),
    trades: Math.floor(trades.length / keys.length),
  }));
}
