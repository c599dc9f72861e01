/** The measures of risk as entries of the registry: the versions of one name are one calculation. */
import { type MountedCalculation, type Mounting, mounted } from "../calc/mounted-calculation.js";
import type { AnyMeasure } from "./measure.js";
import { riskMeasures } from "./measure-registry.js";
import { riskChecks } from "./risk-checks.js";

/**
 * The version of those with several that is used where none is named: chosen by [ADR-020](../../../docs/adr/020-risk-measures-v2.md),
 * never the newest because it is the newest.
 */
const CURRENT: { readonly [calc: string]: string } = {
  "risk.es_historical": "v2",
  "risk.var_historical": "v2",
  "risk.var_parametric": "v2",
};

function declared(versions: readonly AnyMeasure[]): Mounting[] {
  const [first] = versions;
  if (first === undefined) return [];
  const chosen = CURRENT[first.calc_name];
  const shown = versions.find(({ calc_version }) => calc_version === chosen) ?? first;
  return [
    {
      calc_name: first.calc_name,
      domain: "risk",
      description: shown.title,
      table: `risk_${first.calc_name.slice("risk.".length).replaceAll(".", "_")}`,
      business_keys: ["session_id", "figure"],
      implementations: Object.fromEntries(versions.map(({ calc_version, compute }) => [calc_version, compute])),
      ...(chosen === undefined ? {} : { current: chosen }),
      checks: riskChecks(first.calc_name),
      runs_in: "onetape risk, and the risk measures of the library",
    },
  ];
}

/** Ascending by name. */
export const riskCalculations: readonly MountedCalculation[] = mounted(
  [...new Set(riskMeasures.map(({ calc_name }) => calc_name))].flatMap((name) =>
    declared(riskMeasures.filter(({ calc_name }) => calc_name === name)),
  ),
);
