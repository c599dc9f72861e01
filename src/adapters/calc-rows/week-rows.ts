/** Weekly files and normalised weeks as rows of a table, and back. */
import type { CalcRow, CalcValue } from "../../core/calc/canonical-rows.js";
import type { TradeRow } from "../../core/calc/finra-otc/normalise.js";
import type { Reject, RejectCode, RejectStage } from "../../core/calc/finra-otc/reject.js";
import type { FileLayout, RawRow } from "../../core/calc/finra-otc/weekly-file.js";
import { type WeeklyFile, WeeklyIntake } from "../../core/calc/finra-otc/weekly-intake.js";
import type { StoredColumn } from "../../core/calc/stored-columns.js";
import type { FileColumn } from "./row-text.js";

export const RAW_TABLE = "finra_otc_transparency_raw";
export const NORMALIZED_TABLE = "finra_otc_transparency_normalized";
export const REJECTS_TABLE = "core_rejects";

export const RAW_COLUMNS: readonly StoredColumn[] = [
  { name: "line", type: "integer" },
  { name: "raw", type: "text" },
  { name: "tier_text", type: "text" },
  { name: "symbol", type: "text" },
  { name: "mpid", type: "text" },
  { name: "shares", type: "integer" },
  { name: "trades", type: "integer" },
  { name: "last_update", type: "text" },
];

export const NORMALIZED_COLUMNS: readonly StoredColumn[] = [
  { name: "symbol", type: "text" },
  { name: "mpid", type: "text" },
  { name: "shares", type: "integer" },
  { name: "trades", type: "integer" },
  { name: "line", type: "integer" },
];

export const REJECT_COLUMNS: readonly StoredColumn[] = [
  { name: "line_number", type: "integer" },
  { name: "stage", type: "text" },
  { name: "reason_code", type: "text" },
  { name: "reason_detail", type: "text" },
  { name: "raw_json", type: "text" },
  { name: "record_key", type: "text" },
];

/** Between the cells of a weekly file's line. */
const SEPARATOR = "|";

/** What every line has of its capture, `c` in the view; behind the line's own columns. */
export const CAPTURE_FACTS =
  "c.capture_id, c.captured_at, c.partition_key, c.source_file AS source_locator, c.batch_id, c.execution_id, c.captured_at AS created_at";

/** The columns of a table of lines, without those of its capture. @throws {RangeError} for another table. */
export function lineColumns(table: string): readonly StoredColumn[] {
  if (table === RAW_TABLE) return RAW_COLUMNS;
  if (table === NORMALIZED_TABLE) return NORMALIZED_COLUMNS;
  if (table === REJECTS_TABLE) return REJECT_COLUMNS;
  throw new RangeError(`${table} holds no lines of sources`);
}

/** Every data line of a file in its order; what could not be read has its text alone. */
export function rawColumns({ rows, rejects }: WeeklyFile): readonly FileColumn[] {
  const lines = rejects.length === 0 ? rows : inOrder(rows, rejects);
  const read = (row: RawRow | Reject): RawRow | null => ("symbol" in row ? row : null);
  const cells: Readonly<Record<string, (line: RawRow | Reject) => CalcValue>> = {
    line: ({ line }) => line,
    raw: ({ raw }) => raw,
    tier_text: (row) => read(row)?.tier ?? null,
    symbol: (row) => read(row)?.symbol ?? null,
    mpid: (row) => read(row)?.mpid ?? null,
    shares: (row) => read(row)?.shares ?? null,
    trades: (row) => read(row)?.trades ?? null,
    last_update: (row) => read(row)?.last_update ?? null,
  };
  return columnsOf(RAW_COLUMNS, lines, cells);
}

function inOrder(rows: readonly RawRow[], rejects: readonly Reject[]): readonly (RawRow | Reject)[] {
  const lines: (RawRow | Reject)[] = [];
  let next = 0;
  for (const row of rows) {
    for (let reject = rejects[next]; reject !== undefined && reject.line < row.line; reject = rejects[++next]) lines.push(reject);
    lines.push(row);
  }
  for (; next < rejects.length; next++) lines.push(rejects[next] as Reject);
  return lines;
}

/** Rows of a normalised week. */
export function tradeColumns(rows: readonly TradeRow[]): readonly FileColumn[] {
  return columnsOf(NORMALIZED_COLUMNS, rows, {
    symbol: (row) => row.symbol,
    mpid: (row) => row.mpid,
    shares: (row) => row.shares,
    trades: (row) => row.trades,
    line: (row) => row.line,
  });
}

function columnsOf<Row>(
  columns: readonly StoredColumn[],
  rows: readonly Row[],
  cells: Readonly<Record<string, (row: Row) => CalcValue>>,
): readonly FileColumn[] {
  return columns.map(({ name, type }) => {
    const cell = cells[name];
    if (cell === undefined) throw new RangeError(`nothing fills the column ${name}`);
    const first = rows[0] === undefined ? null : cell(rows[0]);
    const shared = rows.every((row) => cell(row) === first);
    return { name, type, first, at: shared ? null : (row) => cell(rows[row] as Row) };
  });
}

/** Reads stored lines as they were read when they came. */
export class StoredLines {
  readonly #intake: WeeklyIntake;

  constructor(layout: FileLayout) {
    this.#intake = new WeeklyIntake(layout);
  }

  push(line: number, raw: string): void {
    this.#intake.push(raw, line);
  }

  /** @throws {RangeError} for lines that make no file. */
  finish(): WeeklyFile {
    const finished = this.#intake.finish();
    if (finished.kind === "refused") throw new RangeError("stored lines make no file");
    return finished.file;
  }
}

export function tradeRow([symbol, mpid, shares, trades, line]: readonly unknown[], names: Map<string, string>): TradeRow {
  return {
    symbol: shared(String(symbol), names),
    mpid: shared(String(mpid), names),
    shares: Number(shares),
    trades: Number(trades),
    line: Number(line),
  };
}

/** Rows share one text per name. */
function shared(text: string, names: Map<string, string>): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  names.set(text, text);
  return text;
}

/** One row per reason. */
export function rejectColumns(rejects: readonly Reject[]): readonly FileColumn[] {
  const rows = rejects.flatMap((reject) => reject.reasons.map((reason) => ({ reject, reason })));
  return columnsOf(REJECT_COLUMNS, rows, {
    line_number: ({ reject }) => reject.line,
    stage: ({ reject }) => reject.stage,
    reason_code: ({ reason }) => reason.code,
    reason_detail: ({ reason }) => reason.detail,
    // Cells of a line as a JSON list: every database can hold it, whatever characters the line has.
    raw_json: ({ reject }) => JSON.stringify(reject.raw.split(SEPARATOR)),
    record_key: ({ reject }) => reject.record_key,
  });
}

/** Rejects from their rows; those of one line stand together. */
export function rejectsOf(rows: readonly CalcRow[]): readonly Reject[] {
  const rejects: {
    readonly stage: RejectStage;
    readonly line: number;
    readonly reasons: Reject["reasons"][number][];
    readonly raw: string;
    readonly record_key: string | null;
  }[] = [];
  for (const row of rows) {
    const line = Number(row["line_number"]);
    const reason = { code: String(row["reason_code"]) as RejectCode, detail: String(row["reason_detail"]) };
    const last = rejects.at(-1);
    if (last !== undefined && last.line === line) last.reasons.push(reason);
    else {
      const key = row["record_key"] ?? null;
      rejects.push({
        stage: String(row["stage"]) as RejectStage,
        line,
        reasons: [reason],
        raw: (JSON.parse(String(row["raw_json"])) as readonly string[]).join(SEPARATOR),
        record_key: key === null ? null : String(key),
      });
    }
  }
  return rejects;
}
