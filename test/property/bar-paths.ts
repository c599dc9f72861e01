/**
 * Every way in which a price can have moved inside a bar: half steps from the open to the close that touch the high and the low and
 * leave neither. Prices are whole, so that a half step past a level is a trade through it. Orders are followed along each; what may have come of them is the set of all ends. Written from the rules alone.
 */
export interface PathBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface PathEntry {
  readonly side: "buy" | "sell";
  /** `held`: the position is there from the bar's open on, at the open. */
  readonly kind: "held" | "stop" | "limit";
  readonly level: number;
  readonly stop: number | null;
  readonly target: number | null;
}

interface Place {
  readonly price: number;
  readonly high: boolean;
  readonly low: boolean;
  /** Fills so far, such as `buy@101`. */
  readonly fills: readonly string[];
  /** Which entry filled, or null. */
  readonly entry: PathEntry | null;
  readonly out: boolean;
}

/** What may have filled, in its order, over all paths. Entries cancel each other; so do the exits of one. @param cross whether limits want more than a touch. */
export function pathOutcomes(bar: PathBar, entries: readonly PathEntry[], cross: boolean): ReadonlySet<string> {
  const ends = new Set<string>();
  const seen = new Set<string>();
  const rest: Place[] = [
    act(
      { price: bar.open, high: bar.open === bar.high, low: bar.open === bar.low, fills: [], entry: null, out: false },
      entries,
      true,
      cross,
    ),
  ];
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    const key = `${at.price} ${at.high} ${at.low} ${at.fills.join(" ")}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (at.price === bar.close && at.high && at.low) ends.add(at.fills.join(" "));
    for (const price of [at.price - 0.5, at.price + 0.5]) {
      if (price < bar.low || price > bar.high) continue;
      rest.push(act({ ...at, price, high: at.high || price === bar.high, low: at.low || price === bar.low }, entries, false, cross));
    }
  }
  return ends;
}

/** What happens to the orders when the price comes to where it is. */
function act(at: Place, entries: readonly PathEntry[], opening: boolean, cross: boolean): Place {
  const { price } = at;
  let { entry, fills, out } = at;
  const limited = (buys: boolean, level: number): boolean =>
    opening || !cross ? (buys ? price <= level : price >= level) : buys ? price < level : price > level;
  if (entry === null) {
    entry =
      entries.find(({ kind, side, level }) => {
        const buys = side === "buy";
        if (kind === "held") return opening;
        return kind === "limit" ? limited(buys, level) : buys ? price >= level : price <= level;
      }) ?? null;
    if (entry !== null) fills = [...fills, `${entry.side}@${opening ? price : entry.level}`];
  }
  if (entry !== null && !out) {
    const { side, stop, target } = entry;
    const long = side === "buy";
    const paid = (level: number): number => (opening ? price : level);
    if (stop !== null && (long ? price <= stop : price >= stop)) {
      fills = [...fills, `${long ? "sell" : "buy"}@${paid(stop)}`];
      out = true;
    } else if (target !== null && limited(!long, target)) {
      fills = [...fills, `${long ? "sell" : "buy"}@${paid(target)}`];
      out = true;
    }
  }
  return { ...at, entry, fills, out };
}
