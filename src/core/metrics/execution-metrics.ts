/** What trading cost, how much was traded, and how orders ended other than filled. */
import { formatBig } from "../money/decimal.js";
import { type MetricDefinition, type MetricInput, type MetricOutcome, type MetricUnit, ok, undefinedBecause } from "./metric.js";
import type { RunMeasures } from "./run-measures.js";
import type { UndefinedReason } from "./undefined-reasons.js";

const PER_UNIT_BPS = 10_000n;

function execution(
  id: string,
  name: string,
  unit: MetricUnit,
  definition: string,
  compute: (input: MetricInput) => MetricOutcome,
  reasons: readonly UndefinedReason[] = [],
): MetricDefinition {
  return { id, name, unit, calc: { calc_name: `perf.${id}`, calc_version: "v1" }, definition, reasons, compute };
}

function ended(id: string, name: string, definition: string, of: (counts: RunMeasures["counts"]) => number): MetricDefinition {
  return execution(id, name, "count", definition, ({ run }) => ok(of(run.counts)));
}

export const executionMetrics: readonly MetricDefinition[] = [
  execution("ex.cost", "Commission", "currency", "Sum of all commissions. Slippage is part of the prices.", ({ run }) =>
    ok(formatBig(run.commission, run.money_scale)),
  ),
  execution("ex.volume", "Traded value", "currency", "Value of all fills, buys and sells.", ({ run }) =>
    ok(formatBig(run.bought + run.sold, run.money_scale)),
  ),
  execution(
    "ex.cost_bps",
    "Commission in basis points",
    "bps",
    "`ex.cost` / `ex.volume` x 10,000.",
    ({ run }) => {
      const volume = run.bought + run.sold;
      return volume === 0n ? undefinedBecause("NO_TURNOVER") : ok(Number(run.commission * PER_UNIT_BPS) / Number(volume));
    },
    ["NO_TURNOVER"],
  ),
  execution(
    "ex.turnover",
    "Turnover",
    "per_year",
    "min(value bought, value sold) / mean equity over the session marks, times P / n.",
    ({ run, series }) => {
      const n = run.marks.length;
      if (series.mean_equity === null) return undefinedBecause("TOO_FEW_RETURNS", 0);
      if (!series.positive) return undefinedBecause("EQUITY_NOT_POSITIVE", n);
      const traded = run.bought < run.sold ? run.bought : run.sold;
      return ok((Number(traded) / series.mean_equity) * (run.periods_per_year / n), n);
    },
    ["TOO_FEW_RETURNS", "EQUITY_NOT_POSITIVE"],
  ),
  ended("ex.rejects", "Refused orders", "`ex.denied` + `ex.rejected`. Codes stand in the `orders` table.", (c) => c.denied + c.rejected),
  ended("ex.denied", "Orders denied", "Orders that our own gate refused.", (c) => c.denied),
  ended("ex.rejected", "Orders rejected", "Orders that the venue refused.", (c) => c.rejected),
  ended("ex.cancelled", "Orders cancelled", "Orders that ended cancelled.", (c) => c.cancelled),
  ended("ex.expired", "Orders expired", "Orders that ended expired.", (c) => c.expired),
  ended("ex.part_filled", "Orders partly filled", "Orders that ended cancelled or expired with a part filled.", (c) => c.part_filled),
];
