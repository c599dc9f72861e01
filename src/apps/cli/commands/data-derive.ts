import { grouped } from "../../../adapters/terminal/progress.js";
import { deriveData } from "../../../usecases/derive-data.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { timeframeOf } from "../import-options.js";
import { renderCapture } from "../render-capture.js";
import { withData } from "../with-data.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const timeframe = timeframeOf(flags);
  if (timeframe === undefined || timeframe === "1m") {
    const message = timeframe === undefined ? "--timeframe is missing" : "minute bars are what longer ones are made from";
    return {
      kind: "failed",
      failure: failureOf("USAGE", message, "onetape data derive --help", { field: "--timeframe", expected: "one of 5m, 15m, 1h, 1d" }),
    };
  }
  return withData(
    invocation,
    "derive",
    (ports, { signal }) => deriveData(ports, { what: args[0] ?? "", timeframe, calendar: flags.text("calendar"), signal }),
    ({ kind: _, ...derived }) => {
      const left = `${grouped(derived.outside)} minutes outside sessions and ${grouped(derived.unfinished)} of unfinished bars left out\n`;
      const verdict = derived.already_derived ? "derived already: nothing new was made\n" : "";
      return {
        kind: "done",
        json: { schema: "onetape.data-derive/1", ...derived },
        human: () => `${verdict}${renderCapture(derived, io.out)}${left}`,
        next: [`onetape data show ${derived.capture_id.slice(0, 12)}`],
      };
    },
  );
}
