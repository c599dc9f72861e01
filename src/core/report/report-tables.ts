/** The sheet as tables for other programs: every row, nothing at reduced detail. */
import { formatBig } from "../money/decimal.js";
import { shortest } from "../projections/decimal-text.js";
import type { Cell, ColumnSchema, Table, TableSchema } from "../projections/table.js";
import type { ReportInput } from "./report-input.js";
import {
  contributionSchema,
  costsSchema,
  equitySheetSchema,
  metricsSchema,
  sessionsSchema,
  statementsSchema,
  tradesSheetSchema,
} from "./report-table-schemas.js";
import { sessionMarks } from "./session-marks.js";
import type { SheetTable, TearSheet } from "./tear-sheet.js";

type Row = { readonly [column: string]: Cell };

/** All tables in the order in which they are written and documented. */
export function reportTables(input: ReportInput, sheet: TearSheet): readonly Table[] {
  const of = (schema: TableSchema, rows: readonly Row[]): Table => ({ schema, rows });
  return [
    of(metricsSchema, metricRows(sheet)),
    of(
      statementsSchema,
      sheet.assumptions.map(({ id, name, value, mark }) => ({ id, name, value, mark })),
    ),
    of(sessionsSchema, sessionRows(input)),
    ...sheet.metrics.flatMap((group) => group.tables.map((table) => metricTable(table, sheet))),
    of(contributionSchema, [
      ...sheet.contribution.by_symbol.map((row) => ({ by: "symbol", ...row })),
      ...sheet.contribution.by_hour.map((row) => ({ by: "hour", ...row })),
      ...sheet.contribution.by_weekday.map((row) => ({ by: "weekday", ...row })),
    ]),
    of(
      costsSchema,
      sheet.costs.steps.map((step, i) => ({ step: i + 1, ...step })),
    ),
    of(
      tradesSheetSchema,
      sheet.trades.map((trade) => ({ ...trade })),
    ),
    of(equitySheetSchema, equityRows(input)),
  ];
}

function metricRows(sheet: TearSheet): readonly Row[] {
  return sheet.metrics.flatMap(({ title, metrics }) =>
    metrics.map((metric) => ({
      id: metric.id,
      title,
      name: metric.name,
      value: metric.value === null ? null : Number(metric.value),
      exact: metric.value === null ? null : String(metric.value),
      unit: metric.unit,
      state: metric.state,
      reason: metric.reason ?? null,
      n: metric.n ?? null,
      standard_error: metric.standard_error ?? null,
      calc_name: metric.calc_name,
      calc_version: metric.calc_version,
      definition: metric.definition,
    })),
  );
}

/** A table of the metrics; dots in its id become lines, as files are named. */
function metricTable({ id, name, columns, rows }: SheetTable, { header }: TearSheet): Table {
  const schema: TableSchema = {
    name: id.replaceAll(".", "_"),
    grain: `one row per row of \`${id}\`: ${name}`,
    sort_key: [ROW],
    columns: {
      [ROW]: { type: "int64", unit: "count", nullable: false, doc: "Number of the row, from 1." },
      ...Object.fromEntries(columns.map((column) => [column.name, columnOf(column, header.currency)])),
    },
  };
  return {
    schema,
    rows: rows.map((row, i) => ({ [ROW]: i + 1, ...Object.fromEntries(columns.map((c) => [c.name, row[c.name] ?? null])) })),
  };
}

const ROW = "row";

/** Money is exact text and becomes a decimal; other numbers are doubles, words are text. */
function columnOf({ title, unit }: SheetTable["columns"][number], currency: string): ColumnSchema {
  if (unit === "currency") return { type: "decimal", unit: "currency", nullable: true, min_scale: 8, doc: `${title}, ${currency}.` };
  if (unit === "text" || unit === "date") return { type: "text", unit: null, nullable: true, doc: `${title}.` };
  return { type: "float64", unit: null, nullable: true, doc: `${title}, ${unit}.` };
}

function sessionRows({ risk, curve, config }: ReportInput): readonly Row[] {
  const { scale, cash } = config.account;
  const { marks, returns } = sessionMarks(risk, curve, cash, scale);
  return marks.map(({ session, ts, equity }, i) => ({
    ts,
    session: session === "" ? null : session,
    equity: shortest(formatBig(equity, scale)),
    return_fraction: returns[i] ?? null,
  }));
}

function equityRows({ curve }: ReportInput): readonly Row[] {
  return Array.from({ length: curve.rows }, (_, row) =>
    Object.fromEntries(
      curve.columns.map(({ name, scale, values }) => {
        const value = values[row] ?? 0;
        return [name, typeof value === "bigint" ? shortest(formatBig(value, scale)) : value];
      }),
    ),
  );
}
