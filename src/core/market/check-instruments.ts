import { decimalPlaces, parseBig } from "../money/decimal.js";
import type { Violation } from "../quality/violation.js";
import { CALENDAR_IDS, isCalendarId } from "./calendars/registry.js";
import type { Instrument } from "./instrument.js";

const STEPS = ["price_tick", "lot_step", "min_qty", "multiplier"] as const;

/**
 * What is wrong with instruments whose fields have their types already: unknown calendars, steps that are no positive decimals, a smallest
 * order off the lot, a symbol twice. All of it, with JSON pointers of the form `/instruments/0/calendar`.
 */
export function checkInstruments(instruments: readonly Instrument[]): readonly Violation[] {
  const violations: Violation[] = [];
  const firstOf = new Map<string, number>();
  for (const [index, instrument] of instruments.entries()) {
    const at = (field: keyof Instrument): string => `/instruments/${index}/${field}`;
    const first = firstOf.get(instrument.symbol);
    if (first === undefined) firstOf.set(instrument.symbol, index);
    else violations.push(violation("INSTRUMENT_TWICE", at("symbol"), instrument.symbol, `a symbol once; entry ${first} has it already`));
    if (!isCalendarId(instrument.calendar)) {
      violations.push(violation("CALENDAR_UNKNOWN", at("calendar"), instrument.calendar, `one of ${CALENDAR_IDS.join(", ")}`));
    }
    for (const field of STEPS) {
      if (!isPositive(instrument[field]))
        violations.push(violation("NOT_A_POSITIVE_DECIMAL", at(field), instrument[field], "a decimal above 0 with at most 15 places"));
    }
    if (isPositive(instrument.lot_step) && isPositive(instrument.min_qty) && !isMultiple(instrument.min_qty, instrument.lot_step)) {
      violations.push(violation("MIN_QTY_OFF_LOT", at("min_qty"), instrument.min_qty, `a multiple of lot_step ${instrument.lot_step}`));
    }
  }
  return violations;
}

function violation(code: string, field: string, value: string, expected: string): Violation {
  return { code, message: `${field} is "${value}", expected ${expected}`, field, value, expected };
}

function isPositive(text: string): boolean {
  const places = decimalPlaces(text);
  return places !== null && places <= 15 && (parseBig(text, places) ?? 0n) > 0n;
}

function isMultiple(text: string, step: string): boolean {
  const scale = Math.max(decimalPlaces(text) ?? 0, decimalPlaces(step) ?? 0);
  return (parseBig(text, scale) ?? 0n) % (parseBig(step, scale) ?? 1n) === 0n;
}
