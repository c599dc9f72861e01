/**
 * Reads a stored run back into a tear sheet.
 *
 * Every table is compared with the identity that the run's manifest names before a figure is taken from it: a sheet of altered
 * artifacts is refused. Bars come from the workspace; without them the sheet has no candles and no excursions, and says so.
 */
import type { RunConfig } from "../core/engine/run-config.js";
import type { BarColumns } from "../core/market/bars.js";
import type { RunMetrics } from "../core/metrics/run-metrics.js";
import { curveTable } from "../core/projections/artifact-tables.js";
import { curveIdentity, type EquityCurve } from "../core/projections/equity-curve.js";
import { fillsSchema } from "../core/projections/fills-table.js";
import { pnlSchema } from "../core/projections/pnl-table.js";
import { riskSchema } from "../core/projections/risk-table.js";
import type { RowOf, TableSchema } from "../core/projections/table.js";
import { tableIdentity } from "../core/projections/table-identity.js";
import { tradesSchema } from "../core/projections/trades-table.js";
import type { Violation } from "../core/quality/violation.js";
import { makeTearSheet } from "../core/report/make-tear-sheet.js";
import type { ReportInput } from "../core/report/report-input.js";
import type { TearSheet } from "../core/report/tear-sheet.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { JsonObject } from "../core/tape/event.js";
import type { Sha256BytesFn, Sha256Fn } from "../core/tape/hash.js";
import type { ArtifactReader, ReadArtifact } from "../ports/artifact-reader.js";
import type { BarLibrary } from "../ports/bar-library.js";
import type { RunStore, StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { riskExposure } from "./risk-exposure.js";

export interface ReportPorts {
  readonly runs: Pick<RunStore, "file" | "input">;
  readonly reader: ArtifactReader;
  readonly bars: Pick<BarLibrary, "load">;
  readonly hash: Sha256Fn;
  readonly hashBytes: Sha256BytesFn;
  /** Tapes of runs under a policy, whose use of their limits is folded anew. */
  readonly tapes: BacktestPorts["tapes"];
}

export type ReadReport =
  | { readonly kind: "read"; readonly input: ReportInput; readonly sheet: TearSheet }
  /** The run has no figures: it was ended from outside. */
  | { readonly kind: "no_figures"; readonly message: string }
  /** Artifacts are missing or not what the manifest names. */
  | { readonly kind: "altered"; readonly violations: readonly Violation[] };

export async function readReport(ports: ReportPorts, run: StoredRun): Promise<ReadReport> {
  const { manifest } = run;
  if (manifest.status === "aborted") {
    return { kind: "no_figures", message: `${run.name} was ended before its figures were made` };
  }
  const faults: Violation[] = [];
  const fault = (name: string, message: string): null => {
    faults.push({ code: "ARTIFACT_ALTERED", message, field: name, file: run.dir });
    return null;
  };
  const table = async <S extends TableSchema>(schema: S): Promise<readonly RowOf<S>[] | null> => {
    const read = await ports.reader.readTable(run.dir, schema);
    return checked(run, fault, schema.name, read, (rows) => tableIdentity({ schema, rows }, ports.hashBytes));
  };
  const config = await ports.runs.input(run, manifest.config_sha256);
  const manifestText = await ports.runs.file(run, "manifest.json");
  const metrics = await metricsOf(ports, run, fault);
  const fills = await table(fillsSchema);
  const trades = await table(tradesSchema);
  const risk = await table(riskSchema);
  const pnl = await table(pnlSchema);
  const curve = checked(run, fault, curveTable.name, await ports.reader.readCurve(run.dir, curveTable.name), (c: EquityCurve) =>
    curveIdentity(c, ports.hashBytes),
  );
  if (config === null) fault("config", "the run's own copy of the configuration is missing or altered");
  if (manifestText === null) fault("manifest", "manifest.json is missing");
  if (config === null || manifestText === null || metrics === null || fills === null || trades === null || risk === null || pnl === null)
    return { kind: "altered", violations: faults };
  if (curve === null) return { kind: "altered", violations: faults };
  // Written by this product from this type and found by its hash.
  const runConfig = JSON.parse(config) as RunConfig;
  const benchmark = runConfig.benchmark === undefined ? undefined : await ports.runs.input(run, runConfig.benchmark.closes_sha256);
  if (benchmark === null) {
    fault("benchmark", "the run's own copy of its benchmark's closes is missing or altered");
    return { kind: "altered", violations: faults };
  }
  const exposure = runConfig.risk === undefined ? null : await riskExposure(ports, { run });
  if (exposure?.kind === "unreadable") {
    fault("tape", exposure.message);
    return { kind: "altered", violations: faults };
  }
  const input: ReportInput = {
    manifest,
    manifest_sha256: ports.hash(manifestText),
    config: runConfig,
    metrics,
    fills,
    trades,
    risk,
    pnl,
    curve,
    bars: await barsOf(ports, runConfig),
    captures: capturesOf(run.provenance),
    ...(benchmark === undefined ? {} : { benchmark }),
    ...(exposure?.kind === "exposure" ? { exposure: exposure.exposure } : {}),
  };
  return { kind: "read", input, sheet: makeTearSheet(input) };
}

type Fault = (name: string, message: string) => null;

function checked<T>(run: StoredRun, fault: Fault, name: string, read: ReadArtifact<T>, identity: (value: T) => string): T | null {
  if (read.kind === "unreadable") return fault(name, read.problem);
  return identity(read.value) === run.manifest.artifacts[name] ? read.value : fault(name, `${name} is not what the manifest names`);
}

async function metricsOf(ports: ReportPorts, run: StoredRun, fault: Fault): Promise<RunMetrics | null> {
  const text = await ports.runs.file(run, "metrics.json");
  if (text === null) return fault("metrics", "metrics.json is missing");
  const value: unknown = JSON.parse(text);
  const canonical = canonicalJson(value);
  if (!canonical.ok || ports.hash(canonical.text) !== run.manifest.artifacts["metrics"])
    return fault("metrics", "metrics.json is not what the manifest names");
  // Written by this product from this type.
  return value as RunMetrics;
}

/** The run's bars, as far as the workspace still has them. */
async function barsOf(ports: ReportPorts, config: RunConfig): Promise<ReadonlyMap<string, BarColumns>> {
  const found = new Map<string, BarColumns>();
  for (const { symbol, column_set, basis } of config.data) {
    const columns = await ports.bars.load(column_set, basis);
    if (columns !== null) found.set(symbol, columns);
  }
  return found;
}

/** Only what names the data: the clock readings beside it are no part of a sheet. */
function capturesOf({ captures }: JsonObject): ReportInput["captures"] {
  if (!Array.isArray(captures)) return [];
  return captures.flatMap((capture) => {
    if (typeof capture !== "object" || capture === null || Array.isArray(capture)) return [];
    const { symbol, capture_id, synthetic } = capture as JsonObject;
    return typeof symbol === "string" && typeof capture_id === "string" ? [{ symbol, capture_id, synthetic: synthetic === true }] : [];
  });
}
