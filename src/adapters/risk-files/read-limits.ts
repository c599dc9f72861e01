/** Reads limits of a portfolio from a CSV or Parquet file. Every fault is told at once with line, field, value and what was expected. */
import type { Violation } from "../../core/quality/violation.js";
import type { LimitFigure, PortfolioLimit } from "../../core/risk/portfolio/portfolio-limits.js";
import type { Sha256BytesFn, Sha256Hex } from "../../core/tape/hash.js";
import { CellReader } from "./cell-reader.js";
import { readTable, type TableRow } from "./read-table.js";

export type ReadLimits =
  | { readonly kind: "read"; readonly limits: readonly PortfolioLimit[]; readonly sha256: Sha256Hex }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const KINDS = ["exposure", "any_exposure", "total", "concentration", "measure"] as const;
const DIMENSIONS = ["underlying", "currency", "asset_class"] as const;
const EXPOSURES = ["gross_value", "net_value", "gross_delta", "net_delta", "abs_notional"] as const;
const TOTALS = ["pv", "delta", "gamma", "vega", "theta", "rho"] as const;
const SHARES = ["herfindahl", "largest", "top_five"] as const;
const MEASURES = ["var", "es"] as const;

/** @param file path as its user wrote it */
export async function readLimits(file: string, hash: Sha256BytesFn): Promise<ReadLimits> {
  const table = await readTable(file, { required: ["id", "on", "figure", "limit"], optional: ["dimension", "key"] }, hash);
  if (table.kind === "invalid") return table;
  const reader = new CellReader(file);
  const lines = new Map<string, number>();
  const limits: PortfolioLimit[] = [];
  for (const row of table.rows) {
    const id = reader.text(row, "id", "a name of the limit");
    const first = lines.get(id);
    if (id !== "" && first !== undefined) reader.refuse(row, "id", id, `a name of its own; line ${first} has this one`, "DUPLICATE_NAME");
    lines.set(id, first ?? row.line);
    const limit = reader.decimal(row, "limit", "a plain decimal above 0");
    if (limit !== "" && !(Number(limit) > 0)) reader.refuse(row, "limit", limit, "a plain decimal above 0", "NOT_POSITIVE");
    const on = figureOf(row, reader);
    if (on !== null) limits.push({ id, on, limit });
  }
  return reader.violations.length > 0 ? { kind: "invalid", violations: reader.violations } : { kind: "read", limits, sha256: table.sha256 };
}

function figureOf(row: TableRow, reader: CellReader): LimitFigure | null {
  const kind = reader.choice(row, "on", KINDS);
  if (kind === null) return null;
  const unused = {
    exposure: [],
    any_exposure: ["key"],
    total: ["dimension", "key"],
    concentration: ["key"],
    measure: ["dimension", "key"],
  };
  reader.onlyEmpty(row, unused[kind], `a limit on ${kind} has none`);
  switch (kind) {
    case "total": {
      const figure = reader.choice(row, "figure", TOTALS);
      return figure === null ? null : { kind, figure };
    }
    case "measure": {
      const name = reader.choice(row, "figure", MEASURES);
      return name === null ? null : { kind, name };
    }
    case "concentration": {
      const [dimension, figure] = [reader.choice(row, "dimension", DIMENSIONS), reader.choice(row, "figure", SHARES)];
      return dimension === null || figure === null ? null : { kind, dimension, figure };
    }
    case "any_exposure": {
      const [dimension, figure] = [reader.choice(row, "dimension", DIMENSIONS), reader.choice(row, "figure", EXPOSURES)];
      return dimension === null || figure === null ? null : { kind, dimension, figure };
    }
    case "exposure": {
      const [dimension, figure] = [reader.choice(row, "dimension", DIMENSIONS), reader.choice(row, "figure", EXPOSURES)];
      const key = reader.text(row, "key", "the line, as EUR");
      return dimension === null || figure === null ? null : { kind, dimension, key, figure };
    }
  }
}
