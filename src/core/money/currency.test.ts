import { expect, it } from "vitest";
import { currencyScale } from "./currency.js";

// ISO 4217 table A.1, minor units.
it.each([
  ["USD", 2],
  ["EUR", 2],
  ["ILS", 2],
  ["RUB", 2],
  ["KRW", 0],
  ["JPY", 0],
  ["KWD", 3],
])("balances in %s have %d decimals", (code, scale) => {
  expect(currencyScale(code)).toBe(scale);
});

it("balances in a currency that is not in ISO 4217 have eight decimals", () => {
  expect(currencyScale("USDT")).toBe(8);
  expect(currencyScale("BTC")).toBe(8);
});
