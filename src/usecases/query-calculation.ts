/** Reads rows of a calculation: the newest per key, as of a moment, of one capture, under one version, the current one or all. */
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import type { CalcRow } from "../core/calc/canonical-rows.js";
import { latestPerKey } from "../core/calc/capture-history.js";
import type { FinraCalculation } from "../core/calc/finra-otc/finra-input.js";
import { readableVersions, type VersionChoice } from "../core/calc/version-lifecycle.js";
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

/** Column of windows: a symbol that lacks a week is no answer to "the latest". */
const COMPLETE = "is_complete";

export async function queryCalculation(
  ports: Pick<CalcPorts, "rows">,
  log: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  query: CalcQuery,
): Promise<CalcAnswer | CalcRefusal> {
  const found = registry.get(query.calc);
  if (found.kind === "unknown") return refusal("not_found", [found.violation], "onetape calc list");
  const calc = found.value;
  const chosen = readableVersions(calc, log.index.standing(calc), query.versions ?? "current");
  if (chosen.kind === "refused") return refusal("invalid", [chosen.violation], `onetape calc describe ${calc.calc_name}`);
  const captures = capturesAsked(log, calc.calc_name, query);
  const stored = (await ports.rows.readRows(calc.table, calc.calc_name, chosen.versions, captures)).filter((row) =>
    matches(row, query.where ?? {}),
  );
  const rows = chosen.versions.flatMap((version) => {
    const own = inLogOrder(
      stored.filter((row) => row["calc_version"] === version),
      log,
    );
    const latest = latestPerKey(own, calc.business_keys, query.as_of ?? null);
    return query.capture_id === undefined && calc.calc_name.startsWith("symbol_rolling_")
      ? latest.filter((row) => row[COMPLETE] !== false)
      : latest;
  });
  return { kind: "answered", calc_name: calc.calc_name, versions: chosen.versions, warnings: chosen.warnings, rows };
}

/** Live captures and sets whose results can hold a row that is asked for, so that no other group is read. */
function capturesAsked({ index }: CalcLog, calc: string, { capture_id, as_of, where = {} }: CalcQuery): readonly string[] {
  const asked = index.results.filter(
    (result) =>
      result.calc_name === calc &&
      index.isLive(result.capture_id) &&
      (capture_id === undefined || result.capture_id === capture_id) &&
      (as_of === undefined || result.captured_at <= as_of) &&
      (where["week_ending"] === undefined || result.week_ending === String(where["week_ending"])) &&
      (where["tier"] === undefined || result.tier === null || result.tier === String(where["tier"])),
  );
  return [...new Set(asked.map((result) => result.capture_id))];
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
