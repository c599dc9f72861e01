/** The lines that nearly every weekly file is made of, read without cutting them into cells that nobody keeps. */
import { parseDay } from "../../market/civil-date.js";
import type { FileLayout, RawRow } from "./weekly-file.js";

const BAR = 124;
const SPACE = 32;
const ZERO = 48;
const LAST_PLAIN = 126;
/** Digits that always make a safe integer. */
const SAFE_DIGITS = 15;

/** Reads lines of printable ASCII whose cells need no trimming and hold nothing strange; every other line is somebody else's. */
export class PlainLines {
  readonly #layout: FileLayout;
  /** Where each cell of the line at hand begins; one more stands behind the last. */
  readonly #starts: number[];
  /** One text per venue. */
  readonly #venues = new Map<string, string>();
  #last: RawRow | null = null;

  constructor(layout: FileLayout) {
    this.#layout = layout;
    this.#starts = Array.from({ length: layout.width + 1 }, () => 0);
  }

  /** The row that `readLine` makes of the line, or null where it has to say. @param line 1-based. */
  read(text: string, line: number): RawRow | null {
    if (!this.#cut(text)) return null;
    const { at } = this.#layout;
    const last = this.#last;
    const shares = this.#count(text, at.shares);
    const trades = this.#count(text, at.trades);
    if (shares < 0 || trades < 0) return null;
    const week_ending = this.#day(text, at.week_ending, last?.week_ending);
    const last_update = this.#day(text, at.last_update, last?.last_update);
    const symbol = this.#cell(text, at.symbol, last?.symbol);
    const tier = at.tier === undefined ? null : this.#cell(text, at.tier, last?.tier);
    const mpid = this.#cell(text, at.mpid, last?.mpid);
    if (week_ending === undefined || last_update === undefined || symbol === null || mpid === null) return null;
    if (tier === null && at.tier !== undefined) return null;
    const row = { line, raw: text, tier, week_ending, last_update, symbol, mpid: this.#shared(mpid), shares, trades };
    this.#last = row;
    return row;
  }

  /** @returns false for another number of cells, and for any character that is no printable ASCII. */
  #cut(text: string): boolean {
    const starts = this.#starts;
    const { width } = this.#layout;
    let cells = 1;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit < SPACE || unit > LAST_PLAIN) return false;
      if (unit !== BAR) continue;
      if (cells === width) return false;
      starts[cells] = at + 1;
      cells += 1;
    }
    starts[cells] = text.length + 1;
    return cells === width;
  }

  /** A whole number of few digits; -1 for whatever else stands there. */
  #count(text: string, column: number | undefined): number {
    if (column === undefined) return -1;
    const from = this.#starts[column] as number;
    const to = (this.#starts[column + 1] as number) - 1;
    if (to === from || to - from > SAFE_DIGITS) return -1;
    let value = 0;
    for (let at = from; at < to; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  /** A cell that trimming leaves as it is; null for another. @param last text of the line before: that of the same text is used again. */
  #cell(text: string, column: number | undefined, last: string | null | undefined): string | null {
    if (column === undefined) return null;
    const from = this.#starts[column] as number;
    const to = (this.#starts[column + 1] as number) - 1;
    if (text.charCodeAt(from) === SPACE || text.charCodeAt(to - 1) === SPACE) return null;
    return typeof last === "string" && last.length === to - from && text.startsWith(last, from) ? last : text.slice(from, to);
  }

  /** A day, or null where the shape has none; undefined for a cell that is none. */
  #day(text: string, column: number | undefined, last: string | null | undefined): string | null | undefined {
    if (column === undefined) return null;
    const day = this.#cell(text, column, last);
    if (day === null) return undefined;
    return day === last || parseDay(day) !== null ? day : undefined;
  }

  #shared(venue: string): string {
    const known = this.#venues.get(venue);
    if (known !== undefined) return known;
    this.#venues.set(venue, venue);
    return venue;
  }
}
