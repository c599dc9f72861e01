import { grouped } from "../../../core/numeric/grouped.js";
import { adjustData } from "../../../usecases/adjust-data.js";
import { deriveData } from "../../../usecases/derive-data.js";
import type { CommandResult, Invocation } from "../command.js";
import { failureOf } from "../failure.js";
import { basisOf, timeframeOf } from "../import-options.js";
import { renderCapture } from "../render-capture.js";
import { withData } from "../with-data.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const { flags } = invocation;
  const factors = flags.text("adjust");
  if (factors !== undefined) return adjust(invocation, factors);
  const alone = (["basis", "price-decimals"] as const).find((name) => flags.text(name) !== undefined || flags.number(name) !== undefined);
  if (alone !== undefined) return misused(`--${alone} has no meaning without --adjust`, `--${alone}`, "--adjust with a factor file");
  const timeframe = timeframeOf(flags);
  if (timeframe === undefined || timeframe === "1m") {
    const message = timeframe === undefined ? "--timeframe is missing" : "minute bars are what longer ones are made from";
    return misused(message, "--timeframe", "one of 5m, 15m, 1h, 1d; or --adjust with a factor file");
  }
  return derive(invocation, timeframe);
}

function derive(invocation: Invocation, timeframe: Parameters<typeof deriveData>[1]["timeframe"]): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  return withData(
    invocation,
    "derive",
    (ports, { signal }) => deriveData(ports, { what: args[0] ?? "", timeframe, calendar: flags.text("calendar"), signal }),
    ({ kind: _, ...derived }) => {
      const left = `${grouped(derived.outside)} minutes outside sessions and ${grouped(derived.unfinished)} of unfinished bars left out\n`;
      return {
        kind: "done",
        json: { schema: "onetape.data-derive/1", ...derived },
        human: () => `${verdictOf(derived)}${renderCapture(derived, io.out)}${left}`,
        next: [`onetape data show ${derived.capture_id.slice(0, 12)}`],
      };
    },
  );
}

function adjust(invocation: Invocation, factors: string): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  return withData(
    invocation,
    "derive",
    (ports, { signal }) =>
      adjustData(
        ports,
        {
          what: args[0] ?? "",
          timeframe: timeframeOf(flags),
          basis: basisOf(flags),
          factors,
          calendar: flags.text("calendar"),
          price_decimals: flags.number("price-decimals"),
          signal,
        },
        process.cwd(),
      ),
    ({ kind: _, ...adjusted }) => {
      const changed = `${grouped(adjusted.adjusted_bars)} of ${grouped(adjusted.rows)} bars have other prices than as traded\n`;
      return {
        kind: "done",
        json: { schema: "onetape.data-adjust/1", ...adjusted },
        human: () => `${verdictOf(adjusted)}${renderCapture(adjusted, io.out)}${changed}`,
        next: [`onetape data show ${adjusted.capture_id.slice(0, 12)}`],
      };
    },
  );
}

function verdictOf({ already_derived }: { readonly already_derived: boolean }): string {
  return already_derived ? "derived already: nothing new was made\n" : "";
}

function misused(message: string, field: string, expected: string): CommandResult {
  return { kind: "failed", failure: failureOf("USAGE", message, "onetape data derive --help", { field, expected }) };
}
