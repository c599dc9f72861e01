/** A value at risk and what it was computed for. */
export interface VarResult {
  readonly method: "parametric" | "historical";
  readonly confidence: number;
  readonly horizon_days: number;
  readonly currency: string;
  /** Positive is a loss; never below 0. */
  readonly var: number;
  /** Mean loss of the tail, never below 0. The parametric method has none. */
  readonly cvar?: number;
  readonly notes: readonly string[];
}
