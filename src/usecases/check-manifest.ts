/** Compares what a run's manifest says with what its tape gives. The tape is taken as verified: it is the measure here. */
import type { RunConfig } from "../core/engine/run-config.js";
import type { RunCompleted, RunStarted } from "../core/engine/run-events.js";
import type { BarColumns } from "../core/market/bars.js";
import { curveTable } from "../core/projections/artifact-tables.js";
import { curveIdentity } from "../core/projections/equity-curve.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { tableIdentity } from "../core/projections/table-identity.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { Json, JsonObject } from "../core/tape/event.js";
import type { LogSession } from "../ports/event-store.js";
import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { metricsText, type ProjectedRun, projectRun } from "./project-run.js";
import { configOf, keptInputs, recordedStart } from "./recorded-run.js";
import { identityFault } from "./run-identity.js";
import { asJsonObject, statedByConfig } from "./run-manifest.js";

/** A field of the manifest that says something else than the tape. Values are JSON text, or words where there is no value. */
export interface Contradiction {
  readonly field: string;
  /** What the tape gives. */
  readonly expected: string;
  /** What the manifest says. */
  readonly actual: string;
}

export interface ManifestCheck {
  readonly contradictions: readonly Contradiction[];
  /** Why the artifacts could not be made again from tape and bars, or null where they were. */
  readonly artifacts_unchecked: string | null;
}

type CheckPorts = Pick<BacktestPorts, "bars" | "runs" | "artifacts" | "hash" | "hashBytes" | "engine">;

/**
 * Checks everything that a manifest says of its run but the engine's version text and the hashes of the bundle and of Parquet files,
 * which only running and writing again could give.
 *
 * @param onProgress called with the number of events folded.
 */
export async function checkManifest(
  ports: CheckPorts,
  run: StoredRun,
  session: LogSession,
  onProgress?: (events: number) => void,
): Promise<ManifestCheck> {
  const { manifest, name } = run;
  const found: Contradiction[] = [];
  const expect = (tape: object, stated: object): void => {
    found.push(...differences(asJsonObject(tape), asJsonObject(stated), ""));
  };
  const head = session.head();
  const { position: head_position, hash: head_hash, content_hash } = head;
  expect({ tape: { log: session.log, layout: session.layout, head_position, head_hash, content_hash } }, { tape: manifest.tape });
  if (!bearsName(name, manifest)) found.push({ field: "run_id", expected: `the run of the folder ${name}`, actual: manifest.run_id });

  const { started, completed } = await endsOf(session);
  if (started !== null) {
    const fault = identityFault(manifest, started, ports.hash);
    if (fault !== null) found.push({ field: "run_id", expected: "the content that the tape begins with", actual: fault });
    const { inputs, research, assumptions, strategy } = manifest;
    expect(statedByConfig(configOf(started), ports.hash), {
      strategy: { name: strategy.name, version: strategy.version },
      inputs,
      research,
      assumptions,
    });
  }
  if (manifest.status === "aborted") {
    const none = { bars: 0, sessions: 0, signals: 0, orders: 0, fills: 0, trades: 0 };
    expect({ totals: { events: head.position, ...none }, artifacts: {}, files: {} }, pick(manifest));
    return { contradictions: found, artifacts_unchecked: null };
  }
  if (started === null || completed === null) {
    const missing = started === null ? "run.started at its beginning" : "run.completed at its end";
    found.push({ field: "status", expected: `a tape with ${missing}`, actual: manifest.status });
    return { contradictions: found, artifacts_unchecked: null };
  }
  expect({ status: completed.status, error: completed.error ?? null }, { status: manifest.status, error: manifest.error ?? null });

  const columns = await barsOf(ports, run, configOf(started));
  if (typeof columns === "string") {
    const { bars, sessions, signals, orders, fills } = completed;
    const { trades } = manifest.totals;
    expect({ totals: { events: head.position, bars, sessions, signals, orders, fills, trades } }, { totals: manifest.totals });
    return { contradictions: found, artifacts_unchecked: columns };
  }
  const inputs = await keptInputs(ports, run, configOf(started));
  if (typeof inputs === "string") {
    found.push({ field: "inputs", expected: "every text that the config names", actual: inputs });
    return { contradictions: found, artifacts_unchecked: inputs };
  }
  let projected: ProjectedRun;
  try {
    projected = await projectRun({
      session,
      columns,
      config: configOf(started),
      inputs,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  } catch (error) {
    found.push({ field: "artifacts", expected: "a tape that folds", actual: error instanceof Error ? error.message : String(error) });
    return { contradictions: found, artifacts_unchecked: null };
  }
  expect({ totals: projected.totals, ...artifactsOf(ports, projected) }, pick(manifest));
  return { contradictions: found, artifacts_unchecked: null };
}

/** A folder has its run's id as name, or says why not. */
function bearsName(name: string, { run_id, status }: StoredRun["manifest"]): boolean {
  if (status === "aborted") return name.startsWith("aborted-") && name.includes(`-${run_id}-`);
  return name === run_id || name.startsWith(`mismatch-${run_id}-`);
}

/** What a manifest says of results. A Parquet file's bytes are its writer's business, so its hash is left out. */
function pick({ totals, artifacts, files }: StoredRun["manifest"]): object {
  const stated: Record<string, object> = {};
  for (const [name, formats] of Object.entries(files)) {
    const entries = Object.entries(isObject(formats) ? formats : {}).map(([format, file]) => {
      const { path = null, sha256 = null } = isObject(file) ? file : {};
      return [format, format === "parquet" ? { path } : { path, sha256 }] as const;
    });
    stated[name] = Object.fromEntries(entries);
  }
  return { totals, artifacts, files: stated };
}

function artifactsOf(
  { artifacts: writer, hashBytes }: CheckPorts,
  { tables, equity, metrics }: ProjectedRun,
): { readonly artifacts: object; readonly files: object } {
  const artifacts: Record<string, string> = {};
  const files: Record<string, object> = {};
  for (const table of tables) {
    artifacts[table.schema.name] = tableIdentity(table, hashBytes);
    files[table.schema.name] = writer.describeTable(table);
  }
  artifacts[curveTable.name] = curveIdentity(equity, hashBytes);
  files[curveTable.name] = { columns: writer.describeCurve(curveTable.name, equity) };
  const { identity_sha256, file } = metricsText(metrics, hashBytes);
  artifacts["metrics"] = identity_sha256;
  files["metrics"] = { json: { path: "metrics.json", sha256: hashBytes([new TextEncoder().encode(file)]) } };
  return { artifacts, files };
}

/** First and last event where they are what a whole run begins and ends with. */
async function endsOf(session: LogSession): Promise<{ readonly started: RunStarted | null; readonly completed: RunCompleted | null }> {
  const started = await recordedStart(session);
  let completed: RunCompleted | null = null;
  for await (const stored of session.readLog({ limit: 1, direction: "backwards" })) {
    const event = positionedEvent(stored);
    if (event.type === "run.completed") completed = event.payload;
  }
  return { started, completed };
}

/** The bars of a run by symbol, or why its artifacts cannot be made again here. */
async function barsOf(ports: CheckPorts, { manifest }: StoredRun, config: RunConfig): Promise<ReadonlyMap<string, BarColumns> | string> {
  // Another build may make other tables of the same tape without any tampering.
  if (manifest.engine.build !== ports.engine.build) return "another build of the engine recorded the run";
  const columns = new Map<string, BarColumns>();
  for (const { symbol, column_set, basis } of config.data) {
    const own = await ports.bars.load(column_set, basis);
    if (own === null) return `the bars of ${symbol} are missing from the workspace or altered`;
    columns.set(symbol, own);
  }
  return columns;
}

/** Every place where two JSON values differ, as a path of keys. */
function differences(expected: Json, actual: Json, path: string): Contradiction[] {
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
    return keys.flatMap((key) => differences(expected[key] ?? null, actual[key] ?? null, path === "" ? key : `${path}.${key}`));
  }
  const [left, right] = [textOf(expected), textOf(actual)];
  return left === right ? [] : [{ field: path, expected: left, actual: right }];
}

function textOf(value: Json): string {
  const canonical = canonicalJson(value);
  return canonical.ok ? canonical.text : JSON.stringify(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
