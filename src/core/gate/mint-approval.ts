import type { RiskApproved } from "./approval.js";

const minted = new WeakSet<object>();

/** Marks an order as approved, as a frozen copy: what was approved is what is sent. Imported by the gate alone; the build fails on any other importer. */
export function mintApproval<T extends object>(order: T, policySha256: string): RiskApproved<T> {
  const stamped: T & { readonly policy_sha256: string } = Object.freeze({ ...order, policy_sha256: policySha256 });
  minted.add(stamped);
  // The brand exists in types only, so this is the one place that may assert it.
  return stamped as RiskApproved<T>;
}

/** True for an object that {@link mintApproval} made in this process: a forged or copied one is not. */
export function isMinted(order: object): boolean {
  return minted.has(order);
}
