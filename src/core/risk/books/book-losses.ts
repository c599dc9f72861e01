/** Weighted mean losses of every holding over the worst scenarios of its book: what components of VaR and ES are made of. */
import type { BookColumns } from "./pnl-books.js";

/** A weighted mean over neighbouring ranks; the same ranks and weights hold for every book. */
export interface RankMean {
  /** First rank, from 0 for the worst scenario. */
  readonly from: number;
  readonly weights: Float64Array;
}

/** What is averaged. */
export interface LossPlan {
  /** Ranks that are known of each book. */
  readonly ranks: number;
  /** Book after book: the scenario at each rank. */
  readonly scenarios: Uint32Array;
  readonly means: readonly RankMean[];
}

/**
 * Averages the losses of the holdings from `from` to before `until`. A holding's mean is summed by rank with compensation and rests on nothing
 * but its own row, so that any number of threads gets the same bits.
 *
 * @param losses mean after mean, one entry per holding
 */
export function splitLosses(
  books: BookColumns,
  { ranks, scenarios, means }: LossPlan,
  from: number,
  until: number,
  losses: Float64Array,
): void {
  const { starts, rows, factors, pnl } = books;
  const held = new Float64Array(ranks);
  let book = 0;
  for (let holding = from; holding < until; holding++) {
    while ((starts[book + 1] as number) <= holding) book++;
    const row = (rows[holding] as number) * books.scenarios;
    const factor = factors[holding] as number;
    const first = book * ranks;
    for (let rank = 0; rank < ranks; rank++) held[rank] = -(factor * (pnl[row + (scenarios[first + rank] as number)] as number));
    for (let mean = 0; mean < means.length; mean++) losses[mean * rows.length + holding] = meanOf(held, means[mean] as RankMean);
  }
}

/** As a `CompensatedSum` of the weighted losses, without an object per holding. */
function meanOf(held: Float64Array, { from, weights }: RankMean): number {
  let sum = 0;
  let compensation = 0;
  for (let n = 0; n < weights.length; n++) {
    const value = (weights[n] as number) * (held[from + n] as number);
    const next = sum + value;
    compensation += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return 0 + (sum + compensation);
}
