/** Scales and ticks: pure arithmetic, the same on every machine. */
import { ceil10 } from "../../src/core/report/nice-step.js";

/** Maps values to pixels, the largest on top. */
export interface LinearScale {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Pixels from the top, rounded to tenths. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

export interface ScaleOptions {
  readonly height: number;
  /** Ticks wanted at most. */
  readonly ticks?: number;
  /** Include zero even where no value is near it. */
  readonly zero?: boolean;
  /** Room above and below the values as a share of their range; an end at zero needs none. Default a twentieth. */
  readonly room?: number;
  /** More room above, as a share of the whole height, for labels. */
  readonly head?: number;
}

/** A scale over values; one value alone gets room above and below. */
export function linearScale(
  values: Iterable<number>,
  { height, ticks = 5, zero = false, room = 0.05, head = 0 }: ScaleOptions,
): LinearScale {
  let low = zero ? 0 : Number.POSITIVE_INFINITY;
  let high = zero ? 0 : Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [0, 1];
  if (low === high) {
    const around = low === 0 ? 1 : Math.abs(low) / 100;
    [low, high] = zero ? (low < 0 ? [low, 0] : [0, high === 0 ? 1 : high]) : [low - around, high + around];
  }
  const margin = (high - low) * room;
  const min = low === 0 && zero ? 0 : low - margin;
  const top = high === 0 && zero ? 0 : high + margin;
  const max = top + ((top - min) * head) / (1 - head);
  const step = ceil10((max - min) / ticks);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  const span = max - min;
  return {
    min,
    max,
    step,
    at: (value) => tenth(((max - value) / span) * height),
    ticks: Array.from({ length: last - first + 1 }, (_, i) => multiple(first + i, step)),
  };
}

/** `count` x `step` without the noise of the product: -0 and 0.30000000000000004 are neither. */
function multiple(count: number, step: number): number {
  return count === 0 ? 0 : Number((count * step).toPrecision(12));
}

/** Digits after the point that ticks of this step need. */
export function stepDecimals(step: number): number {
  let decimals = 0;
  for (let scaled = step; decimals < 12 && Math.abs(scaled - Math.round(scaled)) > 1e-9 * Math.max(1, scaled); decimals++)
    scaled = Number(`${step}e${decimals + 1}`);
  return decimals;
}

/** The middle of place `index` among `count` equal ones, as a fraction of the width. */
export function middle(index: number, count: number): number {
  return (index + 0.5) / Math.max(count, 1);
}

/** Pixels to a tenth: finer is neither seen nor worth its bytes. */
export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A fraction of the width as SVG wants it: `12.34%`. */
export function percentOf(fraction: number): string {
  return `${Math.round(fraction * 10_000) / 100}%`;
}
