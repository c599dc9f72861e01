import { renderPairs } from "../../../adapters/terminal/table.js";
import { parseTier } from "../../../core/calc/finra-otc/tiers.js";
import { everyReadiness, weekReadiness } from "../../../core/calc/finra-otc/week-readiness.js";
import { parseWeekEnding } from "../../../core/calc/finra-otc/weeks.js";
import type { Violation } from "../../../core/quality/violation.js";
import { certifyWeek } from "../../../usecases/govern-calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { failure } from "../failure.js";
import { renderWeeks } from "../render-quality-report.js";
import { withCalculations } from "../with-calculations.js";

/** Says for what a week is fit, and records it where it is asked to. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const [week] = args;
  const certify = flags.on("certify");
  const violations: Violation[] = [];
  const parsed = week === undefined ? null : parseWeekEnding(week);
  if (parsed?.kind === "invalid") violations.push(parsed.violation);
  if (week === undefined && certify)
    violations.push({ code: "USAGE", message: "one week at a time is certified", field: "WEEK", expected: "the Friday that ends it" });
  const tiers = flags.list("tier").flatMap((text) => {
    const tier = parseTier(text);
    if (tier.kind === "tier") return [tier.tier];
    violations.push({ ...tier.violation, field: "--tier" });
    return [];
  });
  if (violations.length > 0) return { kind: "failed", failure: failure("USAGE", violations, "onetape calc readiness --help") };
  const asked = tiers.length === 0 ? {} : { tiers };
  if (week === undefined)
    return withCalculations(invocation, "read", async ({ ports, log }) => {
      const weeks = everyReadiness(log.index, asked, ports.now());
      return {
        kind: "done",
        json: { schema: "onetape.calc-readiness/1", weeks },
        human: () => (weeks.length === 0 ? "no week was taken\n" : renderWeeks(weeks, io.out)),
      };
    });
  const options = { week_ending: week, ...asked };
  return withCalculations(invocation, certify ? "write" : "read", async ({ ports, log }) => {
    if (certify) {
      const outcome = await certifyWeek(ports, log, { ...options, by: flags.text("by") ?? "" });
      if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
      return {
        kind: "done",
        json: { schema: "onetape.calc-readiness/1", week_ending: week, certified_for: outcome.ready_for },
        human: () => `${week} is certified for ${outcome.ready_for.join(", ")}\n`,
      };
    }
    const readiness = weekReadiness(log.index, options, ports.now());
    const uses = Object.entries(readiness.ready_for).map(
      ([use, ready]) => [use, ready ? io.out.good("ready") : io.out.bad("not ready")] as const,
    );
    return {
      kind: "done",
      json: { schema: "onetape.calc-readiness/1", week_ending: week, ...readiness },
      human: () => `${renderPairs(uses, io.out)}${readiness.blocking_issues.map((issue) => `  ${issue}\n`).join("")}`,
    };
  });
}
