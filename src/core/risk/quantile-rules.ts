/**
 * Sample quantiles with their positions in whole numbers: n p + m is a fraction over millionths, never a double.
 *
 * @see R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, American Statistician 50 (1996)
 */
import { MILLION } from "./input-checks.js";

/** The nine types of Hyndman and Fan. Type 7 is the default of R and numpy. */
export type HyndmanFanType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** A quantile as two neighbours in ascending order: `(1 - upperShare) x[lower] + upperShare x[upper]`, ranks from 1. */
export interface QuantilePosition {
  readonly lower: number;
  readonly upper: number;
  readonly upperShare: number;
}

/** `n p + m` over a common denominator; the denominators divide out what m has. */
function positionOf(n: number, p: number, type: HyndmanFanType): { readonly up: number; readonly down: number } {
  const np = n * p;
  switch (type) {
    case 1:
    case 2:
    case 4:
      return { up: np, down: MILLION };
    case 3:
      return { up: 2 * np - MILLION, down: 2 * MILLION };
    case 5:
      return { up: 2 * np + MILLION, down: 2 * MILLION };
    case 6:
      return { up: np + p, down: MILLION };
    case 7:
      return { up: np - p + MILLION, down: MILLION };
    case 8:
      return { up: 3 * np + p + MILLION, down: 3 * MILLION };
    case 9:
      return { up: 8 * np + 2 * p + 3 * MILLION, down: 8 * MILLION };
  }
}

/**
 * @param n at least 1 and at most 10^9
 * @param p in millionths, between 0 and 10^6
 */
export function quantilePosition(n: number, p: number, type: HyndmanFanType): QuantilePosition {
  const { up, down } = positionOf(n, p, type);
  const below = Math.floor(up / down);
  const rest = up - below * down;
  return between(n, below, shareOf(type, rest / down, below));
}

/** How much of the upper neighbour counts. */
function shareOf(type: HyndmanFanType, rest: number, below: number): number {
  if (type === 1) return rest > 0 ? 1 : 0;
  if (type === 2) return rest > 0 ? 1 : 0.5;
  if (type === 3) return rest === 0 && below % 2 === 0 ? 0 : 1;
  return rest;
}

/** Positions beyond the sample are its extremes. */
function between(n: number, below: number, share: number): QuantilePosition {
  const lower = Math.min(Math.max(below, 1), n);
  const upper = Math.min(Math.max(below + 1, 1), n);
  if (share === 0 || lower === upper) return { lower, upper: lower, upperShare: 0 };
  if (share === 1) return { lower: upper, upper, upperShare: 0 };
  return { lower, upper, upperShare: share };
}
