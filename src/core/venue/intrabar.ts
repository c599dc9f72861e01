/**
 * Which of several orders that cancel each other a bar fills, when it reaches more than one of them and does not tell the order.
 *
 * The rule is named by the run: `stop_first` (the worse for who holds the position), `target_first` (the better), or
 * `nearer_extreme` (the extreme nearer to the open came first; both as near: the high). Orders of one kind, two stops that enter
 * either way for example, are told apart by the nearer extreme under every rule. Whatever depended on the rule is marked.
 */
import type { IntrabarRule, LimitFill } from "../engine/run-config.js";
import { type BarPrices, type Match, type MatchedPrice, matchClose, passes, priceOf, reached, type WorkingOrder } from "./matching.js";

/** An order that the bar would fill if it were alone. */
export interface Candidate<T extends WorkingOrder> {
  readonly order: T;
  readonly match: Match & { readonly fill: MatchedPrice };
}

/** The one that fills. */
export interface FirstFill<T extends WorkingOrder> {
  readonly winner: Candidate<T>;
  /** True when the bar does not tell which was first. */
  readonly ambiguous: boolean;
  /** Price of the one that might have been first instead, or null. */
  readonly other: number | null;
}

const WHEN: Readonly<Record<MatchedPrice["at"], number>> = { open: 0, intrabar: 1, close: 2 };

/** When within the bar something happens to an order: 0 at the open, 1 inside, 2 at the close. */
export function turnOf({ fill }: Match): number {
  return fill === null ? WHEN.intrabar : WHEN[fill.at];
}

/** @param candidates at least one, ascending by creation. */
export function firstOf<T extends WorkingOrder>(candidates: readonly Candidate<T>[], bar: BarPrices, rule: IntrabarRule): FirstFill<T> {
  const earliest = Math.min(...candidates.map(({ match }) => WHEN[match.fill.at]));
  const rivals = candidates.filter(({ match }) => WHEN[match.fill.at] === earliest);
  const [first, ...rest] = rivals;
  if (first === undefined) throw new Error("nobody to choose from");
  // What happens at the open or at the close happens in the order of the orders.
  if (rest.length === 0 || earliest !== WHEN.intrabar) return { winner: first, ambiguous: false, other: null };
  const ranked = [...rivals].sort((a, b) => rank(a.order, rule) - rank(b.order, rule) || alongPath(a, bar) - alongPath(b, bar));
  const [winner, loser] = ranked as [Candidate<T>, Candidate<T>];
  return { winner, ambiguous: true, other: loser.match.fill.price };
}

/** 0 for what the rule prefers. */
function rank(order: WorkingOrder, rule: IntrabarRule): number {
  if (rule === "nearer_extreme") return 0;
  return isTarget(order) === (rule === "target_first") ? 0 : 1;
}

/** How far along the assumed path a fill lies: to the first extreme, back, and to the other. */
function alongPath({ match }: Candidate<WorkingOrder>, bar: BarPrices): number {
  const { price } = match.fill;
  const up = price >= bar.open;
  const distance = Math.abs(price - bar.open);
  return up === highFirst(bar) ? distance : 2 * (up ? bar.open - bar.low : bar.high - bar.open) + distance;
}

function highFirst(bar: BarPrices): boolean {
  return bar.high - bar.open <= bar.open - bar.low;
}

function isTarget(order: WorkingOrder): boolean {
  return order.type === "limit";
}

/** What the bar in which an entry filled does to one of its exits. */
export interface AfterEntry {
  readonly match: Match;
  /** False when the bar does not prove the outcome. */
  readonly certain: boolean;
  /** Where the exit might have filled though the rule says that it did not, or null. */
  readonly missed: number | null;
}

const ASLEEP: Match = { fill: null, trigger: null };

/** An entry that filled inside the bar. */
export interface EntryInside {
  readonly price: number;
  /** Which way the price went when it first came to the entry; null where that is not known. */
  readonly came: "up" | "down" | null;
}

/**
 * Matches the exits of an entry against the bar in which that entry filled. Certain to come after the entry are the close, and what
 * lies beyond the entry in the direction in which the price came to it; what else the bar reached may lie before. Under `stop_first`
 * a stop that the bar reached counts as hit and a target only where it is certain; `target_first` is the reverse; `nearer_extreme`
 * follows the assumed path from the entry on. A stop that was reached in an earlier bar leaves at the close.
 */
export function afterEntry(exit: WorkingOrder, entry: EntryInside, bar: BarPrices, rule: IntrabarRule, limitFill: LimitFill): AfterEntry {
  const target = isTarget(exit);
  if (!target && exit.triggered) return { match: matchClose(bar.close), certain: true, missed: null };
  const level = priceOf(target ? exit.limit : exit.stop);
  // Slippage may have carried the entry's price out of the bar.
  const from = Math.min(Math.max(entry.price, bar.low), bar.high);
  // A stop that the entry's price is beyond already leaves at once, as at an open.
  if (!target && reached(exit.side, level, from)) {
    return { match: { fill: { price: from, at: "intrabar", taken: true }, trigger: from }, certain: true, missed: null };
  }
  const hits = (price: number): boolean => (target ? passes(exit.side, level, price, limitFill) : reached(exit.side, level, price));
  const extreme = target === (exit.side === "sell") ? bar.high : bar.low;
  if (!hits(extreme)) return { match: ASLEEP, certain: true, missed: null };
  const beyond = (entry.came === "down" && level <= from) || (entry.came === "up" && level >= from);
  const proven = beyond || hits(bar.close);
  const counts = proven || (rule === "nearer_extreme" ? pathFrom(from, bar).some(hits) : target === (rule === "target_first"));
  if (!counts) return { match: ASLEEP, certain: false, missed: level };
  const match: Match = target
    ? { fill: { price: Math.min(Math.max(level, bar.low), bar.high), at: "intrabar", taken: false }, trigger: null }
    : { fill: { price: level, at: "intrabar", taken: true }, trigger: level };
  return { match, certain: proven, missed: null };
}

/** The turning points that the assumed path still passes after it first came to `entry`. */
function pathFrom(entry: number, bar: BarPrices): readonly number[] {
  const points = highFirst(bar) ? [bar.open, bar.high, bar.low, bar.close] : [bar.open, bar.low, bar.high, bar.close];
  for (let n = 1; n < points.length; n++) {
    const from = points[n - 1] as number;
    const to = points[n] as number;
    if (Math.min(from, to) <= entry && entry <= Math.max(from, to)) return points.slice(n);
  }
  return [bar.close];
}
