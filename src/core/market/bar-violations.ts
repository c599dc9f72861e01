import type { Violation } from "../quality/violation.js";

/** Every way in which a bar can break the contract, with the sentence that a person reads. */
export const BAR_RULES = {
  TS_INVALID: "the close time is no time",
  TS_NAIVE: "the close time names no time zone",
  TS_NOT_INCREASING: "a bar is older than the one before it",
  TS_DUPLICATE: "two bars have the same close time",
  TS_OFF_GRID: "the close time does not fit the timeframe",
  SYMBOL_MIXED: "a bar belongs to another symbol",
  TIMEFRAME_MIXED: "a bar belongs to another timeframe",
  TIMEFRAME_TOO_COARSE: "the bars are longer than their timeframe says",
  PRICE_MISSING: "a price is missing",
  PRICE_NOT_A_NUMBER: "a price is no number",
  PRICE_NOT_POSITIVE: "a price is zero or negative",
  PRICE_NOT_SCALED: "a price is no whole number at the price scale",
  HIGH_BELOW_BODY: "high is below open or close",
  LOW_ABOVE_BODY: "low is above open or close",
  VOLUME_MISSING: "the volume is missing",
  VOLUME_NOT_A_NUMBER: "the volume is no number",
  VOLUME_NOT_SCALED: "the volume is no whole number at the volume scale",
  VOLUME_NEGATIVE: "the volume is negative",
} as const;

export type BarRule = keyof typeof BAR_RULES;

/** One broken rule in one bar. */
export interface BarViolation extends Violation {
  readonly code: BarRule;
  /** 0-based row in the data as they were handed in; whoever read a file turns it into a line. */
  readonly row: number;
}

/** What a check found: the first violations in full, and how often each rule was broken in all. */
export interface BarReport {
  /** Rows looked at. */
  readonly rows: number;
  /** True when no rule was broken. */
  readonly ok: boolean;
  /** The first violations by row, at most as many as asked for. */
  readonly violations: readonly BarViolation[];
  /** Broken rules in all, those not listed included. */
  readonly total: number;
  /** Count per broken rule, ascending by code. */
  readonly totals: readonly { readonly code: BarRule; readonly count: number }[];
}

/** What a violation says beyond its rule. */
export interface BarFinding {
  readonly row: number;
  readonly field: string;
  readonly value: string;
  readonly expected: string;
}

/** Keeps the first violations and counts all. */
export class BarViolationList {
  readonly #limit: number;
  readonly #kept: BarViolation[] = [];
  readonly #counts = new Map<BarRule, number>();
  #total = 0;

  /** @param limit violations kept in full, at least 1. */
  constructor(limit: number) {
    if (!(Number.isInteger(limit) && limit >= 1)) throw new RangeError(`limit ${limit} is no whole number from 1 on`);
    this.#limit = limit;
  }

  /** Violations so far, those not kept included. */
  get total(): number {
    return this.#total;
  }

  add(code: BarRule, finding: BarFinding): void {
    this.#total += 1;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    if (this.#kept.length >= this.#limit) return;
    const message = `${BAR_RULES[code]}: row ${finding.row}, ${finding.field} is ${finding.value}, expected ${finding.expected}`;
    this.#kept.push({ code, message, ...finding });
  }

  report(rows: number): BarReport {
    const codes = [...this.#counts.keys()].sort();
    return {
      rows,
      ok: this.#total === 0,
      violations: [...this.#kept],
      total: this.#total,
      totals: codes.map((code) => ({ code, count: this.#counts.get(code) ?? 0 })),
    };
  }
}
