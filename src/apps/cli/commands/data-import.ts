import { importBars } from "../../../usecases/import-bars.js";
import type { CommandResult, Invocation } from "../command.js";
import { dataPorts } from "../compose-data.js";
import { refused } from "../data-refusal.js";
import { failure } from "../failure.js";
import { readImportOptions } from "../import-options.js";
import { renderCapture } from "../render-capture.js";

export async function run({ args, flags, io, settings, signal }: Invocation): Promise<CommandResult> {
  const read = await readImportOptions(args, flags);
  if (read.kind === "invalid") return { kind: "failed", failure: failure("USAGE", read.violations, "onetape data import --help") };
  const ports = dataPorts(settings.home);
  const progress = io.progress("import", "bytes");
  try {
    const outcome = await importBars(ports, read.options, process.cwd(), {
      signal,
      onProgress: ({ done_bytes, total_bytes }) => progress.update({ done: done_bytes, total: total_bytes, at: null }),
    });
    progress.end();
    if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
    const { kind: _, ...rest } = outcome;
    for (const warning of outcome.warnings) io.note(`${io.err.bad("note")} ${warning}`);
    const verdict = outcome.already_imported ? "imported already: nothing new was made\n" : "";
    return {
      kind: "done",
      json: { schema: "onetape.data-import/1", ...rest },
      human: () => `${verdict}${renderCapture(outcome, io.out)}`,
      next: [`onetape data show ${outcome.capture_id.slice(0, 12)}`],
    };
  } finally {
    progress.end();
    await ports.store.close();
  }
}
