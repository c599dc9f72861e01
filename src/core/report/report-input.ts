import type { RunConfig } from "../engine/run-config.js";
import type { BarColumns } from "../market/bars.js";
import type { RunMetrics } from "../metrics/run-metrics.js";
import type { EquityCurve } from "../projections/equity-curve.js";
import type { FillRow } from "../projections/fills-table.js";
import type { PnlRow } from "../projections/pnl-table.js";
import type { RiskExposure } from "../projections/risk-exposure.js";
import type { RiskRow } from "../projections/risk-table.js";
import type { TradeRow } from "../projections/trades-table.js";
import type { JsonObject } from "../tape/event.js";

/** What a sheet takes from a run's manifest. */
export interface ReportManifest {
  readonly run_id: string;
  readonly status: string;
  readonly research: boolean;
  readonly engine: { readonly version: string; readonly build: string };
  readonly strategy: { readonly name: string; readonly version: string; readonly source_sha256: string };
  readonly inputs: readonly { readonly symbol: string; readonly column_set: string; readonly basis: string; readonly rows: number }[];
  readonly tape: { readonly head_position: number; readonly head_hash: string; readonly content_hash: string };
  readonly artifacts: { readonly [name: string]: string };
  readonly error?: JsonObject;
}

/** A stored run, read whole: everything that a tear sheet is made of. */
export interface ReportInput {
  readonly manifest: ReportManifest;
  /** SHA-256 of the manifest's bytes. */
  readonly manifest_sha256: string;
  readonly config: RunConfig;
  readonly metrics: RunMetrics;
  readonly fills: readonly FillRow[];
  readonly trades: readonly TradeRow[];
  readonly risk: readonly RiskRow[];
  readonly pnl: readonly PnlRow[];
  readonly curve: EquityCurve;
  /** By symbol. A symbol whose bars the workspace no longer has is left out. */
  readonly bars: ReadonlyMap<string, BarColumns>;
  readonly captures: readonly { readonly symbol: string; readonly capture_id: string; readonly synthetic: boolean }[];
  /** The run's own copy of its benchmark's closes; absent for a run without one. */
  readonly benchmark?: string;
  /** Absent for a run without a policy. */
  readonly exposure?: RiskExposure;
}
