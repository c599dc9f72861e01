/** Spread of what trades brought, and how orders were refused. */
import { type Expression, fold } from "./expression.js";
import type { Fold } from "./folds.js";
import type { MetricInput } from "./metric.js";
import type { MetricTableDefinition, TableCell, TableDerivation } from "./metric-table.js";
import type { Observations } from "./observations.js";
import { tableOf } from "./table-builder.js";
import { numberOfEachTrade } from "./trade-metrics.js";

const quantities: readonly (readonly [title: string, of: string, value: (input: MetricInput) => Observations])[] = [
  ["Bars held", "bars", (i) => numberOfEachTrade(i, "bars held", (t) => t.bars_held)],
  ["Time held", "ms", (i) => numberOfEachTrade(i, "holding time", (t) => t.held_ms)],
  ["Return", "fraction", (i) => numberOfEachTrade(i, "trade's return", (t) => share(t.net, t.entry_notional))],
  ["Worst excursion", "fraction", (i) => numberOfEachTrade(i, "worst excursion", (t) => share(0n - t.worst, t.entry_notional))],
  ["Best excursion", "fraction", (i) => numberOfEachTrade(i, "best excursion", (t) => share(t.best, t.entry_notional))],
  ["Given back", "fraction", (i) => numberOfEachTrade(i, "given back", (t) => share(t.best - t.gross, t.entry_notional))],
];

function share(amount: bigint, of: bigint): number {
  return of === 0n ? 0 : Number(amount) / Number(of);
}

function spread(input: MetricInput): TableDerivation {
  const n = input.run.trades.length;
  if (n === 0) return { state: "undefined", reason: "NO_TRADES", n };
  const folds: readonly (readonly [string, Fold])[] = [
    ["mean", { how: "mean" }],
    ["least", { how: "smallest" }],
    ["q1", { how: "quantile", p: 0.25 }],
    ["median", { how: "median" }],
    ["q3", { how: "quantile", p: 0.75 }],
    ["most", { how: "largest" }],
  ];
  const rows = quantities.map(([quantity, unit, value]) => {
    const of = value(input);
    const cells = folds.map(([name, how]): [string, Expression] => [name, fold(`${name} of ${of.of}`, how, of)]);
    return { quantity, unit, ...Object.fromEntries(cells) };
  });
  return { state: "ok", rows, n };
}

function refusals({ run }: MetricInput): TableDerivation {
  const groups = new Map<string, number[]>();
  for (const [i, { end, code }] of run.ended_orders.entries()) {
    const key = `${end} ${code}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  const keys = [...groups.keys()].sort();
  const rows = keys.map((key): { readonly [column: string]: TableCell } => {
    const orders = (groups.get(key) ?? []).flatMap((i) => run.ended_orders[i] ?? []);
    const of: Observations = {
      of: "order",
      values: orders.map(() => 1),
      source: (i) => ({ label: orders[i]?.order_id ?? "", events: orders[i]?.events ?? [] }),
    };
    return { end: orders[0]?.end ?? null, code: orders[0]?.code ?? null, orders: fold("orders", { how: "count" }, of) };
  });
  return { state: "ok", rows };
}

export const tradeTables: readonly MetricTableDefinition[] = [
  tableOf(
    ["tr.spread", "Spread of the trades"],
    "Mean, least, quartiles (type 7), median and most over the finished trades. Return and excursions are shares of the value of what opened, 0 where that is 0; worst excursion and what was given back are positive.",
    [
      { name: "quantity", title: "Of each trade", unit: "text" },
      { name: "unit", title: "Unit", unit: "text" },
      { name: "mean", title: "Mean", unit: "ratio" },
      { name: "least", title: "Least", unit: "ratio" },
      { name: "q1", title: "25 %", unit: "ratio" },
      { name: "median", title: "Median", unit: "ratio" },
      { name: "q3", title: "75 %", unit: "ratio" },
      { name: "most", title: "Most", unit: "ratio" },
    ],
    spread,
    { notes: ["freqtrade prints least, mean and most of the holding time."], reasons: ["NO_TRADES"] },
  ),
  tableOf(
    ["ex.ends", "Orders that were not filled whole"],
    "Orders by how they ended and why: denied by our gate, rejected by the venue, cancelled or expired.",
    [
      { name: "end", title: "Ended", unit: "text" },
      { name: "code", title: "Code or reason", unit: "text" },
      { name: "orders", title: "Orders", unit: "count" },
    ],
    refusals,
  ),
];
