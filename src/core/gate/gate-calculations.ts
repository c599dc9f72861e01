/** What the gate measures of every order and of the account, as entries of the registry. */
import type { CalcRow } from "../calc/canonical-rows.js";
import { each, type FigureCheck, finiteFigures } from "../calc/figures.js";
import { type MountedCalculation, type MountedImplementation, mounted } from "../calc/mounted-calculation.js";
import { describeChecks } from "./describe-checks.js";
import { PolicyGate } from "./policy-gate.js";
import { presetNamed } from "./policy-presets.js";

/** `verdict_told`: what failed says by how much and what would have passed. */
const verdictTold: FigureCheck = each("verdict_told", "INTEGRITY", "failures without an explanation", (row: CalcRow) =>
  row["verdict"] === "failed" || row["verdict"] === "observed" ? row["detail"] !== null : true,
);

/** The gate measures all of a policy's rules at once. */
const gate: MountedImplementation = (...[parts]: ConstructorParameters<typeof PolicyGate>) => new PolicyGate(parts);

function checks(): ReturnType<typeof describeChecks> {
  const preset = presetNamed("axiom");
  if (preset === null) throw new Error("the preset axiom is part of the product");
  return describeChecks(preset);
}

/** One per check, in the order of decision. */
export const gateCalculations: readonly MountedCalculation[] = mounted(
  checks().map(({ code, means }) => ({
    calc_name: `gate.${code.toLowerCase()}`,
    domain: "gate",
    description: means.replace(/\.$/, ""),
    table: "gate_readings",
    business_keys: ["run_id", "order_id", "code", "what"],
    implementations: { v1: gate },
    checks: [finiteFigures, verdictTold],
    runs_in: "the risk gate; onetape explain ORDER, onetape risk exposure",
  })),
);
