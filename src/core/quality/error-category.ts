/** What kind of refusal an error is, whatever surface tells it. */
export type ErrorCategory = "VALIDATION" | "SEMANTIC" | "CONFLICT" | "NOT_FOUND" | "GATE" | "IO";
