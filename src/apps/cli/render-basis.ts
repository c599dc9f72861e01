import type { RiskBasis, ScenarioSet } from "../../core/risk/report/book-risk.js";

/** What every figure rests on, for a terminal. */
export function basisPairs(basis: RiskBasis, set: ScenarioSet): readonly (readonly [string, string])[] {
  const dropped = set.dropped.length === 0 ? "" : `, ${set.dropped.length} dropped`;
  const carried = set.carried === 0 ? "" : `, ${set.carried} levels carried forward`;
  const overlapping = set.overlapping ? ", overlapping" : "";
  return [
    ["as of", basis.as_of],
    ["scenarios", `${set.count} of ${set.horizon_days}d from ${set.from} to ${set.to}${overlapping}${carried}${dropped}`],
    ["scenario set", set.id],
    ["snapshot", basis.snapshot],
    ["fx set", basis.fx_set],
    ["positions", basis.positions],
  ];
}
