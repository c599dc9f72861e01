/** The bracket signals that a run's own entries amount to. */
import type { SignalEmitted } from "../engine/run-events.js";
import type { BracketSignal } from "./bracket-signal.js";

/** What made the signals. */
export interface SignalSource {
  readonly name: string;
  readonly version: string;
}

export interface CollectedSignals {
  readonly signals: readonly BracketSignal[];
  /** Entries that the form has no room for: at no price of their own, or beside another entry of the same side and moment. */
  readonly left_out: number;
}

/** Takes the entries at a price, in the order of the tape; those of one group either way become one signal. */
export function signalsOfRun(emitted: readonly SignalEmitted[], source: SignalSource): CollectedSignals {
  const signals = new Map<string, BracketSignal>();
  let left_out = 0;
  for (const entry of emitted) {
    const { symbol, action, bar_ts, strength, oco } = entry;
    if (action !== "enter_long" && action !== "enter_short") continue;
    const long = action === "enter_long";
    const price = entry.stop_price ?? entry.limit_price ?? null;
    const key = `${symbol} ${bar_ts}`;
    const known = signals.get(key);
    const fits = known === undefined || (oco !== undefined && (long ? known.long_entry : known.short_entry) === null);
    if (price === null || !fits) {
      left_out += 1;
      continue;
    }
    const setup = entry.metadata?.["setup"];
    const one: BracketSignal = known ?? {
      symbol,
      ts: bar_ts,
      strategy: source.name,
      strategy_version: source.version,
      long_entry: null,
      short_entry: null,
      sl_long: null,
      sl_short: null,
      tp_long: null,
      tp_short: null,
      setup: typeof setup === "string" ? setup : null,
      score: strength,
    };
    const [loss, gain] = [entry.stop_loss_price ?? null, entry.take_profit_price ?? null];
    signals.set(
      key,
      long ? { ...one, long_entry: price, sl_long: loss, tp_long: gain } : { ...one, short_entry: price, sl_short: loss, tp_short: gain },
    );
  }
  return { signals: [...signals.values()], left_out };
}
