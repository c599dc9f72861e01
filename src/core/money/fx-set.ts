/**
 * The one set of exchange rates of a run: a tree of currencies rooted at a pivot.
 *
 * Invariant: between any two currencies there is exactly one path, so a conversion has one answer. Each edge is a constant or a dated
 * series; of a series the last rate at or before a time holds, and none that is older than the set's age limit.
 */
import type { Violation } from "../quality/violation.js";
import type { UtcMillis } from "../tape/event.js";
import { decimalPlaces, divideHalfEven, formatBig, parseBig, pow10Big } from "./decimal.js";
import { RATE_SCALE } from "./units.js";

/** One rate: one `base` is `rate` of `quote`. */
export interface FxQuote {
  readonly base: string;
  readonly quote: string;
  /** Positive decimal text. */
  readonly rate: string;
  /** From when it holds; null for a constant, which always does. */
  readonly at: UtcMillis | null;
  /** Where it was stated, for messages. */
  readonly file?: string;
  readonly line?: number;
}

export interface FxTerms {
  readonly pivot: string;
  /** Oldest that a dated rate may be when it is used. */
  readonly max_age_ms: number;
}

export type FxAnswer =
  /** `text` is exact or rounded half-even to 18 decimals; it holds for times in `[ts, until)`. */
  | { readonly kind: "rate"; readonly text: string; readonly until: UtcMillis }
  /** The set has no such currency. */
  | { readonly kind: "missing"; readonly currency: string }
  /** The newest rate of an edge is too old, or the first one comes later (`as_of` null). */
  | { readonly kind: "stale"; readonly pair: string; readonly as_of: UtcMillis | null };

export type FxOpened =
  | { readonly kind: "open"; readonly set: FxSet }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

interface Edge {
  /** The pair as it was stated, for messages. */
  readonly pair: string;
  readonly child: string;
  readonly parent: string;
  /** Ascending; one of minus infinity for a constant. */
  readonly at: readonly number[];
  /** What one `child` is worth in `parent`, as fractions. */
  readonly numerator: readonly bigint[];
  readonly denominator: readonly bigint[];
}

const CODE = /^[A-Z][A-Z0-9]{1,9}$/;

/** Checks quotes and roots them at the pivot; reports everything that is wrong. */
export function openFxSet(terms: FxTerms, quotes: readonly FxQuote[]): FxOpened {
  const violations: Violation[] = [];
  const sound = quotes.filter((quote) => isSound(quote, violations));
  const pairs = groupPairs(sound);
  for (const pair of pairs.values()) checkPair(pair, violations);
  const edges = rootTree(terms.pivot, pairs, violations);
  return violations.length > 0 ? { kind: "refused", violations } : { kind: "open", set: new FxSet(terms, edges) };
}

export class FxSet {
  readonly terms: FxTerms;
  readonly #edges: ReadonlyMap<string, Edge>;

  /** Use {@link openFxSet}, which checks what this rests on. */
  constructor(terms: FxTerms, edges: ReadonlyMap<string, Edge>) {
    this.terms = terms;
    this.#edges = edges;
  }

  /** Every currency of the set, ascending. */
  get currencies(): readonly string[] {
    return [this.terms.pivot, ...this.#edges.keys()].sort();
  }

  /** What one `from` is worth in `to` at a time: the pivot rate of the one over that of the other. */
  rateAt(from: string, to: string, ts: UtcMillis): FxAnswer {
    if (from === to) return { kind: "rate", text: "1", until: Number.POSITIVE_INFINITY };
    const left = this.#pivotRate(from, ts);
    if (left.kind !== "found") return left;
    const right = this.#pivotRate(to, ts);
    if (right.kind !== "found") return right;
    const value = divideHalfEven(left.numerator * right.denominator * pow10Big(RATE_SCALE), left.denominator * right.numerator);
    return { kind: "rate", text: formatBig(value, RATE_SCALE), until: Math.min(left.until, right.until) };
  }

  #pivotRate(
    currency: string,
    ts: UtcMillis,
  ):
    | { readonly kind: "found"; readonly numerator: bigint; readonly denominator: bigint; readonly until: number }
    | Exclude<FxAnswer, { kind: "rate" }> {
    let numerator = 1n;
    let denominator = 1n;
    let until = Number.POSITIVE_INFINITY;
    for (let at = currency; at !== this.terms.pivot; ) {
      const edge = this.#edges.get(at);
      if (edge === undefined) return { kind: "missing", currency };
      const index = lastAtOrBefore(edge.at, ts);
      const time = edge.at[index];
      // A constant is never too old: minus infinity stands for always.
      const old = time !== undefined && time !== Number.NEGATIVE_INFINITY && ts - time > this.terms.max_age_ms;
      if (time === undefined || old) return { kind: "stale", pair: edge.pair, as_of: time ?? null };
      numerator *= edge.numerator[index] as bigint;
      denominator *= edge.denominator[index] as bigint;
      const expires = time === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : time + this.terms.max_age_ms + 1;
      until = Math.min(until, edge.at[index + 1] ?? Number.POSITIVE_INFINITY, expires);
      at = edge.parent;
    }
    return { kind: "found", numerator, denominator, until };
  }
}

function isSound(quote: FxQuote, violations: Violation[]): boolean {
  const before = violations.length;
  const { base, quote: other, rate } = quote;
  if (!CODE.test(base) || !CODE.test(other) || base === other)
    violations.push(
      at(
        quote,
        "FX_PAIR_INVALID",
        `${base}/${other} is no pair of two currencies`,
        "pair",
        `${base}/${other}`,
        "two currency codes such as EUR/USD",
      ),
    );
  const places = decimalPlaces(rate);
  if (places === null || places > RATE_SCALE || rate.length > 2 * RATE_SCALE || (parseBig(rate, RATE_SCALE) ?? 0n) <= 0n)
    violations.push(
      at(
        quote,
        "FX_RATE_INVALID",
        `the rate of ${base}/${other} is "${rate}"`,
        "rate",
        rate,
        `a decimal above 0 with at most ${RATE_SCALE} places`,
      ),
    );
  return violations.length === before;
}

/** Quotes of two currencies in either direction, in the order stated. */
interface Pair {
  readonly base: string;
  readonly quote: string;
  readonly quotes: FxQuote[];
}

function groupPairs(quotes: readonly FxQuote[]): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const quote of quotes) {
    const key = [quote.base, quote.quote].sort().join("/");
    const pair = pairs.get(key) ?? { base: quote.base, quote: quote.quote, quotes: [] };
    pair.quotes.push(quote);
    pairs.set(key, pair);
  }
  return pairs;
}

/** Two quotes of one pair at one time must say the same, and a pair is either a constant or a series. */
function checkPair({ base, quote, quotes }: Pair, violations: Violation[]): void {
  const first = new Map<number | null, FxQuote>();
  const constant = quotes.find((q) => q.at === null);
  for (const q of quotes) {
    if (constant !== undefined && q.at !== null)
      violations.push(
        at(
          q,
          "FX_RATE_CONFLICT",
          `${base}/${quote} is a constant ${constant.rate} and has dated rates as well`,
          "rate",
          q.rate,
          "a constant, or dated rates",
        ),
      );
    const known = first.get(q.at);
    if (known === undefined) {
      first.set(q.at, q);
      continue;
    }
    const same = q.base === known.base;
    if (same && compare(q.rate, known.rate) !== 0)
      violations.push(
        at(
          q,
          "FX_RATE_CONFLICT",
          `${q.base}/${q.quote} is ${q.rate} here and ${known.rate} elsewhere for the same time`,
          "rate",
          q.rate,
          known.rate,
        ),
      );
    if (!same && !areInverse(q.rate, known.rate))
      violations.push(
        at(
          q,
          "FX_INVERSE_DISAGREES",
          `${q.base}/${q.quote} at ${q.rate} and ${known.base}/${known.quote} at ${known.rate} are no inverses of each other`,
          "rate",
          q.rate,
          `1 / ${known.rate}, or no inverse`,
        ),
      );
  }
}

/** Roots the graph at the pivot; every pair must be an edge of one tree. */
function rootTree(pivot: string, pairs: ReadonlyMap<string, Pair>, violations: Violation[]): ReadonlyMap<string, Edge> {
  const edges = new Map<string, Edge>();
  const reached = new Set([pivot]);
  const open = [...pairs.values()];
  for (let found = true; found; ) {
    found = false;
    for (let i = 0; i < open.length; i++) {
      const pair = open[i] as Pair;
      const hasBase = reached.has(pair.base);
      const hasQuote = reached.has(pair.quote);
      if (!hasBase && !hasQuote) continue;
      open.splice(i, 1);
      i -= 1;
      found = true;
      const [stated] = pair.quotes as [FxQuote];
      if (hasBase && hasQuote) {
        const message = `${pair.base}/${pair.quote} is a second way between currencies that are joined already`;
        violations.push(
          at(stated, "FX_SECOND_PATH", message, "pair", `${pair.base}/${pair.quote}`, `one way from each currency to ${pivot}`),
        );
        continue;
      }
      const child = hasBase ? pair.quote : pair.base;
      reached.add(child);
      edges.set(child, edgeOf(child, hasBase ? pair.base : pair.quote, pair));
    }
  }
  for (const pair of open) {
    const [stated] = pair.quotes as [FxQuote];
    const name = `${pair.base}/${pair.quote}`;
    violations.push(
      at(stated, "FX_UNCONNECTED", `nothing joins ${name} to the pivot ${pivot}`, "pair", name, `a rate between ${pivot} and one of them`),
    );
  }
  return edges;
}

function edgeOf(child: string, parent: string, { base: first, quote: second, quotes }: Pair): Edge {
  const byTime = new Map<number, FxQuote>();
  for (const quote of quotes) {
    const time = quote.at ?? Number.NEGATIVE_INFINITY;
    if (!byTime.has(time)) byTime.set(time, quote);
  }
  const times = [...byTime.keys()].sort((a, b) => (a < b ? -1 : 1));
  const fractions = times.map((time) => {
    const { base, rate } = byTime.get(time) as FxQuote;
    const scale = decimalPlaces(rate) ?? 0;
    const value = parseBig(rate, scale) ?? 0n;
    return base === child ? ([value, pow10Big(scale)] as const) : ([pow10Big(scale), value] as const);
  });
  return {
    pair: `${first}/${second}`,
    child,
    parent,
    at: times,
    numerator: fractions.map(([n]) => n),
    denominator: fractions.map(([, d]) => d),
  };
}

function lastAtOrBefore(times: readonly number[], ts: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= ts) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function compare(a: string, b: string): number {
  const difference = (parseBig(a, RATE_SCALE) ?? 0n) - (parseBig(b, RATE_SCALE) ?? 0n);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The rate with fewer digits is the other's inverse as far as its own digits go; with as many, each is the other's. */
function areInverse(a: string, b: string): boolean {
  const finer = significant(a) - significant(b);
  return (finer < 0 || isInverseOf(b, a)) && (finer > 0 || isInverseOf(a, b));
}

function significant(text: string): number {
  return text.replace(/[^0-9]/g, "").replace(/^0+/, "").length;
}

function isInverseOf(text: string, of: string): boolean {
  const places = decimalPlaces(text) ?? 0;
  const scale = decimalPlaces(of) ?? 0;
  const inverse = divideHalfEven(pow10Big(places + scale), parseBig(of, scale) ?? 1n);
  return inverse === parseBig(text, places);
}

function at(quote: FxQuote, code: string, message: string, field: string, value: string, expected: string): Violation {
  return {
    code,
    message,
    ...(quote.file === undefined ? {} : { file: quote.file }),
    ...(quote.line === undefined ? {} : { line: quote.line }),
    field,
    value,
    expected,
  };
}
