import { resolveAnomaly } from "../../../usecases/govern-calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { withCalculations } from "../with-calculations.js";

/** Resolves an anomaly with a note; it stays on record. */
export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags } = invocation;
  return withCalculations(invocation, "write", async ({ ports, log }) => {
    const [word = ""] = args;
    const open = log.index.anomalies.filter(({ resolution }) => resolution === null);
    const id = word === "latest" ? (open.at(-1)?.anomaly_id ?? word) : word;
    const outcome = await resolveAnomaly(ports, log, id, { by: flags.text("by") ?? "", note: flags.text("note") ?? "" });
    if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
    const { message, week_ending, tier } = log.index.anomaly(id) ?? { message: "", week_ending: "", tier: null };
    return {
      kind: "done",
      json: { schema: "onetape.calc-resolve/1", anomaly_id: id, open: open.length - 1 },
      human: () => `${id} is resolved: ${week_ending} ${tier ?? "all tiers"}, ${message}\n${open.length - 1} anomalies are open\n`,
      next: ["onetape calc query anomalies"],
    };
  });
}
