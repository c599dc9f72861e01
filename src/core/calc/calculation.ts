import type { QualityResult } from "../quality/quality-result.js";
import type { UtcMillis } from "../tape/event.js";
import type { CalcRow, CalcValue } from "./canonical-rows.js";
import { knowColumns, rowColumns } from "./row-columns.js";

/** What a calculation works on: `capture` one taking of one partition, `capture_set` all of them of one week, `window` several weeks of one partition. */
export type CalcScope = "capture" | "capture_set" | "window";

/** How one version computes: pure, and the same rows for the same input. */
export interface CalcImplementation<Input> {
  /** Business columns only; identity is stamped on by {@link stampRows}. */
  compute(input: Input): readonly CalcRow[];
}

/** A check of what a calculation made: at least one result, one per subject. */
export interface CalcCheck<Input> {
  readonly name: string;
  check(rows: readonly CalcRow[], input: Input, version: string): readonly QualityResult[];
}

/** What the registry holds about a calculation, whatever it computes. */
export interface CalcEntry {
  /** Lower-case words joined by `_` or `.`. */
  readonly calc_name: string;
  /** Domain that owns it, for example `finra.otc_transparency`. */
  readonly domain: string;
  readonly description: string;
  /** Table of its rows: the domain's prefix and a name in snake case, no version in it. */
  readonly table: string;
  /** Columns that name one row within a capture and a version. */
  readonly business_keys: readonly string[];
  /** Every version ever written, in chronological order. */
  readonly versions: readonly string[];
  /** The version that readers get who name none: a choice, never the largest. */
  readonly current: string;
  readonly deprecated: readonly string[];
  readonly sunset: readonly string[];
  /** What must hold of every set of rows. */
  readonly checks: readonly { readonly name: string }[];
}

/** A calculation: one file declares it, one line registers it. */
export interface Calculation<Input> extends CalcEntry {
  readonly scope: CalcScope;
  readonly checks: readonly CalcCheck<Input>[];
  /** One per version. */
  readonly implementations: { readonly [version: string]: CalcImplementation<Input> };
}

/** The identity that every row carries beside its business keys. */
export interface RowIdentity {
  readonly calc_name: string;
  readonly calc_version: string;
  readonly capture_id: string;
  /** Copied from the capture: for ordering, no part of a key. */
  readonly captured_at: UtcMillis;
  /** Wall clock, audit only. */
  readonly calculated_at: UtcMillis;
}

/** Rows with the identity of what they came from. */
export function stampRows(rows: readonly CalcRow[], identity: RowIdentity): readonly CalcRow[] {
  const stamped = rows.map((row) => stampedRow(row, identity));
  const columns = rowColumns(rows);
  if (columns !== null && rows.length > 0 && !columns.some(({ name }) => name in identity)) {
    const { calc_name, calc_version, capture_id, captured_at, calculated_at } = identity;
    const own = Object.entries({ calc_name, calc_version, capture_id, captured_at, calculated_at });
    knowColumns(stamped, [...columns, ...own.map(([name, first]) => ({ name, first, values: null }))]);
  }
  return stamped;
}

/** The same as spreading both, which takes the engine thirty microseconds for a row as wide as these. */
function stampedRow(row: CalcRow, identity: RowIdentity): CalcRow {
  const stamped: Record<string, CalcValue> = {};
  for (const name in row) stamped[name] = row[name] as CalcValue;
  stamped["calc_name"] = identity.calc_name;
  stamped["calc_version"] = identity.calc_version;
  stamped["capture_id"] = identity.capture_id;
  stamped["captured_at"] = identity.captured_at;
  stamped["calculated_at"] = identity.calculated_at;
  return stamped;
}

/** Columns that no two rows of a table may share: business keys, capture and version. */
export function uniqueKey(entry: Pick<CalcEntry, "business_keys">): readonly string[] {
  return [...entry.business_keys, "capture_id", "calc_version"];
}

/** The value of some columns of a row as text; different values give different texts. */
export function keyText(row: CalcRow, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => String(row[column] ?? "")));
}

/** The key, as {@link keyText} writes it, of the first row that has the key of an earlier one; null where every row has its own. */
export function sharedKey(rows: readonly CalcRow[], columns: readonly string[]): string | null {
  const own = rowColumns(rows)?.flatMap(({ name, values }) => (values !== null && columns.includes(name) ? [values] : []));
  const seen = new Set<string>();
  for (const [at, row] of rows.entries()) {
    let key = "";
    if (own === undefined) key = keyText(row, columns);
    // What all rows share tells none apart.
    else for (const values of own) key += lengthAndText(String(values[at] ?? ""));
    if (seen.has(key)) return keyText(row, columns);
    seen.add(key);
  }
  return null;
}

function lengthAndText(text: string): string {
  return `${text.length}:${text}`;
}
