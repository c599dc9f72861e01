/** Every calculation of the product in one registry: weekly files, runs, tear sheets, sweeps, risk, the gate, sizes, indicators, bars and quality. */
import { CalcRegistry } from "../core/calc/calc-registry.js";
import type { CalcEntry } from "../core/calc/calculation.js";
import { FINRA_CALCULATIONS } from "../core/calc/finra-otc/finra-registry.js";
import type { MountedCalculation } from "../core/calc/mounted-calculation.js";
import { gateCalculations } from "../core/gate/gate-calculations.js";
import { barCalculations } from "../core/market/bar-calculations.js";
import { metricCalculations } from "../core/metrics/metric-calculations.js";
import { sizingCalculations } from "../core/orders/sizing-calculations.js";
import { tableCalculations } from "../core/projections/table-calculations.js";
import { qualityCalculations } from "../core/quality/quality-calculations.js";
import { sheetCalculations } from "../core/report/sheet-calculations.js";
import { pricingCalculations } from "../core/risk/pricing/pricing-calculations.js";
import { riskCalculations } from "../core/risk/risk-calculations.js";
import { indicatorCalculations } from "../core/strategy/indicator-calculations.js";
import { sweepCalculations } from "../core/sweep/sweep-calculations.js";

/** Calculations whose numbers are made where they are asked for. A new group is a file of its own and one line here. */
export const MOUNTED_CALCULATIONS: readonly MountedCalculation[] = [
  ...metricCalculations,
  ...tableCalculations,
  ...sheetCalculations,
  ...sweepCalculations,
  ...riskCalculations,
  ...pricingCalculations,
  ...gateCalculations,
  ...sizingCalculations,
  ...indicatorCalculations,
  ...barCalculations,
  ...qualityCalculations,
];

/**
 * The product's registry, checked as a whole.
 *
 * @param extra calculations beside the product's own.
 * @throws {CalcRegistryRefused} at start-up where a declaration breaks an invariant, or two share a name.
 */
export function calculationCatalogue(extra: readonly CalcEntry[] = []): CalcRegistry {
  return new CalcRegistry<CalcEntry>([...FINRA_CALCULATIONS, ...MOUNTED_CALCULATIONS, ...extra]);
}

/** Whether its numbers are made where they are asked for, and where that is. */
export function isMounted(entry: CalcEntry): entry is MountedCalculation {
  return "runs_in" in entry;
}
