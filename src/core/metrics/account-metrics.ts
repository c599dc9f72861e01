/** Amounts of the account and counts of what happened. */
import type { RunEventType } from "../engine/run-events.js";
import { START } from "./equity-series.js";
import { apply, type Expression, fold, given, measured } from "./expression.js";
import { type MetricDefinition, type MetricInput, metric, ok } from "./metric.js";
import type { Observations } from "./observations.js";
import type { FillMeasure } from "./run-measures.js";

/** Amounts of the run's fills, one each. */
export function ofFills({ run }: MetricInput, of: string, amount: (fill: FillMeasure) => bigint): Observations {
  return {
    of,
    money: true,
    values: run.fills.map(amount),
    source: (i) => ({ label: `${run.fills[i]?.side} ${run.fills[i]?.symbol}`, events: [run.fills[i]?.position ?? 0] }),
  };
}

/** Counts events that the run's measures have counted already. */
function countOf(value: number, type: RunEventType, { detail }: MetricInput): Expression {
  const listed = detail?.ofType(type) ?? null;
  const of: Observations | null =
    listed === null
      ? null
      : {
          of: type,
          values: listed.map(() => 1),
          source: (i) => ({ label: listed[i]?.label ?? "", events: [listed[i]?.position ?? 0] }),
        };
  return measured(`number of ${type}`, { how: "count" }, value, of);
}

function initialCash({ run }: MetricInput): Expression {
  return given("initial cash", run.initial_cash, [START]);
}

function finalEquity({ run }: MetricInput): Expression {
  return given("final equity", run.final_equity, [run.last_position]);
}

/** Final equity less initial cash. */
export function netPnl(input: MetricInput): Expression {
  return apply("subtract", finalEquity(input), initialCash(input));
}

/** Commission and tax. */
export function costOf(input: MetricInput): Expression {
  return fold(
    "sum of costs",
    { how: "sum" },
    ofFills(input, "cost of a fill", (f) => f.commission + f.tax),
  );
}

function bars(input: MetricInput): Expression {
  const attached = input.detail?.attached ?? null;
  const of: Observations | null =
    attached === null
      ? null
      : {
          of: "bars attached",
          values: attached.map((a) => a.rows),
          source: (i) => ({ label: attached[i]?.label ?? "", events: [attached[i]?.position ?? 0] }),
        };
  return measured("sum of bars attached", { how: "sum" }, input.run.bars, of);
}

export const accountMetrics: readonly MetricDefinition[] = [
  metric(["initial_cash", "Initial cash", "currency"], "Cash before the first event.", (i) => ok(initialCash(i))),
  metric(["final_cash", "Final cash", "currency"], "Cash after the last event.", ({ run }) =>
    ok(given("final cash", run.final_cash, [run.last_position])),
  ),
  metric(["final_equity", "Final equity", "currency"], "Cash plus the value of open positions at their newest closes.", (i) =>
    ok(finalEquity(i)),
  ),
  metric(["ret.net_pnl", "Net P&L", "currency"], "`final_equity` - `initial_cash`: after costs.", (i) => ok(netPnl(i))),
  metric(["ret.gross_pnl", "Gross P&L", "currency"], "`ret.net_pnl` + `ex.cost`: before costs.", (i) =>
    ok(apply("add", { kind: "metric", id: "ret.net_pnl", is: netPnl(i) }, { kind: "metric", id: "ex.cost", is: costOf(i) })),
  ),
  metric(["bars", "Bars", "count"], "Bars delivered, all symbols.", (i) => ok(bars(i))),
  metric(["sessions", "Sessions", "count"], "Sessions that closed.", (i) => ok(countOf(i.run.counts.sessions, "session.closed", i))),
  metric(["signals", "Signals", "count"], "Signals that the strategy emitted.", (i) =>
    ok(countOf(i.run.counts.signals, "signal.emitted", i)),
  ),
  metric(["orders", "Orders", "count"], "Orders created.", (i) => ok(countOf(i.run.counts.orders, "order.created", i))),
  metric(["fills", "Fills", "count"], "Fills, late ones included.", (i) =>
    ok(
      fold(
        "number of fills",
        { how: "count" },
        ofFills(i, "fill", (f) => f.notional),
      ),
    ),
  ),
];
