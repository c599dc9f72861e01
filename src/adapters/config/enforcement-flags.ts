/** The variables that switch the stages of a policy. */
import type { Enforcement, RiskPolicy } from "../../core/gate/policy.js";
import type { Violation } from "../../core/quality/violation.js";

type Stage = keyof RiskPolicy["enforcement"];

const VARIABLES: readonly (readonly [Stage, string])[] = [
  ["contracts", "ENABLE_CONTRACTS"],
  ["sla", "ENABLE_SLA_CHECKS"],
  ["guards", "ENABLE_RISK_GUARDS"],
];
const ON: readonly string[] = ["on", "true", "1"];
const OFF: readonly string[] = ["off", "false", "0"];

/** A stage that the environment decides. */
export interface EnforcementFlag {
  readonly stage: Stage;
  readonly variable: string;
  readonly value: Enforcement;
}

export type EnforcementFlags =
  | { readonly kind: "read"; readonly flags: readonly EnforcementFlag[] }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** `on` (also `true`, `1`) enforces, `off` (`false`, `0`) observes, empty or unset says nothing. Everything else is refused: a guess could switch a guard off. */
export function enforcementFlags(environment: { readonly [name: string]: string | undefined }): EnforcementFlags {
  const flags: EnforcementFlag[] = [];
  const violations: Violation[] = [];
  for (const [stage, variable] of VARIABLES) {
    const value = environment[variable] ?? "";
    const asked = readSwitch(value);
    if (asked === "on") flags.push({ stage, variable, value: "enforce" });
    else if (asked === "off") flags.push({ stage, variable, value: "observe" });
    else if (asked === "invalid") {
      const message = `${JSON.stringify(value)} says neither on nor off`;
      violations.push({ code: "CONFIG_VALUE", message, field: variable, value, expected: "on or off (also true, false, 1, 0), or unset" });
    }
  }
  return violations.length > 0 ? { kind: "invalid", violations } : { kind: "read", flags };
}

/** What a variable that switches something says; null where it says nothing. */
export function readSwitch(value: string | undefined = ""): "on" | "off" | "invalid" | null {
  if (value === "") return null;
  return ON.includes(value) ? "on" : OFF.includes(value) ? "off" : "invalid";
}

/** The policy with the stages that flags decide; what they do not name stays as the policy says. */
export function withFlags(policy: RiskPolicy, flags: readonly EnforcementFlag[]): RiskPolicy {
  const decided = Object.fromEntries(flags.map(({ stage, value }) => [stage, value]));
  return { ...policy, enforcement: { ...policy.enforcement, ...decided } };
}
