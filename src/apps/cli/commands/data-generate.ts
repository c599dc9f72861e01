import { shortestDecimal } from "../../../adapters/config/schema-check.js";
import type { Violation } from "../../../core/quality/violation.js";
import { type GenerateDataOptions, generateData } from "../../../usecases/generate-data.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import type { FlagName } from "../flag-names.js";
import { oneSymbol } from "../import-options.js";
import { renderCapture } from "../render-capture.js";
import { withData } from "../with-data.js";

export async function run(invocation: Invocation): Promise<CommandResult> {
  const violations: Violation[] = [];
  const options = readOptions(invocation, violations);
  if (options === null) return { kind: "failed", failure: failure("USAGE", violations, "onetape data generate --help") };
  return withData(
    invocation,
    "generate",
    (ports, { signal }) => generateData(ports, { ...options, signal }),
    ({ kind: _, ...made }) => ({
      kind: "done",
      json: { schema: "onetape.data-generate/1", ...made },
      human: () => `${made.already_generated ? "generated already: nothing new was made\n" : ""}${renderCapture(made, invocation.io.out)}`,
      next: [`onetape data show ${made.symbol}`],
    }),
  );
}

function readOptions({ flags }: Invocation, violations: Violation[]): GenerateDataOptions | null {
  const decimal = (name: FlagName): string | undefined => {
    const given = flags.text(name);
    const value = given === undefined ? undefined : shortestDecimal(given);
    if (value === null)
      violations.push({
        code: "USAGE",
        message: `${JSON.stringify(given)} is no decimal number`,
        field: `--${name}`,
        value: given ?? "",
        expected: "a decimal number",
      });
    return value ?? undefined;
  };
  const needed = <T>(name: FlagName, value: T | undefined, expected: string): T | undefined => {
    if (value === undefined) violations.push({ code: "USAGE", message: `--${name} is missing`, field: `--${name}`, expected });
    return value;
  };
  const symbol = needed("symbol", oneSymbol(flags, violations), "a name for the invented instrument");
  const calendar = needed("calendar", flags.text("calendar"), "24/7, FX24x5, or a market such as XNYS");
  const from = needed("from", flags.number("from"), "a date or time");
  const to = needed("to", flags.number("to"), "a date or time");
  const [start_price, tick, volatility, missing] = [decimal("start-price"), decimal("tick"), decimal("volatility"), decimal("missing")];
  const seed = flags.number("seed");
  if (violations.length > 0 || symbol === undefined || calendar === undefined || from === undefined || to === undefined) return null;
  return {
    symbol,
    calendar,
    // The generator's range is open at its beginning.
    from: from - 1,
    to,
    ...(seed === undefined ? {} : { seed }),
    ...(start_price === undefined ? {} : { start_price }),
    ...(tick === undefined ? {} : { tick }),
    ...(volatility === undefined ? {} : { yearly_volatility: Number(volatility) }),
    ...(missing === undefined ? {} : { missing_probability: Number(missing) }),
  };
}
