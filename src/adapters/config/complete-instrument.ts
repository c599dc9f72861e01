import type { BarColumns } from "../../core/market/bars.js";
import { guessInstrument } from "../../core/market/guess-instrument.js";
import type { Instrument } from "../../core/market/instrument.js";
import type { InstrumentEntry } from "./instruments-schema.js";

type AssetClass = Instrument["asset_class"];

/** Steps and settlement by kind of instrument. There is no guess of trading hours here: a wrong one loses bars without a word. */
const guesses = {
  equity: { lot_step: "1", settlement: "cash" },
  crypto: { lot_step: "0.00000001", settlement: "cash" },
  fx: { lot_step: "1", settlement: "cash" },
  future: { lot_step: "1", settlement: "variation_margin" },
  index: { lot_step: "1", settlement: "cash" },
  other: { lot_step: "0.00000001", settlement: "cash" },
} as const satisfies Record<AssetClass, Pick<Instrument, "lot_step" | "settlement">>;

const calendars: { readonly [K in AssetClass]?: string } = { crypto: "24/7", fx: "FX24x5" };

/** Finest step that stored prices have: it forbids no price. */
const FINEST_TICK = "0.00000001";

/**
 * Fills what an instrument's author left out, and names each guess in `guessed`.
 *
 * @returns null where nothing tells when the instrument trades.
 */
export function completeInstrument(entry: InstrumentEntry, accountCurrency: string): Instrument | null {
  const named = guessInstrument(entry.symbol, noBars(entry.symbol));
  const byName = named.kind === "guessed" ? named.instrument : null;
  const asset_class = entry.asset_class ?? byName?.asset_class ?? "other";
  const fitting = byName?.asset_class === asset_class ? byName : null;
  const guess = guesses[asset_class];
  const calendar = entry.calendar ?? fitting?.calendar ?? calendars[asset_class];
  if (calendar === undefined) return null;
  const lot_step = entry.lot_step ?? fitting?.lot_step ?? guess.lot_step;
  const complete: Omit<Instrument, "guessed"> = {
    symbol: entry.symbol,
    asset_class,
    currency: entry.currency ?? fitting?.currency ?? accountCurrency,
    price_tick: entry.price_tick ?? FINEST_TICK,
    lot_step,
    min_qty: entry.min_qty ?? lot_step,
    multiplier: entry.multiplier ?? "1",
    calendar,
    settlement: entry.settlement ?? guess.settlement,
  };
  const stated: { readonly [field: string]: unknown } = { ...entry };
  return { ...complete, guessed: Object.keys(complete).filter((field) => stated[field] === undefined) };
}

/** A symbol is judged by its name alone: bars are looked at when a run starts, not when its config is read. */
function noBars(symbol: string): BarColumns {
  const empty = new Float64Array(0);
  return {
    symbol,
    timeframe: "1m",
    price_mode: "raw",
    basis: "trade",
    price_scale: 0,
    volume_scale: 0,
    has_volume: false,
    rows: 0,
    ts: empty,
    open: empty,
    high: empty,
    low: empty,
    close: empty,
    volume: empty,
  };
}
