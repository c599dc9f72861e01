/** A bracket signal made elsewhere: entries at prices, each way, with the exits that protect them. */
import type { UtcMillis } from "../tape/event.js";

/** Prices are positive decimal text in shortest form; what a signal does not have is null. */
export interface BracketSignal {
  readonly symbol: string;
  /** When it was known. */
  readonly ts: UtcMillis;
  readonly strategy: string;
  /** Semantic version, `major.minor.patch`. */
  readonly strategy_version: string;
  readonly long_entry: string | null;
  readonly short_entry: string | null;
  readonly sl_long: string | null;
  readonly sl_short: string | null;
  readonly tp_long: string | null;
  readonly tp_short: string | null;
  readonly setup: string | null;
  /** 0 to 1. */
  readonly score: number | null;
}

/** One thing that a signal cannot be, and the field that says it. */
export interface SignalFault {
  readonly code: "SIGNAL_NO_ENTRY" | "SIGNAL_EXIT_WITHOUT_ENTRY" | "STOP_WRONG_SIDE" | "TARGET_WRONG_SIDE" | "BRACKET_LEGS_CROSS";
  readonly field: keyof BracketSignal;
  readonly message: string;
  readonly expected: string;
}

type Prices = Pick<BracketSignal, "long_entry" | "short_entry" | "sl_long" | "sl_short" | "tp_long" | "tp_short">;

const SIDES = [
  { side: "long", entry: "long_entry", stop: "sl_long", target: "tp_long", losing: "below", winning: "above" },
  { side: "short", entry: "short_entry", stop: "sl_short", target: "tp_short", losing: "above", winning: "below" },
] as const;

/** Everything that keeps the prices of a signal from being brackets. Prices have at most 15 digits, so that doubles tell them apart. */
export function judgeSignal(prices: Prices): readonly SignalFault[] {
  const faults: SignalFault[] = [];
  if (prices.long_entry === null && prices.short_entry === null) {
    const message = "the signal has no entry";
    faults.push({ code: "SIGNAL_NO_ENTRY", field: "long_entry", message, expected: "a long entry, a short entry, or both" });
  }
  for (const { side, entry, stop, target, losing, winning } of SIDES) {
    const beyond = (a: string, b: string): boolean => (side === "long" ? Number(a) < Number(b) : Number(a) > Number(b));
    const [at, loss, gain] = [prices[entry], prices[stop], prices[target]];
    for (const field of [stop, target]) {
      if (at !== null || prices[field] === null) continue;
      const message = `an exit of a ${side} entry stands without the entry`;
      faults.push({ code: "SIGNAL_EXIT_WITHOUT_ENTRY", field, message, expected: `a ${side} entry, or an empty cell` });
    }
    if (loss !== null && gain !== null && !beyond(loss, gain)) {
      const message = `the stop ${loss} is not ${losing} the target ${gain}`;
      faults.push({ code: "BRACKET_LEGS_CROSS", field: stop, message, expected: `a stop ${losing} the target` });
    }
    if (at === null) continue;
    if (loss !== null && !beyond(loss, at)) {
      const message = `the stop ${loss} of a ${side} is not ${losing} its entry ${at}`;
      faults.push({ code: "STOP_WRONG_SIDE", field: stop, message, expected: `a price ${losing} ${at}` });
    }
    if (gain !== null && !beyond(at, gain)) {
      const message = `the target ${gain} of a ${side} is not ${winning} its entry ${at}`;
      faults.push({ code: "TARGET_WRONG_SIDE", field: target, message, expected: `a price ${winning} ${at}` });
    }
  }
  return faults;
}
