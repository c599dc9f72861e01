/** Exchange rates as text: the CSV form that people write, and the one canonical form that a run keeps. */
import { MS_PER_DAY, parseDay } from "../market/civil-date.js";
import type { Violation } from "../quality/violation.js";
import { canonicalJson } from "../tape/canonical-json.js";
import type { UtcMillis } from "../tape/event.js";
import { type FxQuote, type FxSet, type FxTerms, openFxSet } from "./fx-set.js";

export type FxCsv =
  | { readonly kind: "parsed"; readonly quotes: readonly FxQuote[] }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const HEADER = "time,pair,rate";
const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads `time,pair,rate` rows, such as `2024-01-02,EUR/USD,1.0956`.
 *
 * A time has a zone (`2024-01-02T16:00:00+01:00`). A bare date is known from the end of that day in UTC on: a rate that was fixed in the
 * afternoon must not serve the morning.
 */
export function parseFxCsv(text: string, file: string): FxCsv {
  const violations: Violation[] = [];
  const quotes: FxQuote[] = [];
  const fault = (line: number, field: string | null, message: string, value: string, expected: string): void => {
    violations.push({ code: "FX_ROW_MALFORMED", message, file, line, ...(field === null ? {} : { field }), value, expected });
  };
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  if ((lines[0] ?? "").trim() !== HEADER) fault(1, null, "the first row does not name the columns", (lines[0] ?? "").slice(0, 80), HEADER);
  lines.slice(1).forEach((content, i) => {
    const line = i + 2;
    if (content.trim() === "") {
      if (lines.slice(line).some((later) => later.trim() !== "")) fault(line, null, "the row is empty", "", HEADER);
      return;
    }
    const [time = "", pair = "", rate = "", ...more] = content.split(",").map((cell) => cell.trim());
    if (more.length > 0 || rate === "") {
      fault(line, null, "the row has not three cells", content.slice(0, 80), HEADER);
      return;
    }
    const at = parseFxTime(time);
    if (at === null)
      fault(line, "time", `"${time}" is no time`, time, "a date such as 2024-01-31, or a time with its zone such as 2024-01-31T16:00:00Z");
    const [base = "", quote = "", ...rest] = pair.split("/");
    if (rest.length > 0 || quote === "") fault(line, "pair", `"${pair}" is no pair`, pair, "two currency codes such as EUR/USD");
    else if (at !== null) quotes.push({ base, quote, rate, at, file, line });
  });
  if (quotes.length === 0 && violations.length === 0) fault(2, null, `${file} holds no rate`, "", HEADER);
  return violations.length > 0 ? { kind: "invalid", violations } : { kind: "parsed", quotes };
}

/** From when a rate with this time holds, or null for a text that is no time. */
export function parseFxTime(text: string): UtcMillis | null {
  const day = parseDay(text);
  if (day !== null) return (day + 1) * MS_PER_DAY;
  const m = MOMENT.exec(text);
  const date = m === null ? null : parseDay(m[1] ?? "");
  if (m === null || date === null) return null;
  const [, , hour, minute, second = "0", zone = "Z"] = m;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const [zoneHours = 0, zoneMinutes = 0] = zone === "Z" ? [] : zone.slice(1).split(":").map(Number);
  if (zoneHours > 18 || zoneMinutes > 59) return null;
  const offset = (zoneHours * 60 + zoneMinutes) * 60_000 * (zone.startsWith("-") ? -1 : 1);
  return date * MS_PER_DAY + Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000 - offset;
}

/** The canonical text of a rate set: what identifies it, and what a run keeps. Quotes that say the same give the same text in any order. */
export function fxText(terms: FxTerms, quotes: readonly FxQuote[]): string {
  const rows = quotes.map(({ base, quote, rate, at }) => ({ at, pair: `${base}/${quote}`, rate: shortest(rate) }));
  rows.sort((a, b) => (a.pair < b.pair ? -1 : a.pair > b.pair ? 1 : (a.at ?? 0) - (b.at ?? 0)));
  const text = canonicalJson({ max_age_ms: terms.max_age_ms, pivot: terms.pivot, quotes: rows });
  if (!text.ok) throw new RangeError("a rate set has no canonical form");
  return text.text;
}

/** The rate set that {@link fxText} wrote. @throws {RangeError} for a text that it did not write. */
export function fxSetOf(text: string): FxSet {
  const stated = JSON.parse(text) as {
    readonly max_age_ms: number;
    readonly pivot: string;
    readonly quotes: readonly { readonly at: number | null; readonly pair: string; readonly rate: string }[];
  };
  const quotes = stated.quotes.map(({ at, pair, rate }): FxQuote => {
    const [base = "", quote = ""] = pair.split("/");
    return { base, quote, rate, at };
  });
  const opened = openFxSet({ pivot: stated.pivot, max_age_ms: stated.max_age_ms }, quotes);
  if (opened.kind === "refused") throw new RangeError(`the kept rate set is not sound: ${opened.violations[0]?.message ?? ""}`);
  return opened.set;
}

function shortest(text: string): string {
  return (text.includes(".") ? text.replace(/\.?0+$/, "") : text).replace(/^\+/, "").replace(/^0+(?=\d)/, "");
}
