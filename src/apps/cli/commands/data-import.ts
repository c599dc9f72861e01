import { importBars } from "../../../usecases/import-bars.js";
import type { CommandResult, Invocation } from "../command.js";
import { qualityGate } from "../compose-quality.js";
import { failure } from "../failure.js";
import { readImportOptions } from "../import-options.js";
import { renderCapture } from "../render-capture.js";
import { withData } from "../with-data.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const read = await readImportOptions(args, flags);
  if (read.kind === "invalid") return { kind: "failed", failure: failure("USAGE", read.violations, "onetape data import --help") };
  return withData(
    invocation,
    "import",
    (ports, run) => importBars(ports, read.options, process.cwd(), { ...run, quality: qualityGate(invocation, ports.store) }),
    ({ kind: _, ...imported }) => {
      for (const warning of imported.warnings) io.note(`${io.err.bad("note")} ${warning}`);
      const verdict = imported.already_imported ? "imported already: nothing new was made\n" : "";
      return {
        kind: "done",
        json: { schema: "onetape.data-import/1", ...imported },
        human: () => `${verdict}${renderCapture(imported, io.out)}`,
        next: [`onetape data show ${imported.capture_id.slice(0, 12)}`],
      };
    },
  );
}
