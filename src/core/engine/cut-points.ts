/**
 * Where to cut a run in order to look for look-ahead: after how many slices.
 *
 * The run is divided into as many stretches as there are points, one point in each, the first within the first quarter and the last
 * within the last (from two points on), never the whole run. Inside a stretch the place is arbitrary but fixed, so that points do not
 * all fall on the same minute of a day.
 *
 * @param slices slices of the run.
 * @param points how many are wanted; fewer come back where the run is shorter.
 * @param fraction a number in [0, 1) for each point, the same in every call.
 * @returns slices kept by each cut, ascending, each from 1 to `slices - 1`.
 */
export function cutPoints(slices: number, points: number, fraction: (point: number) => number): readonly number[] {
  const places = slices - 1;
  const count = Math.min(points, places);
  const taken = new Set<number>();
  for (let k = 0; k < count; k++) {
    const from = k === count - 1 && count > 1 ? Math.max(k / count, 0.75) : k / count;
    const to = k === 0 && count > 1 ? Math.min(1 / count, 0.25) : (k + 1) / count;
    let kept = 1 + Math.floor((from + fraction(k) * (to - from)) * places);
    // A short run has fewer places than stretches have room for.
    while (taken.has(kept)) kept = (kept % places) + 1;
    taken.add(kept);
  }
  return [...taken].sort((a, b) => a - b);
}
