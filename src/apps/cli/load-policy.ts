import { type LoadedPolicies, loadPolicies } from "../../adapters/config/load-policies.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { RiskPolicy } from "../../core/gate/policy.js";
import { policyFingerprint } from "../../core/gate/policy-fingerprint.js";
import { type Failure, failure } from "./failure.js";

/** Policies as a command was given them, or why they are none. */
export type AskedPolicies =
  | (Extract<LoadedPolicies, { kind: "loaded" }> & { readonly policy_sha256: string })
  | { readonly kind: "failed"; readonly failure: Failure };

/** Reads the presets and files of a command line. */
export async function loadAsked(names: readonly string[]): Promise<AskedPolicies> {
  const loaded = await loadPolicies(names, process.cwd());
  if (loaded.kind === "invalid") {
    const unknown = loaded.violations.every(({ code }) => code === "UNKNOWN_POLICY" || code === "FILE_NOT_FOUND");
    const next = unknown ? "onetape policy show --help" : "onetape config schema policy";
    return { kind: "failed", failure: failure("CONFIG_INVALID", loaded.violations, next) };
  }
  return { ...loaded, policy_sha256: fingerprint(loaded.policy) };
}

/** What decisions under a policy name. */
export function fingerprint(policy: RiskPolicy): string {
  return policyFingerprint(policy, sha256);
}
