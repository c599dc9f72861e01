import { grouped } from "../../../adapters/terminal/progress.js";
import { renderTable } from "../../../adapters/terminal/table.js";
import { type ShownData, showData } from "../../../usecases/show-data.js";
import type { CommandResult, Invocation } from "../command.js";
import { basisOf, timeframeOf } from "../import-options.js";
import { renderCapture } from "../render-capture.js";
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
      human: async () => `${renderCapture(shown, io.out)}\n${await renderQuality(shown, io)}`,
    }),
  );
}

/** Quality facts and, where the trading hours are known, completeness against them. */
async function renderQuality({ quality, sessions }: Pick<ShownData, "quality" | "sessions">, io: Invocation["io"]): Promise<string> {
  const facts = await renderTable(
    [{ title: "check" }, { title: "" }, { title: "measured", numeric: true }, { title: "threshold", numeric: true }, { title: "" }],
    quality.map(({ check, status, measured, threshold, message }) => [
      check,
      status === "PASS" ? io.out.good(status) : io.out.bad(status),
      measured === null ? "-" : String(measured),
      threshold === null ? "-" : String(threshold),
      message,
    ]),
    io.out,
  );
  if (sessions === null) return facts;
  const { calendar, calendar_version, expected, present, completeness, outside, incomplete } = sessions;
  const lines = [
    `${calendar} (${calendar_version}): ${grouped(present)} of ${grouped(expected)} bars of its sessions, completeness ${completeness}, ${grouped(outside)} bars outside`,
    ...incomplete.map(
      ({ session, half_day, expected: due, present: there }) => `  ${session}${half_day ? " half day" : ""}: ${there} of ${due}`,
    ),
  ];
  return `${facts}\n${lines.join("\n")}\n`;
}
