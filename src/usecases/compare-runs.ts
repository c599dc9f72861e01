import { runCatalogue } from "../core/engine/run-event-schemas.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { Divergence } from "../core/tape/divergence.js";
import type { Json, JsonObject } from "../core/tape/event.js";
import type { EventStore, LogSession, OpenOutcome } from "../ports/event-store.js";
import type { RunManifest, StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { findLogDivergence } from "./find-log-divergence.js";

export interface RunComparison {
  readonly identical: boolean;
  /** Where the tapes part; null when the tapes are equal and only something derived differs, or when a tape cannot be read. */
  readonly divergence: Divergence | null;
  /** Names of what differs: `tape`, artifacts, `manifest.json`, or files of the stored run that are no longer what was stored. */
  readonly differs: readonly string[];
}

/**
 * Compares a fresh run with the stored one of the same id: heads first, then artifacts, and the first event that differs.
 *
 * The stored run is taken at its files, not at its manifest's word; only what lies inside its tape is left to verification.
 */
export async function compareWithStored(
  ports: Pick<BacktestPorts, "tapes" | "runs" | "hash">,
  stored: StoredRun,
  fresh: { readonly dir: string; readonly manifest: RunManifest },
): Promise<RunComparison> {
  const differs: string[] = [];
  const tapesEqual =
    stored.manifest.tape.head_hash === fresh.manifest.tape.head_hash &&
    (await storedHead(ports, stored)) === stored.manifest.tape.head_hash;
  if (!tapesEqual) differs.push("tape");
  const names = new Set([...Object.keys(stored.manifest.artifacts), ...Object.keys(fresh.manifest.artifacts)]);
  for (const name of [...names].sort()) {
    const same = stored.manifest.artifacts[name] === fresh.manifest.artifacts[name];
    if (!same || textHash(stored.manifest, name) !== textHash(fresh.manifest, name)) differs.push(name);
  }
  if (remainder(stored.manifest) !== remainder(fresh.manifest)) differs.push("manifest.json");
  for (const { path } of await ports.runs.changedFiles(stored)) differs.push(path);
  if (differs.length === 0) return { identical: true, divergence: null, differs };
  const divergence = tapesEqual ? null : await tapeDivergence(ports, stored, fresh);
  return { identical: false, divergence, differs };
}

/** Hash of an artifact's CSV file. Equal runs write equal text; how a Parquet file packs equal columns is its writer's business. */
function textHash({ files }: RunManifest, name: string): unknown {
  const entry = files[name];
  const csv = isObject(entry) ? entry["csv"] : undefined;
  return isObject(csv) ? csv["sha256"] : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a manifest says beyond tape, artifacts and files: of equal runs it is equal. */
function remainder(manifest: RunManifest): string {
  const canonical = canonicalJson({ ...manifest, tape: null, artifacts: null, files: null });
  return canonical.ok ? canonical.text : "";
}

/** Hash at which the stored tape ends; null when it cannot be read. */
async function storedHead(ports: Pick<BacktestPorts, "tapes">, stored: StoredRun): Promise<string | null> {
  const store = ports.tapes(stored.dir);
  try {
    return (await readOnly(store, stored.manifest.tape.log))?.head().hash ?? null;
  } finally {
    await store.close();
  }
}

async function tapeDivergence(
  ports: Pick<BacktestPorts, "tapes" | "hash">,
  stored: StoredRun,
  fresh: { readonly dir: string; readonly manifest: RunManifest },
): Promise<Divergence | null> {
  const left = ports.tapes(stored.dir);
  const right = ports.tapes(fresh.dir);
  try {
    const a = await readOnly(left, stored.manifest.tape.log);
    const b = await readOnly(right, fresh.manifest.tape.log);
    return a === null || b === null ? null : (await findLogDivergence(a, b, ports.hash)).divergence;
  } finally {
    await left.close();
    await right.close();
  }
}

/** Opens a run's log for reading; null when the store does not give it. */
async function readOnly(store: EventStore, log: string): Promise<LogSession | null> {
  const opened = await openTape(store, log);
  return opened.session;
}

/** Opens a run's log for reading, or says why the store does not give it. */
export async function openTape(
  store: EventStore,
  log: string,
): Promise<{ readonly session: LogSession } | { readonly session: null; readonly why: string }> {
  const opened = await store.open({ log, catalogue: runCatalogue, mode: "read" });
  return opened.kind === "opened" ? { session: opened.session } : { session: null, why: whyNot(opened) };
}

function whyNot(outcome: Exclude<OpenOutcome, { kind: "opened" }>): string {
  switch (outcome.kind) {
    case "not_found":
      return "it is not there";
    case "newer_version":
      return `its store has version ${outcome.store_version}, this Onetape knows versions up to ${outcome.supported_version}`;
    case "head_mismatch":
      return `it ends at position ${outcome.actual.position}, not at ${outcome.expected.position}`;
    case "corrupt":
    case "unavailable":
      return outcome.cause;
  }
}
