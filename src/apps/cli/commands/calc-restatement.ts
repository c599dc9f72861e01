import { renderTable } from "../../../adapters/terminal/table.js";
import { parseTier } from "../../../core/calc/finra-otc/tiers.js";
import { explainRestatement } from "../../../usecases/normalise-week.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { failure } from "../failure.js";
import { withCalculations } from "../with-calculations.js";

/** What the newest capture of a week changed against the one before it. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const [week_ending = ""] = args;
  const [text = "OTC", second] = flags.list("tier");
  const tier = parseTier(text);
  if (second !== undefined) {
    const detail = { code: "USAGE", message: "one tier at a time", field: "--tier", value: second, expected: "one --tier" };
    return { kind: "failed", failure: failure("USAGE", [detail], "onetape calc restatement --help") };
  }
  if (tier.kind === "invalid") return { kind: "failed", failure: failure("USAGE", [tier.violation], "onetape calc restatement --help") };
  return withCalculations(invocation, "read", async ({ ports, log }) => {
    const outcome = await explainRestatement(ports, log, { week_ending, tier: tier.tier });
    if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
    const { before, after, changes } = outcome;
    const limit = flags.number("limit") ?? 20;
    const fields = Object.keys(changes[0] ?? {});
    const rows = changes
      .slice(0, limit)
      .map((change) =>
        Object.values(change).map((value) =>
          typeof value === "object" && value !== null ? Object.values(value).join(" / ") : String(value ?? ""),
        ),
      );
    return {
      kind: "done",
      json: { schema: "onetape.calc-restatement/1", before, after, changes },
      human: async () => {
        const shown =
          changes.length === 0
            ? ""
            : await renderTable(
                fields.map((title) => ({ title })),
                rows,
                io.out,
              );
        return `${before}\n${after}\n${changes.length === 1 ? "1 record" : `${changes.length} records`} changed${changes.length > limit ? `; the first ${limit}:` : ""}\n${shown}`;
      },
    };
  });
}
