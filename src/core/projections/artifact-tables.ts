/** Every table that a run leaves behind, in the order in which they are written and documented. */
import { cashFlowsSchema } from "./cash-flows-table.js";
import { equitySchema } from "./equity-curve.js";
import { fillsSchema } from "./fills-table.js";
import { ordersSchema } from "./orders-table.js";
import { pnlSchema } from "./pnl-table.js";
import { positionsSchema } from "./positions-table.js";
import { riskSchema } from "./risk-table.js";
import { signalsSchema } from "./signals-table.js";
import type { TableSchema } from "./table.js";
import { tradesSchema } from "./trades-table.js";

/** Tables written as Parquet and CSV. */
export const artifactTables: readonly TableSchema[] = [
  ordersSchema,
  fillsSchema,
  positionsSchema,
  pnlSchema,
  riskSchema,
  signalsSchema,
  tradesSchema,
  cashFlowsSchema,
];

/** The table written as a column file. */
export const curveTable: TableSchema = equitySchema;
