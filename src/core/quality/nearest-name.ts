/**
 * The known name that was probably meant: at most a third of its letters away (at least one, at most three edits,
 * swapped neighbours count as one), letter case ignored; of equals one with the same first letter. Null when nothing is near.
 */
export function nearestName(given: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const limit = Math.min(3, Math.max(1, Math.floor(Math.max(given.length, candidate.length) / 3)));
    const distance = editDistance(given.toLowerCase(), candidate.toLowerCase());
    const rank = distance + (given[0]?.toLowerCase() === candidate[0]?.toLowerCase() ? 0 : 0.5);
    if (distance <= limit && rank < bestRank) {
      best = candidate;
      bestRank = rank;
    }
  }
  return best;
}

/** Optimal string alignment distance. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
