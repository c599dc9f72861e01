import { expect, test } from "vitest";
import { checkCodeOf } from "./check-aliases.js";
import { CHECK_CODES } from "./check-codes.js";

test.each([
  ["MaxDailyLoss", "DAILY_LOSS_LIMIT_EXCEEDED"],
  ["MaxDrawdown", "DRAWDOWN_LIMIT_EXCEEDED"],
  ["MaxGrossExposure", "MAX_TOTAL_EXPOSURE_EXCEEDED"],
  ["PerSymbolMaxQty", "MAX_POSITION_PER_SYMBOL_EXCEEDED"],
  ["SlippageSanity", "SLIPPAGE_LIMIT_EXCEEDED"],
  ["trading_disabled", "TRADING_DISABLED"],
  ["symbol_not_allowed", "SYMBOL_NOT_ALLOWED"],
  ["max_total_exposure_exceeded", "MAX_TOTAL_EXPOSURE_EXCEEDED"],
  ["max_position_per_symbol_exceeded", "MAX_POSITION_PER_SYMBOL_EXCEEDED"],
  ["max_risk_per_trade_exceeded", "MAX_RISK_PER_TRADE_EXCEEDED"],
  ["daily_loss_limit_exceeded", "DAILY_LOSS_LIMIT_EXCEEDED"],
] as const)("the name %s means %s", (name, code) => {
  expect(checkCodeOf(name)).toBe(code);
});

test("every code means itself, and no other name means anything", () => {
  for (const code of CHECK_CODES) expect(checkCodeOf(code)).toBe(code);
  for (const name of ["", "Daily_Loss_Limit_Exceeded", "maxdailyloss", "toString", "__proto__"]) expect(checkCodeOf(name)).toBeNull();
});
