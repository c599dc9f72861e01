import { writeFile } from "node:fs/promises";
import { grouped } from "../../../core/numeric/grouped.js";
import { signalCsv } from "../../../core/signals/signal-csv.js";
import { collectSignals } from "../../../usecases/collect-signals.js";
import type { CommandResult, Invocation } from "../command.js";
import { runPorts } from "../compose-runs.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";

export async function run({ args, flags, io, settings }: Invocation): Promise<CommandResult> {
  const output = flags.text("output") ?? "-";
  if (output === "-" && io.json) {
    const message = "--json tells about an export into a file; on stdout are the signals themselves";
    const next = "onetape signals export RUN --output FILE --json";
    return { kind: "failed", failure: failureOf("USAGE", message, next, { field: "--output", expected: "a file" }) };
  }
  const ports = runPorts(settings.home);
  const found = await findRun(ports.runs, args[0] ?? "");
  if (found.kind === "failed") return found;
  const { signals, left_out } = await collectSignals(ports, found.run);
  const text = signalCsv(signals);
  const tell = `${grouped(signals.length)} signals, ${grouped(left_out)} entries left out that have no price or no room`;
  if (output === "-") {
    await io.write(text);
    io.note(tell);
    return { kind: "streamed" };
  }
  await writeFile(output, text);
  const json = { schema: "onetape.signals-export/1", run: found.run.name, output, signals: signals.length, left_out };
  return { kind: "done", json, human: () => `wrote ${io.out.bold(output)}: ${tell}\n` };
}
