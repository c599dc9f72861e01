/** What the result rests on, in words that a reader can check against the configuration. */
import type { FeeModel, RunConfig, SizingConfig, SlippageModel } from "../engine/run-config.js";
import type { RunMetrics } from "../metrics/run-metrics.js";
import type { FillRow } from "../projections/fills-table.js";
import { enforcementWords, type RiskExposure } from "../projections/risk-exposure.js";
import type { Statement } from "./tear-sheet.js";

const FILL_TIMING: Readonly<Record<string, string>> = {
  next_open: "market orders fill at the next bar's open",
  signal_close: "market orders fill at the close of the bar they were decided on",
};
const LIMIT_FILL: Readonly<Record<string, string>> = {
  cross: "a limit fills when the price trades through it",
  touch: "a limit fills when the price touches it",
};
const CASH_SHORT: Readonly<Record<string, string>> = {
  reject: "an order that the account cannot carry is cancelled",
  reduce: "an order that the account cannot carry is cut to what it can",
};
const PRICE_MODE: Readonly<Record<string, string>> = {
  raw: "prices as traded",
  adjusted: "prices carry split and dividend factors",
};
const INTRABAR: Readonly<Record<string, string>> = {
  stop_first: "of two exits that one bar reaches, the stop comes first",
  target_first: "of two exits that one bar reaches, the target comes first",
  nearer_extreme: "of two exits that one bar reaches, the one at the extreme nearer to the open comes first",
};
/** Keys of `execution` with a line of their own; every other key is shown as it stands. */
const TOLD: ReadonlySet<string> = new Set([
  "fill_timing",
  "limit_fill",
  "intrabar",
  "cash_short",
  "slippage",
  "fees",
  "sell_tax_bps",
  "participation",
  "latency_bars",
]);

function line(id: string, name: string, value: string, mark: Statement["mark"] = null): Statement {
  return { id, name, value, mark };
}

/** @param policy the run's own; null where it has none. */
export function assumptionsOf(
  config: RunConfig,
  fills: readonly FillRow[],
  metrics: RunMetrics,
  policy: RiskExposure["policy"] | null,
): readonly Statement[] {
  const { execution, account } = config;
  const further = Object.entries(execution).filter(([key]) => !TOLD.has(key));
  const { participation, latency_bars, sell_tax_bps } = execution;
  return [
    line("fill_timing", "Fill timing", told(execution.fill_timing, FILL_TIMING)),
    line("limit_fill", "Limit rule", told(execution.limit_fill, LIMIT_FILL)),
    line("intrabar", "Inside a bar", `${told(execution.intrabar, INTRABAR)}; ${insideBars(fills, metrics, account.currency)}`),
    line("slippage", "Slippage", slippage(execution.slippage)),
    line("fees", "Fees", fees(execution.fees, account.currency)),
    line("sell_tax", "Tax on sales", sell_tax_bps === "0" ? "none" : `${sell_tax_bps} bps of the value sold`),
    line("participation", "Share of volume", participation === null ? "not limited" : `at most ${participation} of a bar's volume`),
    line("latency", "Latency", latency_bars === 0 ? "none" : `${latency_bars} bars before an order, cancel or change reaches the venue`),
    ...further.map(([key, value]) => line(`execution.${key}`, words(key), typeof value === "string" ? value : JSON.stringify(value))),
    line("cash_short", "Means", told(execution.cash_short, CASH_SHORT)),
    line("sizing", "Sizing", sizing(config.sizing)),
    ...(policy === null
      ? []
      : [line("risk_policy", "Risk policy", `${policy.name}, ${enforcementWords(policy.enforcement)}; fingerprint ${policy.sha256}`)]),
    line(
      "on_end",
      "End of data",
      config.on_end === "flatten" ? "positions are closed at the last close" : "positions stay open and are marked",
    ),
    line("prices", "Prices", prices(config)),
    line("timeframe", "Bars", `${config.timeframe}, closed bars only`),
    line("calendar", "Calendar", distinct(config.instruments.map((i) => i.calendar))),
    line("capital", "Capital", `${account.cash} ${account.currency}`),
    line("annual", "Annualisation", `${config.periods_per_year} sessions a year; simple returns of session marks; risk-free rate 0`),
    line("benchmark", "Benchmark", benchmark(config)),
    line("trials", "Trials", trials(config)),
    line("out_of_sample", "Out of sample", split(config)),
    line("zone", "Times", "UTC"),
    ...(config.research ? [line("research", "Research", "not on one-minute bars: cannot be promoted to paper or live", "warning")] : []),
    ...config.instruments
      .filter((i) => i.guessed.length > 0)
      .map((i) => line(`guessed.${i.symbol}`, `Guessed for ${i.symbol}`, guessed(i), "guess")),
  ];
}

/** How much of the result hangs on what a bar does not tell, as the metrics have it. */
function insideBars(fills: readonly FillRow[], { metrics }: RunMetrics, currency: string): string {
  const inside = fills.filter((fill) => fill.bar_part === "intrabar").length;
  const of = (id: string): string => String(metrics[id]?.value ?? "an unknown number");
  const range =
    of("ex.ambiguous") === "0"
      ? ""
      : `, net profit from ${of("ex.ambiguous_low")} to ${of("ex.ambiguous_high")} ${currency} with every doubt against and for it`;
  return `${of("ex.ambiguous")} of ${of("tr.count")} trades depend on the path inside a bar${range}; ${inside} of ${fills.length} fills took a price there`;
}

function slippage(model: SlippageModel): string {
  const against = "against the order, on fills that take their price";
  switch (model.model) {
    case "bps":
      return model.bps === "0" ? "none" : `${model.bps} bps ${against}`;
    case "ticks":
      return `${model.ticks} ticks ${against}`;
    case "volume_share":
      return `${model.impact} x (quantity / bar volume)^2 of the price ${against}`;
    case "sqrt_impact":
      return `${model.bps} bps x sqrt(quantity / bar volume) ${against}`;
    default:
      return JSON.stringify(model);
  }
}

function told(key: string, meanings: Readonly<Record<string, string>>): string {
  const meaning = meanings[key];
  return meaning === undefined ? key : `${key}: ${meaning}`;
}

/** `intrabar_rule` to `Intrabar rule`. */
function words(key: string): string {
  const text = key.replaceAll("_", " ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function fees(model: FeeModel, currency: string): string {
  switch (model.model) {
    case "none":
      return "none";
    case "bps":
      return `${model.bps} bps of traded value`;
    case "maker_taker":
      return `${model.maker_bps} bps of traded value for orders that rest at their price, ${model.taker_bps} bps for those that take one`;
    case "per_share":
      return `${model.amount} ${currency} a unit, at least ${model.minimum} ${currency}${model.cap_fraction === null ? "" : `, at most ${model.cap_fraction} of traded value`}`;
    case "fixed":
      return `${model.amount} ${currency} a fill`;
    default:
      return JSON.stringify(model);
  }
}

function sizing(config: SizingConfig): string {
  const extra = [
    config.cash_buffer_pct === "0" ? "" : `targets leave ${config.cash_buffer_pct} % in cash`,
    config.drift_band_pct === "0" ? "" : `targets are traded beyond ${config.drift_band_pct} % of equity`,
  ].filter((part) => part !== "");
  return [sizingMode(config), ...extra].join("; ");
}

function sizingMode(config: SizingConfig): string {
  const cap = (pct: string | null): string => (pct === null ? "" : `, at most ${pct} % of equity`);
  switch (config.mode) {
    case "fixed":
      return `${config.qty} units an order`;
    case "pct_equity":
      return `${config.pct} % of equity at the reference price, floored to the lot`;
    case "risk_stop":
      return `what loses ${config.risk_pct} % of equity between entry and stop${cap(config.max_position_pct)}`;
    case "atr":
      return `what loses ${config.risk_pct} % of equity over ${config.multiple} average true ranges of ${config.period} bars${cap(config.max_position_pct)}`;
    default:
      return JSON.stringify(config);
  }
}

function prices({ data }: RunConfig): string {
  const modes = distinct(data.map((d) => told(d.price_mode, PRICE_MODE)));
  const sides = data.some((d) => d.bid_column_set !== undefined) ? "; orders fill at bars of bid and ask" : "";
  return `${modes}; ${distinct(data.map((d) => d.basis))}${sides}`;
}

function benchmark({ benchmark: held }: RunConfig): string {
  if (held === undefined) return "none";
  return `${held.symbol}, ${held.timeframe}, ${held.price_mode}, bought at the run's first close and held`;
}

function trials({ trials: stated }: RunConfig): string {
  return stated === undefined ? "none stated: judged as the only one" : `chosen from ${stated.count}`;
}

function split({ out_of_sample_from: from }: RunConfig): string {
  return from === undefined ? "no date stated" : `from ${from} on`;
}

function guessed(instrument: RunConfig["instruments"][number]): string {
  const stated: Readonly<Record<string, unknown>> = { ...instrument };
  return instrument.guessed.map((field) => `${field} ${String(stated[field] ?? "")}`.trim()).join(", ");
}

function distinct(values: readonly string[]): string {
  return [...new Set(values)].join(", ");
}
