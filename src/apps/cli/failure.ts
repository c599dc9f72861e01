import type { ErrorCategory } from "../../core/quality/error-category.js";
import type { Violation } from "../../core/quality/violation.js";

/** Exit codes of every command. */
export const EXIT = { ok: 0, failure: 1, partial: 2, invalid: 3, refused: 4, mismatch: 5, interrupted: 130, terminated: 143 } as const;

interface FailureKind {
  readonly category: ErrorCategory;
  readonly exit: number;
  /** Fixed per code: what differs stands in the details. */
  readonly message: string;
}

export type FailureCode =
  | "USAGE"
  | "CONFIG_INVALID"
  | "SETTINGS_INVALID"
  | "DATA_INVALID"
  | "RUN_INVALID"
  | "HALTED"
  | "QUALITY_REFUSED"
  | "FOLDER_NOT_EMPTY"
  | "NEEDS_CONFIRMATION"
  | "NOT_FOUND"
  | "PARTIAL"
  | "NOTHING_DONE"
  | "TIME_BUDGET"
  | "STRATEGY_FAILED"
  | "MISMATCH"
  | "DIVERGED"
  | "LOOKAHEAD"
  | "VERIFICATION_FAILED"
  | "RESET_REFUSED"
  | "COMMAND_REFUSED"
  | "STORE_UNAVAILABLE"
  | "CHECKS_FAILED"
  | "IO"
  | "UNEXPECTED";

const kinds: Readonly<Record<FailureCode, FailureKind>> = {
  USAGE: { category: "VALIDATION", exit: EXIT.invalid, message: "The command line is not valid." },
  CONFIG_INVALID: { category: "VALIDATION", exit: EXIT.invalid, message: "The configuration is not valid." },
  SETTINGS_INVALID: { category: "VALIDATION", exit: EXIT.invalid, message: "The settings are not valid." },
  DATA_INVALID: { category: "VALIDATION", exit: EXIT.invalid, message: "The data are not valid." },
  RUN_INVALID: { category: "VALIDATION", exit: EXIT.invalid, message: "The run cannot start." },
  HALTED: { category: "GATE", exit: EXIT.refused, message: "The kill switch is tripped." },
  QUALITY_REFUSED: { category: "GATE", exit: EXIT.refused, message: "The data are not good enough." },
  FOLDER_NOT_EMPTY: { category: "CONFLICT", exit: EXIT.invalid, message: "The folder is not empty." },
  NEEDS_CONFIRMATION: { category: "VALIDATION", exit: EXIT.invalid, message: "This needs a confirmation." },
  NOT_FOUND: { category: "NOT_FOUND", exit: EXIT.invalid, message: "There is no such thing in this workspace." },
  PARTIAL: { category: "SEMANTIC", exit: EXIT.partial, message: "Only a part was done." },
  NOTHING_DONE: { category: "SEMANTIC", exit: EXIT.failure, message: "Nothing could be done." },
  TIME_BUDGET: { category: "SEMANTIC", exit: EXIT.failure, message: "A handler took longer than its time budget." },
  STRATEGY_FAILED: { category: "SEMANTIC", exit: EXIT.failure, message: "The strategy stopped the run with an error." },
  MISMATCH: { category: "CONFLICT", exit: EXIT.mismatch, message: "The result differs from the stored one." },
  DIVERGED: { category: "CONFLICT", exit: EXIT.mismatch, message: "The two runs differ." },
  LOOKAHEAD: { category: "CONFLICT", exit: EXIT.mismatch, message: "The run is not shown to be free of look-ahead." },
  VERIFICATION_FAILED: { category: "CONFLICT", exit: EXIT.mismatch, message: "The verification failed." },
  RESET_REFUSED: { category: "GATE", exit: EXIT.refused, message: "The kill switch stays tripped." },
  COMMAND_REFUSED: { category: "SEMANTIC", exit: EXIT.invalid, message: "The session refused the command." },
  STORE_UNAVAILABLE: { category: "IO", exit: EXIT.failure, message: "The store cannot be used." },
  CHECKS_FAILED: { category: "IO", exit: EXIT.failure, message: "A check of this machine failed." },
  IO: { category: "IO", exit: EXIT.failure, message: "Reading or writing failed." },
  UNEXPECTED: { category: "IO", exit: EXIT.failure, message: "Something broke that should not have." },
};

/** An expected failure, as it is told to people and to programs. */
export interface Failure {
  readonly code: FailureCode;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly exit: number;
  readonly details: readonly Violation[];
  /** The command that helps, or null. */
  readonly next: string | null;
  /** Shown with `--verbose` only. */
  readonly stack?: string;
}

/** A failure with the fixed message, category and exit code of its code. */
export function failure(code: FailureCode, details: readonly Violation[], next: string | null = null): Failure {
  return { code, ...kinds[code], details, next };
}

/** A failure with one detail. */
export function failureOf(
  code: FailureCode,
  message: string,
  next: string | null = null,
  rest: Omit<Violation, "code" | "message"> = {},
): Failure {
  return failure(code, [{ code, message, ...rest }], next);
}

/** Tables that are not there are made by a command; of anything else the doctor knows more. */
function mending(cause: string): string {
  const migration = "onetape store migrate plan";
  return cause.includes(migration) ? migration : "onetape doctor";
}

/** What an exception comes to: a broken machine by its system error, everything else as a bug. */
export function unexpected(error: unknown): Failure {
  const known = error instanceof Error ? error : new Error(String(error));
  const system = "code" in known && typeof known.code === "string" && "syscall" in known;
  if (known.name === "BackendFailure") return failureOf("STORE_UNAVAILABLE", known.message, mending(known.message));
  if ("code" in known && known.code === "TAPE_UNREADABLE") return failureOf("STORE_UNAVAILABLE", known.message, "onetape verify --all");
  // The class itself stands beside the stores, which most commands never load.
  if (known.name === "AnchorsUnusable" && "violations" in known)
    return failure("SETTINGS_INVALID", known.violations as readonly Violation[], "onetape config show");
  const path = "path" in known && typeof known.path === "string" ? { file: known.path } : {};
  const detail: Violation = { code: system ? String(known.code) : known.name, message: known.message, ...path };
  return {
    ...failure(
      system ? "IO" : "UNEXPECTED",
      [detail],
      system ? "onetape doctor" : "the same command with --verbose, and report what it shows",
    ),
    ...(known.stack === undefined ? {} : { stack: known.stack }),
  };
}

/** The document of a failed command. */
export function failureDocument({ category, code, message, details, next }: Failure): {
  readonly schema: string;
  readonly [key: string]: unknown;
} {
  return { schema: "onetape.error/1", category, code, message, details, next };
}
