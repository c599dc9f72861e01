import { grouped } from "../../core/numeric/grouped.js";
import type { DataRefusal } from "../../usecases/data-ports.js";
import { type Failure, type FailureCode, failure } from "./failure.js";

const codes = {
  invalid: "DATA_INVALID",
  not_found: "NOT_FOUND",
  unavailable: "STORE_UNAVAILABLE",
  corrupt: "VERIFICATION_FAILED",
  gate: "QUALITY_REFUSED",
} as const satisfies Record<DataRefusal["reason"], FailureCode>;

/** A refusal as the command line tells it. What is not listed in full is at least counted. */
export function refused({ reason, violations, totals, next }: DataRefusal): Failure {
  const told = failure(codes[reason], violations, next);
  const all = totals.reduce((sum, { count }) => sum + count, 0);
  if (all <= violations.length) return told;
  const counted = totals.map(({ code, count }) => `${grouped(count)} ${code}`).join(", ");
  return { ...told, details: [...violations, { code: "COUNTED", message: `${grouped(all)} violations in all: ${counted}` }] };
}
