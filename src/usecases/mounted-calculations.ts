/** Calculations of the product that are computed inside a run: they have an identity like all others, and no table of their own. */
import type { CalcIdentity } from "../core/calc/identity.js";
import { ADJUST_BARS } from "../core/market/adjust-bars.js";
import { DERIVE_BARS } from "../core/market/derive-bars.js";
import { GENERATE_BARS } from "../core/market/generate-bars.js";
import { metricCards, tableCards } from "../core/metrics/metric-cards.js";
import { riskMeasures } from "../core/risk/measure-registry.js";

export interface MountedCalculation {
  readonly calc_name: string;
  readonly description: string;
  /** In chronological order. */
  readonly versions: readonly string[];
  readonly current: string;
  readonly business_keys: readonly string[];
  /** Where its numbers come from. */
  readonly runs_in: string;
}

const BARS: readonly (readonly [CalcIdentity, string, string])[] = [
  [ADJUST_BARS, "Bars adjusted for splits and dividends", "onetape data derive --adjust"],
  [DERIVE_BARS, "Longer bars from minute bars, by session", "onetape data derive --timeframe"],
  [GENERATE_BARS, "Synthetic minute bars from a seed", "onetape data generate"],
];

/** Metrics and tables of a run, measures of risk, and bars, ascending by name. */
export function mountedCalculations(): readonly MountedCalculation[] {
  const found: (readonly [
    identity: { readonly calc_name: string; readonly calc_version: string },
    Omit<MountedCalculation, "calc_name" | "versions" | "current">,
  ])[] = [];
  for (const { calc, name } of [...metricCards(), ...tableCards()])
    found.push([calc, { description: name, business_keys: ["run_id"], runs_in: "onetape backtest" }]);
  for (const measure of riskMeasures)
    found.push([measure, { description: "Measure of risk", business_keys: ["run_id"], runs_in: "the risk measures of the library" }]);
  for (const [calc, description, runs_in] of BARS)
    found.push([calc, { description, business_keys: ["symbol", "ts", "timeframe"], runs_in }]);
  const byName = new Map<string, MountedCalculation>();
  for (const [{ calc_name, calc_version }, facts] of found) {
    const versions = [...(byName.get(calc_name)?.versions ?? []), calc_version];
    byName.set(calc_name, { ...facts, calc_name, versions, current: versions.at(-1) ?? calc_version });
  }
  return [...byName.values()].sort((a, b) => (a.calc_name < b.calc_name ? -1 : 1));
}
