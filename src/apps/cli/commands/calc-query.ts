import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { writeArrow } from "../../../adapters/arrow/arrow-file.js";
import { answerSql, type SqlAnswer, type SqlQuestion } from "../../../adapters/calc-rows/calc-sql.js";
import { writeParquetTable } from "../../../adapters/calc-rows/parquet-table.js";
import { CORE_TABLES } from "../../../core/calc/core-tables.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { nearestName } from "../../../core/quality/nearest-name.js";
import type { Violation } from "../../../core/quality/violation.js";
import { currentVersions } from "../../../usecases/govern-calculations.js";
import { queryCalculation } from "../../../usecases/query-calculation.js";
import type { OpenCalculations } from "../../library/calculations.js";
import { type CalcTable, csvOf, objectsOf, renderRows, tableOfRows } from "../calc-answer.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { type SourceOfNumber, sourceLines, sourcesOf } from "../explain-source.js";
import { failure, failureOf } from "../failure.js";
import { streamAnswer } from "../stream-answer.js";
import { pairsOf, withCalculations } from "../with-calculations.js";
import { captureNamed } from "./calc-retract.js";

const FORMATS = ["json", "csv", "ndjson", "parquet", "arrow"] as const;
type Format = (typeof FORMATS)[number] | "table";

interface Answered extends CalcTable {
  readonly calc_name: string | null;
  readonly versions: readonly string[];
  readonly warnings: readonly string[];
}

/** Rows of a calculation, of a bookkeeping table, or of a question in SQL. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags, io } = invocation;
  const violations: Violation[] = [];
  const where = pairsOf(flags, "param", violations);
  const sql = flags.text("sql");
  const [what] = args;
  const usage = (message: string, field: string, expected: string): void =>
    void violations.push({ code: "USAGE", message, field, expected });
  if ((what === undefined) === (sql === undefined))
    usage("one of a name and --sql says what is asked for", "WHAT", "a calculation, a bookkeeping table, or --sql SELECT");
  if (sql !== undefined && (where.length > 0 || flags.on("all-versions") || flags.text("calc-version") !== undefined))
    usage("a question in SQL names its own rows and versions", "--sql", "no -p, --calc-version or --all-versions");
  if (flags.on("all-versions") && flags.text("calc-version") !== undefined)
    usage("one version and all versions are asked for", "--all-versions", "one of them");
  const output = flags.text("output") ?? "-";
  const format = formatOf(flags.text("format"), output, io.json);
  if (format === null) usage(`rows have no format ${flags.text("format") ?? ""}`, "--format", FORMATS.join(", "));
  if ((format === "parquet" || format === "arrow") && output === "-") usage(`${format} goes into a file`, "--output", "--output FILE");
  if (violations.length > 0 || format === null)
    return { kind: "failed", failure: failure("USAGE", violations, "onetape calc query --help") };
  return withCalculations(invocation, "read", async (calculations) => {
    const question = sql ?? questionOf(calculations, what ?? "", where, flags.text("capture"));
    if (question !== null && (format === "csv" || format === "ndjson") && !flags.on("explain-source") && flags.number("top") === undefined)
      return streamAnswer(calculations, askedAs(calculations, question, invocation), { format, output }, invocation);
    const answer =
      question === null ? await named(calculations, what ?? "", where, invocation) : await asked(calculations, question, invocation);
    if ("kind" in answer) return answer;
    for (const warning of answer.warnings) io.warn(`${io.err.bad("note")} ${warning}`);
    const sources = flags.on("explain-source") ? sourcesOf(calculations, captureIds(answer)) : null;
    return tell(flags.number("top") === undefined ? answer : byRank(answer), format, output, sources, invocation);
  });
}

/** The best first where rows have a rank. */
function byRank(answer: Answered): Answered {
  const at = answer.columns.findIndex(({ name }) => name === "rank");
  return at < 0 ? answer : { ...answer, rows: [...answer.rows].sort((a, b) => Number(a[at]) - Number(b[at])) };
}

function formatOf(stated: string | undefined, output: string, json: boolean): Format | null {
  const found = FORMATS.find((name) => name === stated);
  if (stated !== undefined) return found ?? null;
  if (output !== "-") return FORMATS.find((name) => output.endsWith(`.${name}`)) ?? "csv";
  return json ? "json" : "table";
}

function captureIds({ columns, rows }: CalcTable): readonly string[] {
  const at = columns.findIndex(({ name }) => name === "capture_id");
  return at < 0 ? [] : [...new Set(rows.map((row) => String(row[at])))];
}

/** Words that a reader of the earlier commands knows, as questions. */
const SPECIAL: Readonly<Record<string, string>> = {
  weeks:
    "SELECT week_ending, tier, count(*) AS captures, max(captured_at) AS newest_at, arg_max(raw_count, captured_at) AS raw_count FROM core_captures WHERE retracted_at IS NULL GROUP BY week_ending, tier ORDER BY week_ending DESC, tier",
  symbols:
    "SELECT week_ending, tier, symbol, total_shares, total_trades, venue_count FROM finra_otc_transparency_symbol_summary_latest ORDER BY week_ending DESC, total_shares DESC, symbol",
  rejects: "SELECT * FROM core_rejects ORDER BY week_ending DESC, tier, line_number",
  raw: "SELECT * FROM finra_otc_transparency_raw ORDER BY week_ending DESC, tier, line",
  normalized: "SELECT * FROM finra_otc_transparency_normalized ORDER BY week_ending DESC, tier, line",
};

/** A bookkeeping table or a known word as a question; null for anything else. */
function questionOf(
  { log }: OpenCalculations,
  what: string,
  where: readonly (readonly [string, string])[],
  capture: string | undefined,
): string | null {
  const core = CORE_TABLES.find(({ name }) => name === what || name === `core_${what.replaceAll("-", "_")}`);
  const question = SPECIAL[what] ?? (core === undefined ? null : `SELECT * FROM ${core.name}`);
  if (question === null) return null;
  const all = capture === undefined ? where : [...where, ["capture_id", captureNamed(log.index, capture)] as const];
  const filters = all.map(([column, value]) => `CAST("${column.replaceAll('"', '""')}" AS VARCHAR) = '${value.replaceAll("'", "''")}'`);
  return filters.length === 0 ? question : `SELECT * FROM (${question}) WHERE ${filters.join(" AND ")}`;
}

async function named(
  { ports, log, registry }: OpenCalculations,
  what: string,
  where: readonly (readonly [string, string])[],
  { flags }: Invocation,
): Promise<Answered | CommandResult> {
  if (registry.get(what).kind === "unknown") {
    const names = [
      ...registry.entries.map(({ calc_name }) => calc_name),
      ...CORE_TABLES.map(({ name }) => name.slice("core_".length)),
      ...Object.keys(SPECIAL),
    ];
    const near = nearestName(what, names);
    const detail = { field: "WHAT", value: what, expected: near === null ? `one of ${names.join(", ")}` : `did you mean ${near}?` };
    return { kind: "failed", failure: failureOf("NOT_FOUND", `Unknown calc "${what}"`, "onetape calc list", detail) };
  }
  const capture = flags.text("capture");
  const version = flags.text("calc-version");
  const asOf = flags.number("as-of");
  const answer = await queryCalculation(ports, log, registry, {
    calc: what,
    where: Object.fromEntries(where),
    ...(version === undefined ? (flags.on("all-versions") ? { versions: "all" as const } : {}) : { versions: { version } }),
    ...(asOf === undefined ? {} : { as_of: asOf }),
    ...(capture === undefined ? {} : { capture_id: captureNamed(log.index, capture) }),
  });
  if (answer.kind === "refused") return { kind: "failed", failure: refused(answer) };
  return { calc_name: answer.calc_name, versions: answer.versions, warnings: answer.warnings, ...tableOfRows(answer.rows) };
}

function askedAs({ log, registry }: OpenCalculations, sql: string, { flags }: Invocation): SqlQuestion {
  const asOf = flags.number("as-of");
  const current = currentVersions(log, registry);
  return { sql, current, entries: registry.entries, ...(asOf === undefined ? {} : { as_of: asOf }) };
}

async function asked(calculations: OpenCalculations, sql: string, invocation: Invocation): Promise<Answered | CommandResult> {
  const answer: SqlAnswer = await answerSql(calculations.rows, askedAs(calculations, sql, invocation));
  if (answer.kind === "refused")
    return { kind: "failed", failure: failure("USAGE", answer.violations, 'onetape calc query --sql "SHOW TABLES"') };
  return { calc_name: null, versions: [], warnings: [], columns: answer.columns, rows: answer.rows };
}

async function tell(
  answer: Answered,
  format: Format,
  output: string,
  sources: readonly SourceOfNumber[] | null,
  { flags, io }: Invocation,
): Promise<CommandResult> {
  const { calc_name, versions, warnings, columns, rows } = answer;
  const document = { schema: "onetape.calc-query/1", calc_name, versions, warnings, columns, row_count: rows.length } as const;
  const explained = sources === null ? {} : { sources };
  if (output !== "-") {
    const path = resolve(process.cwd(), output);
    if (format === "parquet") await writeParquetTable(path, answer);
    else if (format === "arrow") await writeArrow(path, answer);
    else await writeFile(path, textOf(answer, format));
    const human = (): string =>
      `wrote ${io.out.bold(output)}: ${grouped(rows.length)} rows\n${sources === null ? "" : sourceLines(sources, io)}`;
    return { kind: "done", json: { ...document, ...explained, path: output, format }, human };
  }
  if (format === "csv" || format === "ndjson") {
    await io.write(textOf(answer, format));
    return { kind: "streamed" };
  }
  const limit = flags.number("limit") ?? flags.number("top");
  const json = { ...document, ...explained, rows: objectsOf(limit === undefined ? answer : { ...answer, rows: rows.slice(0, limit) }) };
  if (format === "json" && !io.json) {
    await io.write(`${JSON.stringify(json)}\n`);
    return { kind: "streamed" };
  }
  const human = async (): Promise<string> =>
    `${await renderRows(answer, limit ?? 20, flags.on("full"), io)}${sources === null ? "" : sourceLines(sources, io)}`;
  return { kind: "done", json, human };
}

function textOf(table: CalcTable, format: Format): string {
  if (format === "json") return `${JSON.stringify(objectsOf(table))}\n`;
  if (format === "ndjson")
    return objectsOf(table)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join("");
  return csvOf(table);
}
