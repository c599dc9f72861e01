/** A table of the metrics as people read it. */
import type { SheetTable } from "../../../src/core/report/tear-sheet.js";
import { count } from "../../text/format.js";
import { inUnit, reasonText } from "../../text/metric-text.js";

export interface MetricTableView {
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly { readonly text: string; readonly tone: "gain" | "loss" | null }[])[];
  /** Observations and choices behind the table, or nothing. */
  readonly note: string;
  /** Why there is no table, or null. */
  readonly reason: string | null;
}

/** Rows that a page shows of one table. */
const SHOWN_ROWS = 80;

const WORDS: ReadonlySet<string> = new Set(["text", "date"]);
/** Columns whose sign is a result. */
const RETURNS = /^(?:return|best|worst)$/;

export function metricTableView(table: SheetTable, currency: string): MetricTableView {
  const { id, state, reason, rows, n, parameters } = table;
  // Where rows differ in unit, each says so itself.
  const perRow = table.columns.some(({ name }) => name === "unit");
  const columns = table.columns.filter(({ name }) => name !== "unit");
  const notes = [
    n === undefined ? "" : `n = ${count(n)}`,
    ...Object.entries(parameters ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`),
    rows.length > SHOWN_ROWS ? `the first ${SHOWN_ROWS} of ${count(rows.length)} rows` : "",
  ];
  return {
    columns: columns.map(({ title, unit }) => ({ title, numeric: !WORDS.has(unit) })),
    rows: rows.slice(0, SHOWN_ROWS).map((row) =>
      columns.map(({ name, unit }) => {
        const cell = row[name] ?? null;
        if (cell === null) return { text: "\u2013", tone: null };
        if (WORDS.has(unit)) return { text: name === "reason" ? reasonText(String(cell)) : String(cell), tone: null };
        const own = unit === "ratio" ? unitOfRow(row, perRow) : unit === "currency" ? currency : unit;
        const signed = RETURNS.test(name) && (own === "fraction" || own === "per_year" || own === currency);
        const value = Number(cell);
        return {
          text: inUnit(cell, { id: `${id}.${name}`, unit: own }, signed ? "always" : "auto"),
          tone: !signed || value === 0 ? null : value > 0 ? "gain" : "loss",
        };
      }),
    ),
    note: notes.filter((note) => note !== "").join(", "),
    reason: state === "undefined" ? reasonText(reason ?? "UNDEFINED") : null,
  };
}

/** The unit of a row whose column cannot have one: stated, or told by the statistic's name. */
function unitOfRow(row: SheetTable["rows"][number], stated: boolean): string {
  if (stated) return String(row["unit"] ?? "ratio");
  return /return|drawdown/i.test(String(row["statistic"] ?? "")) ? "fraction" : "ratio";
}
