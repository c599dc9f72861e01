/** What requests about risk sessions may come to, and how the words of the library and of the firewall become statuses. */

import type { ErrorCategory } from "../../../core/quality/error-category.js";
import { COMMAND_CODES, type CommandCode, type CommandError } from "../../../core/session/command-firewall.js";
import type { DataRefusal } from "../../../usecases/data-ports.js";
import { type Problem, type ProblemKind, problem, problemKinds } from "../problem.js";

type SessionCode =
  | "SESSION_NOT_FOUND"
  | "SNAPSHOT_NOT_FOUND"
  | "REPORT_NOT_FOUND"
  | "IDEMPOTENCY_KEY_MISMATCH"
  | "POSITION_AHEAD"
  | "STORE_CORRUPT"
  | "STORE_UNAVAILABLE";

export const SESSION_PROBLEMS: Readonly<Record<SessionCode, ProblemKind>> = problemKinds({
  SESSION_NOT_FOUND: [404, "NOT_FOUND", "there is no session of this name"],
  SNAPSHOT_NOT_FOUND: [404, "NOT_FOUND", "no snapshot of the session's state was recorded yet"],
  REPORT_NOT_FOUND: [404, "NOT_FOUND", "nothing was asked under this id"],
  IDEMPOTENCY_KEY_MISMATCH: [400, "VALIDATION", "the idempotency key is not the identity that the body names"],
  POSITION_AHEAD: [409, "CONFLICT", "the session's log does not reach as far"],
  STORE_CORRUPT: [500, "IO", "what is stored is not what was written"],
  STORE_UNAVAILABLE: [503, "IO", "the store took nothing; the same request may be sent again"],
});

/** Statuses of the firewall's categories. */
const STATUS: Readonly<Record<ErrorCategory, number>> = {
  VALIDATION: 400,
  SEMANTIC: 422,
  CONFLICT: 409,
  NOT_FOUND: 404,
  GATE: 403,
  IO: 500,
};

/** The firewall's codes with their own texts. */
export const COMMAND_PROBLEMS: readonly ProblemKind[] = COMMAND_CODES.map(({ code, category, message }) => ({
  code,
  category,
  status: STATUS[category],
  title: message,
}));

export function commandKind(code: CommandCode): ProblemKind {
  const kind = COMMAND_PROBLEMS.find((one) => one.code === code);
  if (kind === undefined) throw new RangeError(`the firewall has no code ${code}`);
  return kind;
}

/** Why a command was refused, as the answer to a request that brought it alone. */
export function commandProblem({ code, details, error_count }: CommandError): Problem {
  return problem(commandKind(code), details, { error_count });
}

/** Why the library did nothing. */
export function refusalProblem({ reason, violations }: DataRefusal): Problem {
  const details = violations.map(({ field = "", value = "", expected, message }) => ({
    field: field === "" ? "" : field === "name" ? "/path/id" : `/${field.replace(/^\//, "")}`,
    value,
    expected: expected ?? message,
  }));
  switch (reason) {
    case "not_found":
      return problem(SESSION_PROBLEMS.SESSION_NOT_FOUND, details);
    case "corrupt":
      return problem(SESSION_PROBLEMS.STORE_CORRUPT, details);
    case "unavailable":
      return problem(SESSION_PROBLEMS.STORE_UNAVAILABLE, details, { headers: { "retry-after": "1" } });
    case "invalid":
    case "gate":
      return problem(commandKind("VALIDATION_ERROR"), details);
  }
}

/** Problems of every route about one session. */
export const OF_A_SESSION: readonly ProblemKind[] = [
  SESSION_PROBLEMS.SESSION_NOT_FOUND,
  SESSION_PROBLEMS.STORE_CORRUPT,
  SESSION_PROBLEMS.STORE_UNAVAILABLE,
];
