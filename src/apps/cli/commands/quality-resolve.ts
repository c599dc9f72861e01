import { openCalcLog } from "../../../usecases/calc-log.js";
import type { DataRefusal } from "../../../usecases/data-ports.js";
import { type ResolveOutcome, resolveKnownAnomaly } from "../../../usecases/find-anomalies.js";
import { resolveAnomaly } from "../../../usecases/govern-calculations.js";
import type { QualityPorts } from "../../../usecases/quality-log.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { withQuality } from "../with-quality.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags } = invocation;
  const decision = { by: flags.text("by")?.trim() ?? "", note: flags.text("note")?.trim() ?? "" };
  const missing = (["by", "note"] as const).filter((name) => decision[name] === "");
  if (missing.length > 0) {
    const details = missing.map((name) => ({
      code: "USAGE",
      message: `a resolution says ${name === "by" ? "who" : "why"}`,
      field: `--${name}`,
      expected: "text",
    }));
    return { kind: "failed", failure: failure("USAGE", details, "onetape quality resolve --help") };
  }
  return withQuality(
    invocation,
    (ports) => resolveKnownAnomaly(ports, args[0] ?? "", decision, (id) => resolveCalculated(ports, id, decision)),
    told,
  );
}

function told(outcome: Exclude<ResolveOutcome, DataRefusal>): CommandResult {
  const schema = "onetape.quality-resolve/1";
  if (outcome.kind === "none_open")
    return { kind: "done", json: { schema, changed: false, anomaly: null }, human: () => "nothing to resolve: no anomaly is open\n" };
  const { changed, anomaly } = outcome;
  const { anomaly_id, subject, check, resolution } = anomaly;
  const said = resolution === null ? "" : ` by ${resolution.by}: ${resolution.note}`;
  return {
    kind: "done",
    json: { schema, changed, anomaly },
    human: () => `${changed ? "" : "nothing changed, it was "}resolved ${anomaly_id}, ${subject} ${check},${said}\n`,
    next: ["onetape quality anomalies --all"],
  };
}

/** Anomalies of calculations stand on the log of calculations. */
async function resolveCalculated(
  ports: QualityPorts,
  anomalyId: string,
  decision: { readonly by: string; readonly note: string },
): Promise<DataRefusal | null> {
  const opened = await openCalcLog(ports, "write");
  if (opened.kind === "refused") return opened;
  try {
    const outcome = await resolveAnomaly(ports, opened.log, anomalyId, decision);
    return outcome.kind === "refused" ? outcome : null;
  } finally {
    await opened.log.close();
  }
}
