import { heldThrough } from "../metrics/benchmark-closes.js";
import type { RunMetrics } from "../metrics/run-metrics.js";
import type { TradeRow } from "../projections/trades-table.js";
import { accountSeries } from "./account-series.js";
import { assumptionsOf } from "./assumptions.js";
import { basisOf, bucketSeries, drawn } from "./bucket-series.js";
import { candlesOf } from "./candle-series.js";
import { byHour, bySymbol, byWeekday } from "./contributions.js";
import { costSteps } from "./cost-steps.js";
import { dataQuality } from "./data-quality.js";
import { metricSheet } from "./metric-sheet.js";
import { quantilePlot } from "./quantile-plot.js";
import type { ReportInput } from "./report-input.js";
import { returnHistogram } from "./return-distribution.js";
import { rollingWindows } from "./rolling-statistics.js";
import { sessionMarks } from "./session-marks.js";
import { type Histogram, type SheetHeader, type SheetTrade, TEAR_SHEET_SCHEMA, type TearSheet } from "./tear-sheet.js";

/** The tear sheet of a stored run. A function of its arguments alone: the same run gives the same document. */
export function makeTearSheet(input: ReportInput): TearSheet {
  const { config, fills, trades, pnl, bars, metrics } = input;
  const { scale } = config.account;
  const marks = sessionMarks(input.risk, input.curve, config.account.cash, scale);
  const times = marks.marks.map((mark) => mark.ts);
  const { returns } = marks;
  const returnBasis = basisOf("session returns", times, returns.length, 1);
  const account = accountSeries(input.curve, marks.initial, scale);
  const { candles, left_out } = candlesOf(config, bars, trades);
  return {
    schema: TEAR_SHEET_SCHEMA,
    header: headerOf(input),
    metrics: metricSheet(metrics),
    assumptions: assumptionsOf(config, fills, metrics, input.exposure?.policy ?? null),
    data_quality: dataQuality(config, bars),
    equity: account.equity,
    ...benchmarkOf(input, account.equity.ts),
    underwater: account.underwater,
    candles,
    no_candles: left_out,
    daily: bucketSeries("session returns", times, returns),
    histogram: returnHistogram(returns, returnBasis, tailOf(metrics)),
    quantiles: quantilePlot(returns, returnBasis),
    rolling: { basis: returnBasis, ...rollingWindows(returns, times, config.periods_per_year) },
    exposure: account.exposure,
    contribution: {
      basis: basisOf(
        "trades",
        trades.map((trade) => trade.entry_ts),
        trades.length,
        1,
      ),
      by_symbol: bySymbol(
        config.data.map((d) => d.symbol),
        pnl,
        trades,
        scale,
      ),
      by_hour: byHour(trades, scale),
      by_weekday: byWeekday(trades, scale),
    },
    costs: {
      basis: basisOf(
        "fills",
        fills.map((fill) => fill.ts),
        fills.length,
        1,
      ),
      steps: costSteps(metrics, scale),
    },
    trades: trades.map(sheetTrade),
    ...(input.exposure === undefined ? {} : { risk_policy: input.exposure }),
  };
}

function benchmarkOf({ config, benchmark }: ReportInput, points: readonly number[]): Pick<TearSheet, "benchmark"> {
  if (config.benchmark === undefined || benchmark === undefined) return {};
  const values = heldThrough(benchmark, points, Number(config.account.cash)).map((value) => (value === null ? null : drawn(value)));
  return { benchmark: { name: config.benchmark.symbol, values } };
}

function headerOf({ manifest, manifest_sha256, config, metrics, bars, captures }: ReportInput): SheetHeader {
  const { run_id, status, research, strategy, engine, tape, artifacts, error } = manifest;
  const captured = new Map(captures.map((capture) => [capture.symbol, capture]));
  return {
    run_id,
    mode: "backtest",
    status,
    research,
    strategy: { name: strategy.name, version: strategy.version, source_sha256: strategy.source_sha256 },
    params: Object.entries(config.strategy.params).map(([name, value]) => ({ name, value: JSON.stringify(value) })),
    engine: { version: engine.version, build: engine.build },
    manifest_sha256,
    tape: { position: tape.head_position, head_hash: tape.head_hash, content_hash: tape.content_hash },
    bars: config.data.map(({ symbol, first_row, row_count, column_set }) => {
      const ts = row_count === 0 ? undefined : bars.get(symbol)?.ts;
      const capture = captured.get(symbol);
      return {
        symbol,
        rows: row_count,
        first_ts: ts?.[first_row] ?? null,
        last_ts: ts?.[first_row + row_count - 1] ?? null,
        column_set,
        capture_id: capture?.capture_id ?? null,
        synthetic: capture?.synthetic ?? false,
      };
    }),
    currency: config.account.currency,
    initial_cash: config.account.cash,
    periods_per_year: config.periods_per_year,
    convention: metrics.convention,
    artifacts: Object.entries(artifacts).map(([name, sha256]) => ({ name, sha256 })),
    error: error === undefined ? null : errorText(error),
  };
}

function errorText(error: NonNullable<ReportInput["manifest"]["error"]>): string {
  const { code, message } = error;
  return [code, message].filter((part) => typeof part === "string").join(": ");
}

function tailOf({ metrics }: RunMetrics): Histogram["tail"] {
  const [var_95, es_95] = [metrics["tail.var_95"]?.value, metrics["tail.es_95"]?.value];
  return typeof var_95 === "number" && typeof es_95 === "number" ? { var_95, es_95 } : null;
}

function sheetTrade(trade: TradeRow): SheetTrade {
  const opened = Number(trade.entry_notional);
  const share = (amount: string): number | null => (trade.status === "open" || opened === 0 ? null : drawn(Number(amount) / opened));
  return {
    trade: trade.trade,
    symbol: trade.symbol,
    side: trade.side === "short" ? "short" : "long",
    status: trade.status === "open" ? "open" : "closed",
    entry_ts: trade.entry_ts,
    exit_ts: trade.exit_ts,
    qty: trade.qty,
    entry_price: trade.entry_price,
    exit_price: trade.exit_price,
    gross_pnl: trade.gross_pnl,
    commission: trade.commission,
    net_pnl: trade.net_pnl,
    return_fraction: trade.return_fraction,
    r_multiple: trade.r_multiple,
    bars_held: trade.bars_held,
    mae: share(trade.worst_pnl),
    mfe: share(trade.best_pnl),
  };
}
