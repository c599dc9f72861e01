import { expect, test } from "vitest";
import { checkInstruments } from "./check-instruments.js";
import type { Instrument } from "./instrument.js";

const share: Instrument = {
  symbol: "IBM",
  asset_class: "equity",
  currency: "USD",
  price_tick: "0.01",
  lot_step: "1",
  min_qty: "1",
  multiplier: "1",
  calendar: "XNYS",
  settlement: "cash",
  guessed: [],
};

test("sound instruments have nothing wrong", () => {
  expect(
    checkInstruments([share, { ...share, symbol: "ES", settlement: "variation_margin", multiplier: "50", price_tick: "0.25" }]),
  ).toEqual([]);
});

test.each<[string, Partial<Instrument>, string, string]>([
  ["an unknown calendar", { calendar: "XNYC" }, "CALENDAR_UNKNOWN", "/instruments/0/calendar"],
  ["a tick of zero", { price_tick: "0" }, "NOT_A_POSITIVE_DECIMAL", "/instruments/0/price_tick"],
  ["a negative lot", { lot_step: "-1" }, "NOT_A_POSITIVE_DECIMAL", "/instruments/0/lot_step"],
  ["a multiplier with an exponent", { multiplier: "1e3" }, "NOT_A_POSITIVE_DECIMAL", "/instruments/0/multiplier"],
  ["a smallest order off the lot", { lot_step: "0.3", min_qty: "0.5" }, "MIN_QTY_OFF_LOT", "/instruments/0/min_qty"],
])("%s is refused by its pointer", (_name, change, code, field) => {
  expect(checkInstruments([{ ...share, ...change }]).map((violation) => [violation.code, violation.field])).toEqual([[code, field]]);
});

test("everything wrong in all entries is told at once", () => {
  const wrong = checkInstruments([share, { ...share, calendar: "?", price_tick: "x", lot_step: "0" }]);
  expect(wrong.map((violation) => violation.code)).toEqual([
    "INSTRUMENT_TWICE",
    "CALENDAR_UNKNOWN",
    "NOT_A_POSITIVE_DECIMAL",
    "NOT_A_POSITIVE_DECIMAL",
  ]);
  expect(wrong[0]?.message).toBe('/instruments/1/symbol is "IBM", expected a symbol once; entry 0 has it already');
});
