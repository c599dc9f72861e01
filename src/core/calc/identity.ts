/** Which calculation a number came from. Every computed number carries one. */

/** A calculation's version: `v1`, `v2`, ... A change of any result for any input is a new version. */
export type CalcVersion = `v${number}`;

/** Name and version of a calculation, for example `perf.sharpe` and `v1`. */
export interface CalcIdentity {
  /** Dotted lower-case words. */
  readonly calc_name: string;
  readonly calc_version: CalcVersion;
}

/** `perf.sharpe@v1`. */
export function calcKey(identity: CalcIdentity): string {
  return `${identity.calc_name}@${identity.calc_version}`;
}
