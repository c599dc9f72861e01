import { policyText } from "../gate/gate.js";
import { policyFingerprint } from "../gate/policy-fingerprint.js";
import type { Sha256Fn } from "../tape/hash.js";
import type { RunConfig } from "./run-config.js";

/** The fingerprint that every decision of a run carries: its policy's, or that of the checks that are never switched off. */
export function policyInForce(config: RunConfig, hash: Sha256Fn): string {
  const { risk: policy } = config;
  return policy === undefined ? hash(policyText({ forbid_flips: config.forbid_flips === true })) : policyFingerprint(policy, hash);
}
