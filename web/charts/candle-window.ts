/** Windows on a row of candles: never empty, never beyond its ends. */
import type { CandleWindow } from "../report/views/candle-view.js";

/** Candles that the closest window shows. */
const FEWEST = 20;

export function whole(count: number): CandleWindow {
  return { from: 0, to: count };
}

/** Zooms about the middle: a factor below 1 shows less. */
export function zoomed({ from, to }: CandleWindow, count: number, factor: number): CandleWindow {
  const size = Math.min(Math.max(Math.round((to - from) * factor), Math.min(FEWEST, count)), count);
  return placed(Math.round((from + to - size) / 2), size, count);
}

/** Moves by a share of the window's own width. */
export function moved({ from, to }: CandleWindow, count: number, share: number): CandleWindow {
  return placed(from + Math.round((to - from) * share), to - from, count);
}

/** The window between two places on the screen, as fractions of the present window. */
export function between({ from, to }: CandleWindow, count: number, a: number, b: number): CandleWindow {
  const [low, high] = a < b ? [a, b] : [b, a];
  const first = from + Math.floor(low * (to - from));
  const size = Math.max(from + Math.ceil(high * (to - from)) - first, Math.min(FEWEST, count));
  return placed(first, Math.min(size, count), count);
}

function placed(from: number, size: number, count: number): CandleWindow {
  const first = Math.min(Math.max(from, 0), count - size);
  return { from: first, to: first + size };
}
