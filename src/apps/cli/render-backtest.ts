import { durationText } from "../../adapters/terminal/duration.js";
import type { Style } from "../../adapters/terminal/style.js";
import { renderPairs } from "../../adapters/terminal/table.js";
import { roundHalfEven } from "../../core/metrics/round-half-even.js";
import { metricGroups } from "../../core/metrics/run-metrics.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { BacktestResult } from "../../usecases/run-backtest.js";
import type { JsonDocument } from "./command.js";

type Metric = BacktestResult["metrics"][string];

export type BacktestDocument = JsonDocument & BacktestResult;

/** What `--json` prints: the result's keys at the top level. */
export function backtestDocument(result: BacktestResult): BacktestDocument {
  return { schema: "onetape.backtest/1", ...result };
}

/** Whether this run is the stored one, in words. */
export function identityInWords({ identical, cached, dir }: Pick<BacktestResult, "identical" | "cached" | "dir">): string {
  if (dir === null) return "not stored";
  if (cached) return "looked up, not run again";
  return identical === true ? "identical to the stored run" : "new";
}

/** A run's figures for people. Metrics carry the names and values of the document; nothing is computed here. */
export function renderBacktest(result: BacktestResult, style: Style): string {
  const { run_id, strategy, status, research, elapsed_ms, tape, dir } = result;
  const seconds = elapsed_ms / 1000;
  const pairs: (readonly [string, string])[] = [
    ["run", `${style.bold(run_id)}  ${result.identical === true ? style.good(identityInWords(result)) : identityInWords(result)}`],
    [
      "strategy",
      `${strategy.name} ${strategy.version}${status === "failed" ? `  ${style.bad("FAILED")}` : ""}${research ? "  research: not on one-minute bars, cannot be promoted" : ""}`,
    ],
    ["bars", `${grouped(result.bars)} in ${seconds.toFixed(2)} s`],
    [
      "events",
      `${grouped(result.events)}: ${grouped(result.signals)} signals, ${grouped(result.orders)} orders, ${grouped(result.fills)} fills, ${grouped(result.trades)} trades`,
    ],
  ];
  const rows = metricRows(result.metrics, (id) => headline.has(id));
  const place: (readonly [string, string])[] = [];
  if (tape !== null) place.push(["tape", `${grouped(tape.head_position)} events, head ${tape.head_hash.slice(0, 16)}`]);
  if (dir !== null) place.push(["artifacts", dir]);
  const blocks = [renderPairs(pairs, style), renderPairs(rows, style), renderPairs(place, style)];
  return blocks.filter((block) => block !== "").join("\n");
}

/** What a summary shows; the document and `runs show` have all. */
const headline: ReadonlySet<string> = new Set(
  "ret.net_pnl final_equity ret.total ret.cagr vol.ann sharpe dd.max tr.count tr.win tr.pf ex.cost xp.time".split(" "),
);

/** Named metrics of a run in the order of the reference. */
export function metricRows(metrics: BacktestResult["metrics"], wanted: (id: string) => boolean): readonly (readonly [string, string])[] {
  return metricGroups.flatMap(({ metrics: group }) =>
    group.flatMap(({ id, name }): readonly (readonly [string, string])[] => {
      const metric = metrics[id];
      return metric === undefined || !wanted(id) ? [] : [[name, metricText(id, metric)]];
    }),
  );
}

/** A metric as people read it: its value, its unit, and its uncertainty where it has one. */
export function metricText(id: string, { value, unit, state, reason, n, standard_error }: Metric): string {
  if (state === "undefined" || value === null) return `- (${(reason ?? "undefined").toLowerCase().replaceAll("_", " ")})`;
  const error = standard_error === undefined ? "" : ` +-${twoPlaces(standard_error)}`;
  const size = n === undefined ? "" : ` (n=${grouped(n)}${error})`;
  if (typeof value === "string") return `${grouped(value)}${unit === "count" ? "" : ` ${unit}`}${size}`;
  switch (unit) {
    case "fraction":
    case "probability":
      return `${twoPlaces(value * 100)} %${size}`;
    case "count":
      return `${grouped(value)}${size}`;
    case "utc_ms":
      return new Date(value).toISOString();
    case "ms":
      return `${durationText(value)}${size}`;
    case "per_year":
      return id.startsWith("ex.") ? `${twoPlaces(value)} a year${size}` : `${twoPlaces(value * 100)} % a year${size}`;
    case "ratio":
      return `${twoPlaces(value)}${size}`;
    default:
      return `${Number.isInteger(value) ? grouped(value) : twoPlaces(value)} ${unit}${size}`;
  }
}

/** Half-even, and a small loss is 0.00, not -0.00. */
function twoPlaces(value: number): string {
  return grouped(roundHalfEven(value, 2).toFixed(2));
}
