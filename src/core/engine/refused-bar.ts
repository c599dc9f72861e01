import type { BarColumns } from "../market/bars.js";
import { formatScaled } from "../money/decimal.js";
import type { RawBar, ReadinessFault } from "../quality/readiness.js";
import type { BarRefused } from "./session-events.js";

const PRICES = ["open", "high", "low", "close"] as const;

/** A faulty bar as the tape tells it: what it brought, as far as that can be written. */
export function refusedBar({ symbol, price_scale, volume_scale }: BarColumns, bar: RawBar, faults: readonly ReadinessFault[]): BarRefused {
  const number = (name: (typeof PRICES)[number] | "volume", scale: number): Partial<BarRefused> => {
    const value = bar[name];
    return typeof value === "number" && Number.isSafeInteger(value) ? { [name]: formatScaled(value, scale) } : {};
  };
  return {
    symbol,
    faults: [...faults],
    ...timeOf(bar.ts),
    ...Object.assign({}, ...PRICES.map((name) => number(name, price_scale))),
    ...number("volume", volume_scale),
  };
}

function timeOf(ts: unknown): Pick<BarRefused, "ts" | "time"> {
  if (typeof ts === "string") return { time: ts };
  return typeof ts === "number" && Number.isSafeInteger(ts) && Math.abs(ts) <= LATEST ? { ts } : {};
}

/** Farthest instant that a tape can name. */
const LATEST = 8.64e15;
