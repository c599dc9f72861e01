/** Reads rows of a calculation: the newest per key, as of a moment, of one capture, under one version, the current one or all. */
import type { ResultExecution } from "../core/calc/calc-index.js";
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import type { CalcRow } from "../core/calc/canonical-rows.js";
import { latestPerKey } from "../core/calc/capture-history.js";
import { askedValues } from "../core/calc/finra-otc/asked-values.js";
import type { FinraCalculation } from "../core/calc/finra-otc/finra-input.js";
import { readableVersions, type VersionChoice } from "../core/calc/version-lifecycle.js";
import { nearestName } from "../core/quality/nearest-name.js";
import type { Violation } from "../core/quality/violation.js";
import type { CalcLog, CalcPorts, CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";

export interface CalcQuery {
  readonly calc: string;
  /** Left out: the current one. */
  readonly versions?: VersionChoice;
  /** UTC milliseconds: of each key the newest row captured at or before it. */
  readonly as_of?: number;
  /** Exactly the rows of this capture or capture set. */
  readonly capture_id?: string;
  /** Columns that must have these values, such as `week_ending` and `tier`. */
  readonly where?: { readonly [column: string]: string | number };
}

export interface CalcAnswer {
  readonly kind: "answered";
  readonly calc_name: string;
  readonly versions: readonly string[];
  readonly warnings: readonly string[];
  /** Ascending by version rank, then by key. */
  readonly rows: readonly CalcRow[];
}

/** Rows of a calculation as they are read, week by week. */
export interface CalcRowStream {
  readonly kind: "rows";
  readonly calc_name: string;
  readonly table: string;
  readonly versions: readonly string[];
  readonly warnings: readonly string[];
  /** Captures and sets whose rows are read. */
  readonly captures: readonly string[];
  /** Ascending by version rank, then by key. No more than the takings of one week are held at a time. May be read once. */
  readonly parts: AsyncIterable<readonly CalcRow[]>;
}

/** Column of windows: a symbol that lacks a week is no answer to "the latest". */
const COMPLETE = "is_complete";

/** Text columns that every row has beside those it is stored with; audit fields. */
export const EXECUTION_COLUMNS: readonly (keyof ResultExecution)[] = ["execution_id", "batch_id"];

type Reading = Pick<CalcPorts, "rows">;

/** All rows at once. */
export async function queryCalculation(
  ports: Reading,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  query: CalcQuery,
): Promise<CalcAnswer | CalcRefusal> {
  const opened = await openCalcRows(ports, log, registry, query);
  if (opened.kind === "refused") return opened;
  const { calc_name, versions, warnings } = opened;
  const rows: CalcRow[] = [];
  for await (const part of opened.parts) for (const row of part) rows.push(row);
  return { kind: "answered", calc_name, versions, warnings, rows };
}

/** Rows part by part, for answers that need not fit into memory. */
export async function openCalcRows(
  ports: Reading,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  query: CalcQuery,
): Promise<CalcRowStream | CalcRefusal> {
  const found = registry.get(query.calc);
  if (found.kind === "unknown") return refusal("not_found", [found.violation], "onetape calc list");
  const calc = found.value;
  const chosen = readableVersions(calc, log.index.standing(calc), query.versions ?? "current");
  if (chosen.kind === "refused") return refusal("invalid", [chosen.violation], `onetape calc describe ${calc.calc_name}`);
  const asked = askedValues(query.where ?? {});
  if (asked.kind === "invalid") return refusal("invalid", asked.violations, "onetape calc query weeks");
  const weeks = weeksAsked(log, calc, { ...query, where: asked.where });
  const reader = new WeekReader(ports, log, calc, { ...query, where: asked.where });
  const unknown = await unknownColumns(reader, chosen.versions, weeks, calc, asked.where);
  if (unknown.length > 0) return refusal("invalid", unknown, `onetape calc describe ${calc.calc_name}`);
  const { versions, warnings } = chosen;
  const parts = rowsOf(reader, versions, weeks);
  return { kind: "rows", calc_name: calc.calc_name, table: calc.table, versions, warnings, captures: weeks.flat(), parts };
}

async function* rowsOf(
  reader: WeekReader,
  versions: readonly string[],
  weeks: readonly (readonly string[])[],
): AsyncGenerator<readonly CalcRow[]> {
  for (const version of versions)
    for (const captures of weeks) {
      const rows = reader.answer(await reader.read(version, captures));
      if (rows.length > 0) yield rows;
    }
}

/** Rows of one week under one version. */
class WeekReader {
  readonly #ports: Reading;
  readonly #log: CalcLog;
  readonly #calc: FinraCalculation;
  readonly #query: CalcQuery;
  /** What was read last: the first week is looked at before it is answered. */
  #last: { readonly key: string; readonly rows: readonly CalcRow[] } | null = null;

  constructor(ports: Reading, log: CalcLog, calc: FinraCalculation, query: CalcQuery) {
    this.#ports = ports;
    this.#log = log;
    this.#calc = calc;
    this.#query = query;
  }

  async read(version: string, captures: readonly string[]): Promise<readonly CalcRow[]> {
    const key = JSON.stringify([version, captures]);
    if (this.#last?.key !== key) {
      const { table, calc_name } = this.#calc;
      const stored = await this.#ports.rows.readRows(table, calc_name, [version], captures);
      this.#last = { key, rows: withExecutions(stored, this.#log.index) };
    }
    return this.#last.rows;
  }

  answer(stored: readonly CalcRow[]): readonly CalcRow[] {
    const { where = {}, as_of, capture_id } = this.#query;
    const wanted = stored.filter((row) => matches(row, where));
    const latest = latestPerKey(inLogOrder(wanted, this.#log), this.#calc.business_keys, as_of ?? null);
    return capture_id === undefined && this.#calc.calc_name.startsWith("symbol_rolling_")
      ? latest.filter((row) => row[COMPLETE] !== false)
      : latest;
  }
}

/** Rows with the event that made them and the batch of their capture, which stand with the result and in no stored row. */
function withExecutions(rows: readonly CalcRow[], index: CalcLog["index"]): readonly CalcRow[] {
  const known = new Map<string, ResultExecution>();
  return rows.map((row): CalcRow => {
    const [calc, version, capture] = [String(row["calc_name"]), String(row["calc_version"]), String(row["capture_id"])];
    const key = `${version}\n${capture}`;
    const execution = known.get(key) ?? index.executionOf(calc, version, capture);
    known.set(key, execution);
    // Spreading a row as wide as these takes the engine thirty microseconds.
    const whole: Record<string, CalcRow[string]> = {};
    for (const name in row) whole[name] = row[name] as CalcRow[string];
    whole["execution_id"] = execution.execution_id;
    whole["batch_id"] = execution.batch_id;
    return whole;
  });
}

/** Columns that are asked for and that no row has. A calculation without rows has no columns beyond its keys to compare with. */
async function unknownColumns(
  reader: WeekReader,
  versions: readonly string[],
  weeks: readonly (readonly string[])[],
  { calc_name, business_keys }: FinraCalculation,
  where: NonNullable<CalcQuery["where"]>,
): Promise<readonly Violation[]> {
  const asked = Object.keys(where).filter((column) => !business_keys.includes(column));
  const [version] = versions;
  const [captures] = weeks;
  if (asked.length === 0 || version === undefined || captures === undefined) return [];
  const [row] = await reader.read(version, captures);
  if (row === undefined) return [];
  const known = Object.keys(row);
  return asked
    .filter((column) => !known.includes(column))
    .map((column) => {
      const near = nearestName(column, known);
      const expected = near === null ? `one of ${known.join(", ")}` : `did you mean ${near}?`;
      return { code: "UNKNOWN_COLUMN", message: `rows of ${calc_name} have no column ${column}`, field: column, expected };
    });
}

/**
 * Live captures and sets whose results can hold a row that is asked for, week by week, ascending: no other group is read. Rows whose first
 * key is no week stand together.
 */
function weeksAsked({ index }: CalcLog, calc: FinraCalculation, query: CalcQuery): readonly (readonly string[])[] {
  const { capture_id, as_of, where = {} } = query;
  const byWeek = new Map<string, Set<string>>();
  for (const result of index.results) {
    if (
      result.calc_name !== calc.calc_name ||
      !index.isLive(result.capture_id) ||
      (capture_id !== undefined && result.capture_id !== capture_id) ||
      (as_of !== undefined && result.captured_at > as_of) ||
      (where["week_ending"] !== undefined && result.week_ending !== String(where["week_ending"])) ||
      (where["tier"] !== undefined && result.tier !== null && result.tier !== String(where["tier"]))
    )
      continue;
    const week = calc.business_keys[0] === "week_ending" ? result.week_ending : "";
    const known = byWeek.get(week) ?? new Set();
    byWeek.set(week, known.add(result.capture_id));
  }
  return [...byWeek].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, captures]) => [...captures]);
}

function matches(row: CalcRow, where: { readonly [column: string]: string | number }): boolean {
  return Object.entries(where).every(([column, value]) => String(row[column] ?? "") === String(value));
}

/** Results in the order of the log, so that of two with one moment the later one is the newest. */
function inLogOrder(rows: readonly CalcRow[], { index }: CalcLog): readonly CalcRow[] {
  const place = new Map(
    index.results.map(({ calc_name, calc_version, capture_id }, at) => [`${calc_name}\n${calc_version}\n${capture_id}`, at]),
  );
  const at = (row: CalcRow): number =>
    place.get(`${String(row["calc_name"])}\n${String(row["calc_version"])}\n${String(row["capture_id"])}`) ?? 0;
  return [...rows].sort((a, b) => at(a) - at(b));
}
