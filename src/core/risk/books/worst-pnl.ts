import type { PnlDistribution } from "../pnl-distribution.js";

/**
 * The worst scenarios of a series: the first entries of its distribution, without sorting the rest.
 *
 * @param pnl finite profits and losses, one per scenario
 * @param wanted how many, at most as many as there are
 * @see C. A. R. Hoare, Algorithm 65: Find, Communications of the ACM 4 (1961)
 */
export function worstPnl(pnl: Float64Array, wanted: number): PnlDistribution {
  const threshold = smallest(pnl.slice(), wanted);
  const worst: number[] = [];
  for (let s = 0; s < pnl.length; s++) if ((pnl[s] as number) <= threshold) worst.push(s);
  worst.sort((a, b) => (pnl[a] as number) - (pnl[b] as number) || a - b);
  const scenarios = Uint32Array.from(worst.slice(0, wanted));
  // A difference with 0 is never negative zero.
  return { count: pnl.length, losses: Float64Array.from(scenarios, (scenario) => 0 - (pnl[scenario] as number)), scenarios };
}

/** The wanted-smallest value; the array is put into another order on the way, and which one changes no value. */
function smallest(values: Float64Array, wanted: number): number {
  const target = wanted - 1;
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const pivot = middleOf(values[from] as number, values[(from + to) >> 1] as number, values[to] as number);
    let low = from;
    let high = to;
    while (low <= high) {
      while ((values[low] as number) < pivot) low++;
      while ((values[high] as number) > pivot) high--;
      if (low > high) break;
      const kept = values[low] as number;
      values[low++] = values[high] as number;
      values[high--] = kept;
    }
    if (target <= high) to = high;
    else if (target >= low) from = low;
    else break;
  }
  return values[target] as number;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
