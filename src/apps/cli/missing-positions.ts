import type { Violation } from "../../core/quality/violation.js";
import type { StatedPosition } from "../../core/risk/report/tail-document.js";
import type { RiskError } from "../../core/risk/risk-outcome.js";
import type { Invocation } from "./command.js";
import { type Failure, failure } from "./failure.js";

/** Why totals are refused: every position without a value, with its place. */
export function missingPositions(
  positions: readonly StatedPosition[],
  placed: (error: RiskError) => Violation,
  { flags }: Pick<Invocation, "flags">,
): Failure {
  const prices = flags.text("prices") ?? "";
  const violations = positions.flatMap(({ errors }) =>
    errors.map((error) => ({ expected: `what it needs on the last day of ${prices}`, ...placed(error) })),
  );
  return failure("PARTIAL", violations, "the same command with --allow-missing");
}
