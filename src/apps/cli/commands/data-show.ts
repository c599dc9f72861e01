import { showData } from "../../../usecases/show-data.js";
import type { CommandResult, Invocation } from "../command.js";
import { basisOf, timeframeOf } from "../import-options.js";
import { renderCapture } from "../render-capture.js";
import { renderQuality } from "../render-quality.js";
import { withData } from "../with-data.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const options = { what: args[0] ?? "", timeframe: timeframeOf(flags), basis: basisOf(flags), gap_limit: flags.number("limit") };
  return withData(
    invocation,
    "show",
    (ports) => showData(ports, options),
    ({ kind: _, ...shown }) => ({
      kind: "done",
      json: { schema: "onetape.data/1", ...shown },
      human: async () => `${renderCapture(shown, io.out)}\n${await renderQuality(shown, io.out)}`,
    }),
  );
}
