/** A run's marks before and from the first session date that its strategy was not fitted on. */
import { apply, fold } from "./expression.js";
import { type Derivation, type MetricDefinition, type MetricInput, metric, undefinedBecause } from "./metric.js";
import type { MetricTableDefinition, TableCell, TableDerivation } from "./metric-table.js";
import { chosen, type Observations } from "./observations.js";
import { sampleOf } from "./ratio-metrics.js";
import { returnReasons, yearly } from "./return-metrics.js";
import { varies } from "./risk-metrics.js";
import { sharpeError } from "./sharpe-probability.js";
import { partCells, partColumns } from "./sub-period.js";
import { tableOf } from "./table-builder.js";
import { ofEachTrade } from "./trade-metrics.js";
import type { UndefinedReason } from "./undefined-reasons.js";

type Part = "in_sample" | "out_of_sample";

/** Marks `[first, end)`. */
interface Marks {
  readonly first: number;
  readonly end: number;
}

function marksOf({ run: { marks, out_of_sample_from: from } }: MetricInput, part: Part): Marks | null {
  if (from === undefined) return null;
  const split = marks.findIndex(({ session }) => session >= from);
  const border = split < 0 ? marks.length : split;
  return part === "in_sample" ? { first: 0, end: border } : { first: border, end: marks.length };
}

function returnsOf({ series }: MetricInput, { first, end }: Marks): Observations {
  return chosen(
    series.returns,
    Array.from({ length: end - first }, (_, i) => first + i),
  );
}

/** Finished trades by the part that their last fill fell into. */
function tradesOf(input: MetricInput, { first, end }: Marks): Observations {
  const { marks, trades } = input.run;
  const after = marks[first - 1]?.position ?? 0;
  const upTo = end === marks.length ? Number.POSITIVE_INFINITY : (marks[end - 1]?.position ?? 0);
  const own = trades.flatMap(({ fills }, i) => {
    const closed = fills.at(-1) ?? 0;
    return closed > after && closed <= upTo ? [i] : [];
  });
  return chosen(
    ofEachTrade(input, "trade's profit", (t) => t.net),
    own,
  );
}

function sharpeOf(part: Part): (input: MetricInput) => Derivation {
  return (input) => {
    const marks = marksOf(input, part);
    if (marks === null) return undefinedBecause("NO_SPLIT");
    if (!input.series.positive) return undefinedBecause("EQUITY_NOT_POSITIVE");
    const n = marks.end - marks.first;
    if (n < 2) return undefinedBecause("TOO_FEW_RETURNS", n);
    const returns = returnsOf(input, marks);
    if (!varies(returns)) return undefinedBecause("ZERO_VOLATILITY", n);
    const sample = sampleOf(returns);
    const scaled = (is: Parameters<typeof apply>[1]) => apply("multiply", is, yearly(input));
    return { state: "ok", is: scaled(sample.ratio), n, standard_error: scaled(sharpeError(sample)) };
  };
}

const reasons: readonly UndefinedReason[] = ["NO_SPLIT", ...returnReasons];

export const splitMetrics: readonly MetricDefinition[] = [
  metric(
    ["hy.is_sharpe", "Sharpe ratio in sample", "ratio"],
    "`sharpe` of the session marks before `out_of_sample_from`.",
    sharpeOf("in_sample"),
    { notes: ["A sweep that is ranked by it leaves the rest of the data unseen."], reasons: [...reasons, "ZERO_VOLATILITY"] },
  ),
  metric(
    ["hy.oos_sharpe", "Sharpe ratio out of sample", "ratio"],
    "`sharpe` of the session marks from `out_of_sample_from` on.",
    sharpeOf("out_of_sample"),
    { reasons: [...reasons, "ZERO_VOLATILITY"] },
  ),
];

function parts(input: MetricInput): TableDerivation {
  const { run, series } = input;
  const n = run.marks.length;
  if (run.out_of_sample_from === undefined) return { state: "undefined", reason: "NO_SPLIT" };
  if (!series.positive) return { state: "undefined", reason: "EQUITY_NOT_POSITIVE" };
  if (n < 1) return { state: "undefined", reason: "TOO_FEW_RETURNS", n };
  const row = (part: Part): { readonly [column: string]: TableCell } => {
    const marks = marksOf(input, part) ?? { first: 0, end: 0 };
    const trades = tradesOf(input, marks);
    const counted = {
      trades: fold("finished trades", { how: "count" }, trades),
      net: fold("profit of its trades", { how: "sum" }, trades),
    };
    // A run that stopped early may not have come to its second part.
    if (marks.end === marks.first) return { part: words[part], sessions: fold("session marks", { how: "count" }, returnsOf(input, marks)) };
    return { part: words[part], ...partCells(input, marks.first, marks.end), ...counted };
  };
  return { state: "ok", n, rows: [row("in_sample"), row("out_of_sample")] };
}

const words: Readonly<Record<Part, string>> = { in_sample: "in sample", out_of_sample: "out of sample" };

export const splitTables: readonly MetricTableDefinition[] = [
  tableOf(
    ["hy.oos", "In and out of sample"],
    "The session marks before `out_of_sample_from` and those from that date on, as defined for the whole. A part's peak starts at the mark before it; a trade belongs to the part in which it was closed.",
    [...partColumns, { name: "trades", title: "Trades", unit: "count" }, { name: "net", title: "Net profit of trades", unit: "currency" }],
    parts,
    { notes: ["What was looked at before the split was chosen is known to nobody but the author."], reasons },
  ),
];
