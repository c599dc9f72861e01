import type { Violation } from "../core/quality/violation.js";
import type { BacktestConfig } from "../ports/config-source.js";

/** Names what the config's own data sets are. */
export const OWN_SETS = "latest";

/**
 * A config whose symbols take their bars from captures that are named one by one: `ID` where there is one symbol, `SYMBOL=ID` where there are
 * more, `latest` for what the config itself would take.
 */
export function withCaptures(
  config: BacktestConfig,
  named: readonly string[],
): { readonly config: BacktestConfig; readonly violations: readonly Violation[] } {
  const symbols = config.data.map(({ symbol }) => symbol);
  const sets = new Map<string, string>();
  const violations: Violation[] = [];
  const refuse = (value: string, message: string, expected: string): void => {
    violations.push({ code: "REPLAY_CAPTURE", message, field: "--replay", value, expected });
  };
  for (const text of named) {
    if (text === OWN_SETS) continue;
    const at = text.lastIndexOf("=");
    const symbol = at < 0 ? symbols[0] : text.slice(0, at);
    if (at < 0 && symbols.length > 1)
      refuse(text, `"${text}" does not say which of ${symbols.join(", ")} it holds bars of`, "SYMBOL=CAPTURE, once for each symbol");
    else if (symbol === undefined || !symbols.includes(symbol))
      refuse(text, `the config has no symbol "${text.slice(0, at)}"`, `one of ${symbols.join(", ")}`);
    else if (sets.has(symbol)) refuse(text, `two captures are named for ${symbol}`, "one for each symbol");
    else sets.set(symbol, text.slice(at + 1));
  }
  const data = config.data.map((choice) => {
    const set = sets.get(choice.symbol);
    return set === undefined ? choice : { ...choice, set, file: null, import: null };
  });
  return { config: { ...config, data }, violations };
}
