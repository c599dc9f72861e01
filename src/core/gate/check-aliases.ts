/** Names under which other systems know the gate's checks. */
import { CHECK_CODES, type CheckCode } from "./check-codes.js";

/** Names of guards, by the check that does their work. Codes in lower case are accepted without being listed. */
export const CHECK_ALIASES: Readonly<Record<string, CheckCode>> = {
  MaxDailyLoss: "DAILY_LOSS_LIMIT_EXCEEDED",
  MaxDrawdown: "DRAWDOWN_LIMIT_EXCEEDED",
  MaxGrossExposure: "MAX_TOTAL_EXPOSURE_EXCEEDED",
  PerSymbolMaxQty: "MAX_POSITION_PER_SYMBOL_EXCEEDED",
  SlippageSanity: "SLIPPAGE_LIMIT_EXCEEDED",
};

/** The check of a code, of a code in lower case (`daily_loss_limit_exceeded`) or of a guard's name (`MaxDailyLoss`); null for any other name. */
export function checkCodeOf(name: string): CheckCode | null {
  const alias = Object.hasOwn(CHECK_ALIASES, name) ? CHECK_ALIASES[name] : undefined;
  return alias ?? CHECK_CODES.find((code) => code === name || code.toLowerCase() === name) ?? null;
}
