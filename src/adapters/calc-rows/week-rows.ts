/** Weekly files and normalised weeks as rows of a table, and back. */
import type { CalcRow } from "../../core/calc/canonical-rows.js";
import type { TradeRow } from "../../core/calc/finra-otc/normalise.js";
import type { Reject, RejectCode, RejectStage } from "../../core/calc/finra-otc/reject.js";
import type { FileLayout } from "../../core/calc/finra-otc/weekly-file.js";
import { type WeeklyFile, WeeklyIntake } from "../../core/calc/finra-otc/weekly-intake.js";
import type { StoredColumn } from "../../core/calc/stored-columns.js";

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
  { name: "raw", type: "text" },
  { name: "record_key", type: "text" },
];

/** Every data line of a file in its order; what could not be read has its text alone. */
export function rawRows(file: WeeklyFile): readonly CalcRow[] {
  const rows: CalcRow[] = [];
  let next = 0;
  const unread = (before: number): void => {
    for (let reject = file.rejects[next]; reject !== undefined && reject.line < before; reject = file.rejects[++next])
      rows.push({
        line: reject.line,
        raw: reject.raw,
        tier_text: null,
        symbol: null,
        mpid: null,
        shares: null,
        trades: null,
        last_update: null,
      });
  };
  for (const { line, raw, tier, symbol, mpid, shares, trades, last_update } of file.rows) {
    unread(line);
    rows.push({ line, raw, tier_text: tier, symbol, mpid, shares, trades, last_update });
  }
  unread(Number.POSITIVE_INFINITY);
  return rows;
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
export function rejectRows(rejects: readonly Reject[]): readonly CalcRow[] {
  return rejects.flatMap(({ line, stage, reasons, raw, record_key }) =>
    reasons.map(({ code, detail }) => ({ line_number: line, stage, reason_code: code, reason_detail: detail, raw, record_key })),
  );
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
        raw: String(row["raw"]),
        record_key: key === null ? null : String(key),
      });
    }
  }
  return rejects;
}
