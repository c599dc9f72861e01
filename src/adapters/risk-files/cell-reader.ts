import type { Violation } from "../../core/quality/violation.js";
import { shortestDecimal } from "../config/schema-check.js";
import type { TableRow } from "./read-table.js";

/** Reads cells of one file and keeps every fault. A cell that is wrong is the empty text, which nothing looks at any more. */
export class CellReader {
  readonly violations: Violation[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  refuse({ line }: TableRow, field: string, value: string, expected: string, code = "VALUE_INVALID"): void {
    const message = value === "" ? `${field} is missing` : `${field} is ${JSON.stringify(value)}`;
    this.violations.push({ code, message, file: this.#file, line, field, value, expected });
  }

  text(row: TableRow, field: string, expected: string): string {
    const cell = row.cell(field);
    if (cell === null) this.refuse(row, field, "", expected, "VALUE_MISSING");
    return cell ?? "";
  }

  /** A plain decimal in its shortest form; `1,000`, `1e3` and `NaN` are none. */
  decimal(row: TableRow, field: string, expected: string, otherwise: string | null = null): string {
    const cell = row.cell(field);
    if (cell === null && otherwise !== null) return otherwise;
    const value = cell === null ? null : shortestDecimal(cell);
    if (value === null) this.refuse(row, field, cell ?? "", expected, cell === null ? "VALUE_MISSING" : "DECIMAL_INVALID");
    return value ?? "";
  }

  choice<T extends string>(row: TableRow, field: string, choices: readonly T[], otherwise: T | null = null): T | null {
    const cell = row.cell(field);
    if (cell === null && otherwise !== null) return otherwise;
    const found = choices.find((choice) => choice === cell);
    if (found === undefined) this.refuse(row, field, cell ?? "", `one of ${choices.join(", ")}`);
    return found ?? null;
  }

  /** Cells that mean nothing in this row must be empty, so that a slip does not pass unseen. */
  onlyEmpty(row: TableRow, fields: readonly string[], why: string): void {
    for (const field of fields) {
      const cell = row.cell(field);
      if (cell !== null) this.refuse(row, field, cell, `nothing: ${why}`);
    }
  }
}
