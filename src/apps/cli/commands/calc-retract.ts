import type { CalcIndex } from "../../../core/calc/calc-index.js";
import { FINRA_OTC } from "../../../core/calc/finra-otc/tiers.js";
import { retractCapture } from "../../../usecases/govern-calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { withCalculations } from "../with-calculations.js";

/** Takes a capture back: its rows go, the fact that it was there stays. */
export function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags } = invocation;
  return withCalculations(invocation, "write", async ({ ports, log }) => {
    const captureId = captureNamed(log.index, args[0] ?? "");
    const outcome = await retractCapture(ports, log, captureId, { by: flags.text("by") ?? "", reason: flags.text("reason") ?? "" });
    if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
    return {
      kind: "done",
      json: { schema: "onetape.calc-retract/1", capture_id: captureId, rows_removed: outcome.rows_removed },
      human: () => `${captureId} is retracted: ${outcome.rows_removed} rows went, the capture stays on record\n`,
      next: ["onetape calc query captures"],
    };
  });
}

/** A capture by its id, or the newest of a partition by `OTC/2025-12-26`. */
export function captureNamed(index: CalcIndex, text: string): string {
  const [tier = "", week = ""] = text.split("/");
  return index.newest(FINRA_OTC, { week_ending: week, tier })?.capture_id ?? text;
}
