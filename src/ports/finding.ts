/** One thing that a doctor looked at. */
export interface Finding {
  readonly check: string;
  /** `warning`: it works, and is not as it should be. */
  readonly status: "ok" | "warning" | "failed";
  readonly found: string;
  /** What to do next; empty where all is well. */
  readonly next: string;
}
