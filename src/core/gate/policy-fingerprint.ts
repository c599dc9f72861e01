import { canonicalJson } from "../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../tape/hash.js";
import type { RiskPolicy } from "./policy.js";

/**
 * SHA-256 of a policy's canonical JSON: what every decision under it names.
 * @throws {RangeError} for a policy that is no plain JSON, which a checked one always is.
 */
export function policyFingerprint(policy: RiskPolicy, hash: Sha256Fn): Sha256Hex {
  const canonical = canonicalJson(policy);
  if (!canonical.ok) throw new RangeError(`policy ${policy.name} is no plain JSON: ${canonical.violations[0]?.message ?? ""}`);
  return hash(canonical.text);
}
