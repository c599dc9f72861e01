/** How orders get their size, as entries of the registry. */
import type { CalcRow } from "../calc/canonical-rows.js";
import { each, type FigureCheck, finiteFigures } from "../calc/figures.js";
import { type MountedCalculation, mounted } from "../calc/mounted-calculation.js";
import { sizeEntry } from "./sizing.js";
import { sizeTarget } from "./target-size.js";

/** `size_or_reason`: a positive quantity, or the reason why nothing is traded. */
const sizeOrReason: FigureCheck = each("size_or_reason", "INTEGRITY", "sizes without a quantity and without a reason", (row: CalcRow) =>
  row["kind"] === "qty" ? Number(row["qty"]) > 0 : typeof row["code"] === "string",
);

const MODES = {
  fixed: "A stated quantity",
  pct_equity: "Equity x share / price",
  risk_stop: "Equity x risk / distance to the stop, under the cap",
  atr: "Equity x risk / (average true range x multiple), under the cap",
} as const;

export const sizingCalculations: readonly MountedCalculation[] = mounted([
  ...Object.entries(MODES).map(([mode, description]) => ({
    calc_name: `sizing.${mode}`,
    domain: "sizing",
    description,
    table: "sizing_entries",
    business_keys: ["run_id", "signal_id"],
    implementations: { v1: sizeEntry },
    checks: [finiteFigures, sizeOrReason],
    runs_in: "onetape backtest, onetape paper",
  })),
  {
    calc_name: "sizing.target",
    domain: "sizing",
    description: "From the position that is held to the one that is wanted",
    table: "sizing_targets",
    business_keys: ["run_id", "signal_id"],
    implementations: { v1: sizeTarget },
    checks: [finiteFigures, sizeOrReason],
    runs_in: "onetape backtest, onetape paper",
  },
]);
