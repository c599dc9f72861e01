/** One measured fact about data, the same for every check: quality gates, reports and readiness read nothing else. */
export interface QualityResult {
  /** Name of the check, for example `m1_completeness`. */
  readonly check: string;
  readonly category: QualityCategory;
  readonly status: QualityStatus;
  /** How bad a status other than PASS is; INFO on PASS. */
  readonly severity: QualitySeverity;
  /** What was measured, or null where it could not be. */
  readonly measured: number | null;
  /** What `measured` is compared with, or null where nothing is asked. */
  readonly threshold: number | null;
  /** What was checked: a symbol, a capture, a session. */
  readonly subject: string;
  readonly message: string;
}

/** `INTEGRITY`: the data contradict themselves. `COMPLETENESS`: something is missing. `TIMELINESS`: it came late. `BUSINESS_RULE`: a rule of the subject is broken. */
export type QualityCategory = "INTEGRITY" | "COMPLETENESS" | "TIMELINESS" | "BUSINESS_RULE";
export type QualityStatus = "PASS" | "WARN" | "FAIL";
export type QualitySeverity = "DEBUG" | "INFO" | "WARN" | "ERROR" | "CRITICAL";
