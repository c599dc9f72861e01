/** Answers whose rows come part by part, whatever they are asked of. */
import { answerColumns, type SqlColumn, type SqlSink, type SqlValue } from "../../adapters/calc-rows/calc-sql.js";
import type { CalcRow } from "../../core/calc/canonical-rows.js";
import { unitedColumns } from "../../core/calc/stored-columns.js";
import type { Violation } from "../../core/quality/violation.js";
import { type CalcRowStream, EXECUTION_COLUMNS } from "../../usecases/query-calculation.js";
import type { OpenCalculations } from "../library/calculations.js";

type Rows = readonly (readonly SqlValue[])[];

export type Sent =
  | { readonly kind: "answered"; readonly row_count: number }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** An answer on its way. */
export interface AnswerRows {
  /** Null for a question in SQL. */
  readonly calc_name: string | null;
  readonly versions: readonly string[];
  readonly warnings: readonly string[];
  /** Hands every row over, once. `row_count` counts all of them, however many a sink was given. */
  readonly send: (sink: SqlSink) => Promise<Sent>;
}

/** Rows of a calculation, a week at a time, with the columns of everything that is read. */
export async function rowsOfCalculation({ rows }: Pick<OpenCalculations, "rows">, stream: CalcRowStream): Promise<AnswerRows> {
  const { calc_name, table, versions, warnings, captures, parts } = stream;
  const asked = new Set(captures);
  const groups = (await rows.groups()).filter(
    (group) =>
      group.table === table &&
      group.calc_name === calc_name &&
      group.row_count > 0 &&
      versions.includes(group.calc_version) &&
      asked.has(group.capture_id),
  );
  const stored = answerColumns(unitedColumns(groups.map((group) => group.columns)));
  const told = EXECUTION_COLUMNS.map((name): SqlColumn => ({ name, type: "text" }));
  const columns = stored.length === 0 ? stored : [...stored, ...told];
  const send = async (sink: SqlSink): Promise<Sent> => {
    await sink.onColumns(columns);
    let row_count = 0;
    for await (const part of parts) {
      row_count += part.length;
      await sink.onRows(part.map((row) => columns.map(({ name }) => cellOf(row, name))));
    }
    return { kind: "answered", row_count };
  };
  return { calc_name, versions, warnings, send };
}

function cellOf(row: CalcRow, name: string): SqlValue {
  const value = row[name] ?? null;
  return typeof value === "bigint" ? String(value) : value;
}

/** The first rows; with `best` the first by rank, where rows have one. No more rows than twice those are held. */
export function firstRows(answer: AnswerRows, count: number, best: boolean): AnswerRows {
  const send = async (sink: SqlSink): Promise<Sent> => {
    let rank = -1;
    let kept: (readonly SqlValue[])[] = [];
    let given = 0;
    const sent = await answer.send({
      onColumns: async (columns) => {
        rank = best ? columns.findIndex(({ name }) => name === "rank") : -1;
        await sink.onColumns(columns);
      },
      onRows: async (rows) => {
        if (rank < 0) {
          const part = rows.slice(0, count - given);
          given += part.length;
          if (part.length > 0) await sink.onRows(part);
          return;
        }
        for (const row of rows) {
          kept.push(row);
          if (kept.length >= 2 * count) kept = byRank(kept, rank).slice(0, count);
        }
      },
    });
    if (sent.kind === "answered" && rank >= 0) await sink.onRows(byRank(kept, rank).slice(0, count));
    return sent;
  };
  return { ...answer, send };
}

/** Of equal ranks the earlier one stays first. */
function byRank(rows: Rows, at: number): (readonly SqlValue[])[] {
  return [...rows].sort((a, b) => Number(a[at]) - Number(b[at]));
}

/** The same answer; every capture that a row names is put into `captures` on the way. */
export function noteCaptures(answer: AnswerRows, captures: Set<string>): AnswerRows {
  const send = (sink: SqlSink): Promise<Sent> => {
    let at = -1;
    return answer.send({
      onColumns: (columns) => {
        at = columns.findIndex(({ name }) => name === "capture_id");
        return sink.onColumns(columns);
      },
      onRows: (rows) => {
        if (at >= 0) for (const row of rows) captures.add(String(row[at]));
        return sink.onRows(rows);
      },
    });
  };
  return { ...answer, send };
}

/** Columns and the first `count` rows in memory, and how many rows there are. */
export async function headOf(
  answer: AnswerRows,
  count: number,
): Promise<
  | { readonly kind: "head"; readonly columns: readonly SqlColumn[]; readonly rows: Rows; readonly row_count: number }
  | Extract<Sent, { readonly kind: "refused" }>
> {
  let columns: readonly SqlColumn[] = [];
  const kept: (readonly SqlValue[])[] = [];
  const sent = await answer.send({
    onColumns: async (found) => {
      columns = found;
    },
    onRows: async (rows) => {
      for (const row of rows.slice(0, Math.max(0, count - kept.length))) kept.push(row);
    },
  });
  return sent.kind === "refused" ? sent : { kind: "head", columns, rows: kept, row_count: sent.row_count };
}
