import type { Violation } from "../quality/violation.js";
import type { BarColumns } from "./bars.js";
import { checkInstruments } from "./check-instruments.js";
import { guessInstrument } from "./guess-instrument.js";
import type { Instrument } from "./instrument.js";

/** What somebody stated about an instrument. */
export type StatedInstrument = Partial<Omit<Instrument, "symbol" | "guessed">>;

/** What the place of the data suggests. */
export type InstrumentHints = Pick<StatedInstrument, "asset_class" | "calendar" | "currency">;

export type ResolvedInstrument =
  | { readonly kind: "resolved"; readonly instrument: Instrument }
  /** Trading hours, currency or kind are not known and would be dangerous to guess. */
  | { readonly kind: "unknown"; readonly reason: Violation }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const STEPS: Readonly<Record<Instrument["asset_class"], Pick<Instrument, "price_tick" | "lot_step" | "settlement">>> = {
  equity: { price_tick: "0.01", lot_step: "1", settlement: "cash" },
  crypto: { price_tick: "0.00000001", lot_step: "0.00000001", settlement: "cash" },
  fx: { price_tick: "0.00001", lot_step: "1", settlement: "cash" },
  future: { price_tick: "0.01", lot_step: "1", settlement: "variation_margin" },
  index: { price_tick: "0.01", lot_step: "1", settlement: "cash" },
  other: { price_tick: "0.00000001", lot_step: "0.00000001", settlement: "cash" },
};

/** What somebody stated about an instrument before: everything in it that is no guess. */
export function statedOf(known: Instrument | undefined): StatedInstrument {
  if (known === undefined) return {};
  const { symbol: _symbol, guessed, ...fields } = known;
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !guessed.includes(field)));
}

/** Statement over hint over guess, field by field; what nobody stated is named in `guessed`. */
export function resolveInstrument(
  symbol: string,
  columns: BarColumns,
  stated: StatedInstrument,
  hints: InstrumentHints,
): ResolvedInstrument {
  const guess = guessInstrument(symbol, columns);
  const byName = guess.kind === "guessed" ? guess.instrument : null;
  const asset_class = stated.asset_class ?? hints.asset_class ?? byName?.asset_class;
  const fitting = byName !== null && byName.asset_class === asset_class ? byName : null;
  const calendar = stated.calendar ?? hints.calendar ?? fitting?.calendar;
  const currency = stated.currency ?? hints.currency ?? fitting?.currency;
  if (asset_class === undefined || calendar === undefined || currency === undefined) {
    return { kind: "unknown", reason: unknown(symbol, { asset_class, calendar, currency }) };
  }
  const steps = fitting ?? STEPS[asset_class];
  const lot_step = stated.lot_step ?? steps.lot_step;
  const fields: Omit<Instrument, "guessed"> = {
    symbol,
    asset_class,
    currency,
    price_tick: stated.price_tick ?? steps.price_tick,
    lot_step,
    min_qty: stated.min_qty ?? lot_step,
    multiplier: stated.multiplier ?? "1",
    calendar,
    settlement: stated.settlement ?? steps.settlement,
  };
  const known: { readonly [field: string]: unknown } = { ...stated, symbol };
  const instrument: Instrument = {
    ...fields,
    guessed: Object.keys(fields)
      .filter((field) => known[field] === undefined)
      .sort(),
  };
  const violations = checkInstruments([instrument]).map((violation) => ({
    ...violation,
    field: (violation.field ?? "").split("/").at(-1) ?? "",
  }));
  return violations.length > 0 ? { kind: "invalid", violations } : { kind: "resolved", instrument };
}

function unknown(symbol: string, known: { readonly [field: string]: string | undefined }): Violation {
  const missing = Object.keys(known).filter((field) => known[field] === undefined);
  const flags = missing.map((field) => `--${field.replace("_", "-")}`).join(" ");
  return {
    code: "INSTRUMENT_UNKNOWN",
    message: `nothing tells the ${missing.map((field) => field.replace("_", " ")).join(", ")} of ${symbol}`,
    field: missing.join(", "),
    value: symbol,
    expected: `${flags}, or an entry in instruments.yaml`,
  };
}
