/** The tables that a run leaves behind, as entries of the registry. */
import { finiteFigures, oneRowPer } from "../calc/figures.js";
import { type MountedCalculation, mounted } from "../calc/mounted-calculation.js";
import { artifactTables, curveTable } from "./artifact-tables.js";
import { RunProjection } from "./run-projection.js";

/** The one fold that makes all of them. */
function runProjection(...parts: ConstructorParameters<typeof RunProjection>): RunProjection {
  return new RunProjection(...parts);
}

export const tableCalculations: readonly MountedCalculation[] = mounted(
  [...artifactTables, curveTable].map(({ name, grain, sort_key }) => ({
    calc_name: `run.${name}`,
    domain: "run",
    description: `Table ${name}: ${grain}`,
    table: `run_${name}`,
    business_keys: ["run_id", ...sort_key],
    implementations: { v1: runProjection },
    checks: [finiteFigures, oneRowPer(sort_key)],
    runs_in: "onetape backtest, onetape paper",
  })),
);
