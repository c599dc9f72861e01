import type { Instrument } from "../../core/market/instrument.js";
import type { InstrumentEntry } from "./instruments-schema.js";

type AssetClass = Instrument["asset_class"];
type Guess = Pick<Instrument, "price_tick" | "lot_step" | "calendar" | "settlement">;

const guesses = {
  equity: { price_tick: "0.01", lot_step: "1", calendar: "24/7", settlement: "cash" },
  crypto: { price_tick: "0.00000001", lot_step: "0.00000001", calendar: "24/7", settlement: "cash" },
  fx: { price_tick: "0.00001", lot_step: "1", calendar: "FX24x5", settlement: "cash" },
  future: { price_tick: "0.01", lot_step: "1", calendar: "24/7", settlement: "variation_margin" },
  index: { price_tick: "0.01", lot_step: "1", calendar: "24/7", settlement: "cash" },
  other: { price_tick: "0.00000001", lot_step: "0.00000001", calendar: "24/7", settlement: "cash" },
} as const satisfies Record<AssetClass, Guess>;

/** Fills what an instrument's author left out, and names each guess in `guessed`. */
export function completeInstrument(entry: InstrumentEntry, accountCurrency: string): Instrument {
  const assetClass = entry.asset_class ?? "other";
  const guess = guesses[assetClass];
  const lotStep = entry.lot_step ?? guess.lot_step;
  const complete: Omit<Instrument, "guessed"> = {
    symbol: entry.symbol,
    asset_class: assetClass,
    currency: entry.currency ?? accountCurrency,
    price_tick: entry.price_tick ?? guess.price_tick,
    lot_step: lotStep,
    min_qty: entry.min_qty ?? lotStep,
    multiplier: entry.multiplier ?? "1",
    calendar: entry.calendar ?? guess.calendar,
    settlement: entry.settlement ?? guess.settlement,
  };
  const stated: { readonly [field: string]: unknown } = { ...entry };
  return { ...complete, guessed: Object.keys(complete).filter((field) => stated[field] === undefined) };
}
