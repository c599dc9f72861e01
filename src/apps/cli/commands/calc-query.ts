import { streamSql } from "../../../adapters/calc-rows/calc-sql.js";
import { CORE_TABLES } from "../../../core/calc/core-tables.js";
import { askedValues } from "../../../core/calc/finra-otc/asked-values.js";
import { grouped } from "../../../core/numeric/grouped.js";
import { nearestName } from "../../../core/quality/nearest-name.js";
import type { Violation } from "../../../core/quality/violation.js";
import type { CalcRefusal } from "../../../usecases/calc-log.js";
import { refusal } from "../../../usecases/data-ports.js";
import { currentVersions } from "../../../usecases/govern-calculations.js";
import { openCalcRows } from "../../../usecases/query-calculation.js";
import type { OpenCalculations } from "../../library/calculations.js";
import { type AnswerRows, firstRows, headOf, noteCaptures, rowsOfCalculation } from "../answer-rows.js";
import { renderRows } from "../calc-answer.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { type SourceOfNumber, sourceLines, sourcesOf } from "../explain-source.js";
import { failure, failureOf } from "../failure.js";
import { ANSWER_FORMATS, type AnswerFormat, streamDocument, streamLines, writeAnswerFile } from "../stream-answer.js";
import { pairsOf, withCalculations } from "../with-calculations.js";
import { captureNamed } from "./calc-retract.js";

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
  if (format === null) usage(`rows have no format ${flags.text("format") ?? ""}`, "--format", ANSWER_FORMATS.join(", "));
  if ((format === "parquet" || format === "arrow") && output === "-") usage(`${format} goes into a file`, "--output", "--output FILE");
  if (violations.length > 0 || format === null)
    return { kind: "failed", failure: failure("USAGE", violations, "onetape calc query --help") };
  return withCalculations(invocation, "read", async (calculations) => {
    const question = sql ?? questionOf(calculations, what ?? "", where, flags.text("capture"));
    if (typeof question === "object" && question !== null) return { kind: "failed", failure: refused(question) };
    const asked =
      question === null ? await named(calculations, what ?? "", where, invocation) : answered(calculations, question, invocation);
    if ("kind" in asked) return asked;
    for (const warning of asked.warnings) io.warn(`${io.err.bad("note")} ${warning}`);
    return tell(calculations, asked, format, output, invocation);
  });
}

function formatOf(stated: string | undefined, output: string, json: boolean): AnswerFormat | "table" | null {
  const found = ANSWER_FORMATS.find((name) => name === stated);
  if (stated !== undefined) return found ?? null;
  if (output !== "-") return ANSWER_FORMATS.find((name) => output.endsWith(`.${name}`)) ?? "csv";
  return json ? "json" : "table";
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
): string | CalcRefusal | null {
  const core = CORE_TABLES.find(({ name }) => name === what || name === `core_${what.replaceAll("-", "_")}`);
  const question = SPECIAL[what] ?? (core === undefined ? null : `SELECT * FROM ${core.name}`);
  if (question === null) return null;
  const asked = askedValues(Object.fromEntries(where));
  if (asked.kind === "invalid") return refusal("invalid", asked.violations, "onetape calc query weeks");
  const own = Object.entries(asked.where).map(([column, value]) => [column, String(value)] as const);
  const all = capture === undefined ? own : [...own, ["capture_id", captureNamed(log.index, capture)] as const];
  const filters = all.map(([column, value]) => `CAST("${column.replaceAll('"', '""')}" AS VARCHAR) = '${value.replaceAll("'", "''")}'`);
  return filters.length === 0 ? question : `SELECT * FROM (${question}) WHERE ${filters.join(" AND ")}`;
}

async function named(
  calculations: OpenCalculations,
  what: string,
  where: readonly (readonly [string, string])[],
  { flags }: Invocation,
): Promise<AnswerRows | CommandResult> {
  const { ports, log, registry } = calculations;
  const calc = [what, what.replaceAll("-", "_")].find((name) => registry.get(name).kind === "found");
  if (calc === undefined) {
    const names = [
      ...registry.entries.map(({ calc_name }) => calc_name),
      ...CORE_TABLES.map(({ name }) => name.slice("core_".length)),
      ...Object.keys(SPECIAL),
    ];
    if (/^\s*(select|with|show)\s/i.test(what)) {
      const detail = { field: "WHAT", value: what, expected: "a name, or a question behind --sql" };
      return {
        kind: "failed",
        failure: failureOf("NOT_FOUND", "A question in SQL is no name", `onetape calc query --sql "${what}"`, detail),
      };
    }
    const near = nearestName(what, names);
    const detail = { field: "WHAT", value: what, expected: near === null ? `one of ${names.join(", ")}` : `did you mean ${near}?` };
    return { kind: "failed", failure: failureOf("NOT_FOUND", `Unknown calc "${what}"`, "onetape calc list", detail) };
  }
  const capture = flags.text("capture");
  const version = flags.text("calc-version");
  const asOf = flags.number("as-of");
  const opened = await openCalcRows(ports, log, registry, {
    calc,
    where: Object.fromEntries(where),
    ...(version === undefined ? (flags.on("all-versions") ? { versions: "all" as const } : {}) : { versions: { version } }),
    ...(asOf === undefined ? {} : { as_of: asOf }),
    ...(capture === undefined ? {} : { capture_id: captureNamed(log.index, capture) }),
  });
  return opened.kind === "refused" ? { kind: "failed", failure: refused(opened) } : rowsOfCalculation(calculations, opened);
}

function answered({ rows, log, registry }: OpenCalculations, sql: string, { flags }: Invocation): AnswerRows {
  const asOf = flags.number("as-of");
  const current = currentVersions(log, registry);
  const question = { sql, current, entries: registry.entries, ...(asOf === undefined ? {} : { as_of: asOf }) };
  return { calc_name: null, versions: [], warnings: [], send: (sink) => streamSql(rows, question, sink) };
}

const SHOWN_ROWS = 20;

async function tell(
  calculations: OpenCalculations,
  asked: AnswerRows,
  format: AnswerFormat | "table",
  output: string,
  { flags, io }: Invocation,
): Promise<CommandResult> {
  const captures = new Set<string>();
  const explain = flags.on("explain-source");
  const sources = (): readonly SourceOfNumber[] => (explain ? sourcesOf(calculations, [...captures]) : []);
  const found = explain ? noteCaptures(asked, captures) : asked;
  const limit = flags.number("limit") ?? flags.number("top") ?? (format === "table" ? SHOWN_ROWS : undefined);
  const answer = limit === undefined ? found : firstRows(found, limit, flags.number("top") !== undefined);
  const { calc_name, versions, warnings } = answer;
  const head = { schema: "onetape.calc-query/1", calc_name, versions, warnings } as const;
  const no = (violations: readonly Violation[]): CommandResult => ({
    kind: "failed",
    failure: failure("USAGE", violations, 'onetape calc query --sql "SHOW TABLES"'),
  });
  if (format === "table") {
    const rows = await headOf(answer, limit ?? SHOWN_ROWS);
    if (rows.kind === "refused") return no(rows.violations);
    const human = async (): Promise<string> => `${await renderRows(rows, flags.on("full"), io)}${sourceLines(sources(), io)}`;
    const next = nextOf(calculations, answer, rows.row_count);
    return { kind: "done", json: head, human, ...(next === null ? {} : { next: [next] }) };
  }
  if (output !== "-") {
    const written = await writeAnswerFile(answer, format, output);
    if (written.kind === "refused") return no(written.violations);
    const { columns, row_count } = written;
    const human = (): string => `wrote ${io.out.bold(output)}: ${grouped(row_count)} rows\n${sourceLines(sources(), io)}`;
    return { kind: "done", json: { ...head, columns, row_count, ...(explain ? { sources: sources() } : {}), path: output, format }, human };
  }
  const write = (text: string): Promise<void> => io.write(text);
  const sent =
    format === "json"
      ? await streamDocument(answer, head, () => (explain ? { sources: sources() } : {}), write)
      : await streamLines(answer, format === "csv" ? "csv" : "ndjson", write);
  if (sent.kind === "refused") return no(sent.violations);
  if (explain && format !== "json") io.note(sourceLines(sources(), io).trimEnd());
  return { kind: "streamed" };
}

/** What makes rows where a calculation has none at all. */
function nextOf({ log }: OpenCalculations, { calc_name }: AnswerRows, count: number): string | null {
  if (calc_name === null || count > 0 || log.index.results.some((result) => result.calc_name === calc_name)) return null;
  const week = log.index.captures.reduce((last, { week_ending }) => (week_ending > last ? week_ending : last), "");
  return `onetape calc run ${calc_name}${week === "" ? "" : ` -p week_ending=${week}`}`;
}
