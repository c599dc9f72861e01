import { emptyColumns } from "../../core/market/empty-columns.js";
import type { Instrument } from "../../core/market/instrument.js";
import { type InstrumentHints, type ResolvedInstrument, resolveInstrument } from "../../core/market/resolve-instrument.js";
import type { InstrumentEntry } from "./instruments-schema.js";

/** Trading hours that follow from the kind of instrument alone. */
const calendars: { readonly [K in Instrument["asset_class"]]?: string } = { crypto: "24/7", fx: "FX24x5" };

/** Finest step that stored prices have: it forbids no price. */
const FINEST_TICK = "0.00000001";

/**
 * Fills what an instrument's author left out, from its symbol, its kind and the account, and names each guess in `guessed`.
 * Bars are looked at when a run starts, not when its config is read.
 */
export function completeInstrument(entry: InstrumentEntry, accountCurrency: string): ResolvedInstrument {
  const { symbol, ...stated } = entry;
  const tick = { price_tick: entry.price_tick ?? FINEST_TICK };
  const calendar = entry.asset_class === undefined ? undefined : calendars[entry.asset_class];
  const hints: InstrumentHints = { asset_class: "other", currency: accountCurrency, ...(calendar === undefined ? {} : { calendar }) };
  const byName = resolveInstrument(symbol, emptyColumns(symbol), { ...stated, ...tick }, {});
  const resolved = byName.kind === "unknown" ? resolveInstrument(symbol, emptyColumns(symbol), { ...stated, ...tick }, hints) : byName;
  if (resolved.kind !== "resolved" || entry.price_tick !== undefined) return resolved;
  const { instrument } = resolved;
  return { kind: "resolved", instrument: { ...instrument, guessed: [...instrument.guessed, "price_tick"].sort() } };
}
