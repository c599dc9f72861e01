import type { Violation } from "../../core/quality/violation.js";

const LACKS_DATA: ReadonlySet<string> = new Set(["SYMBOL_UNKNOWN", "SET_UNKNOWN", "SET_AMBIGUOUS", "SHAPE_UNKNOWN"]);

/** What helps after a run was refused: the place in the strategy's own file, the bars that there are, or the keys of a config. */
export function afterRefusal(violations: readonly Violation[], configPath: string): string {
  const [first] = violations;
  if (first !== undefined && violations.every(({ code }) => code.startsWith("STRATEGY_"))) {
    const { file = configPath, line } = first;
    return `mend ${line === undefined ? file : `${file}:${line}`}, then onetape backtest ${configPath}`;
  }
  if (violations.some(({ code }) => LACKS_DATA.has(code))) return "onetape data list";
  if (first?.code === "FILE_NOT_FOUND" && first.field === undefined) return "onetape backtest --help";
  return "onetape config schema";
}
