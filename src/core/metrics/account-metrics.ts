/** Amounts of the account and counts of what happened. */
import { formatBig } from "../money/decimal.js";
import { type MetricDefinition, type MetricInput, ok } from "./metric.js";
import type { RunMeasures } from "./run-measures.js";

function amount(id: string, name: string, definition: string, of: (run: RunMeasures) => bigint): MetricDefinition {
  return {
    id,
    name,
    unit: "currency",
    calc: { calc_name: `perf.${id}`, calc_version: "v1" },
    definition,
    compute: ({ run }: MetricInput) => ok(formatBig(of(run), run.money_scale)),
  };
}

function count(id: string, name: string, definition: string, of: (run: RunMeasures) => number): MetricDefinition {
  return { id, name, unit: "count", calc: { calc_name: `perf.${id}`, calc_version: "v1" }, definition, compute: ({ run }) => ok(of(run)) };
}

export const accountMetrics: readonly MetricDefinition[] = [
  amount("initial_cash", "Initial cash", "Cash before the first event.", (r) => r.initial_cash),
  amount("final_cash", "Final cash", "Cash after the last event.", (r) => r.final_cash),
  amount("final_equity", "Final equity", "Cash plus the value of open positions at their newest closes.", (r) => r.final_equity),
  amount("ret.net_pnl", "Net P&L", "`final_equity` - `initial_cash`: after commission.", (r) => r.final_equity - r.initial_cash),
  amount(
    "ret.gross_pnl",
    "Gross P&L",
    "`ret.net_pnl` + `ex.cost`: before commission.",
    (r) => r.final_equity - r.initial_cash + r.commission,
  ),
  count("bars", "Bars", "Bars delivered, all symbols.", (r) => r.bars),
  count("sessions", "Sessions", "Sessions that closed.", (r) => r.counts.sessions),
  count("signals", "Signals", "Signals that the strategy emitted.", (r) => r.counts.signals),
  count("orders", "Orders", "Orders created.", (r) => r.counts.orders),
  count("fills", "Fills", "Fills, late ones included.", (r) => r.counts.fills),
];
