declare const approved: unique symbol;

/** An order that passed every check of the risk gate under the policy named by `policy_sha256`. Only the gate makes one. */
export type RiskApproved<T> = T & { readonly [approved]: true; readonly policy_sha256: string };
