import { runCatalogue } from "../core/engine/run-event-schemas.js";
import type { Divergence } from "../core/tape/divergence.js";
import type { EventStore, LogSession } from "../ports/event-store.js";
import type { RunManifest, StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { findLogDivergence } from "./find-log-divergence.js";

export interface RunComparison {
  readonly identical: boolean;
  /** Where the tapes part; null when the tapes are equal and only something derived differs, or when a tape cannot be read. */
  readonly divergence: Divergence | null;
  /** Names of what differs: `tape`, artifacts, or files of the stored run that are no longer what was stored. */
  readonly differs: readonly string[];
}

/**
 * Compares a fresh run with the stored one of the same id: heads first, then artifacts, and the first event that differs.
 *
 * The stored run is taken at its files, not at its manifest's word; only what lies inside its tape is left to verification.
 */
export async function compareWithStored(
  ports: Pick<BacktestPorts, "tapes" | "runs">,
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
    if (stored.manifest.artifacts[name] !== fresh.manifest.artifacts[name]) differs.push(name);
  }
  for (const { path } of await ports.runs.changedFiles(stored)) differs.push(path);
  if (differs.length === 0) return { identical: true, divergence: null, differs };
  const divergence = tapesEqual ? null : await tapeDivergence(ports, stored, fresh);
  return { identical: false, divergence, differs };
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
  ports: Pick<BacktestPorts, "tapes">,
  stored: StoredRun,
  fresh: { readonly dir: string; readonly manifest: RunManifest },
): Promise<Divergence | null> {
  const left = ports.tapes(stored.dir);
  const right = ports.tapes(fresh.dir);
  try {
    const a = await readOnly(left, stored.manifest.tape.log);
    const b = await readOnly(right, fresh.manifest.tape.log);
    return a === null || b === null ? null : await findLogDivergence(a, b);
  } finally {
    await left.close();
    await right.close();
  }
}

/** Opens a run's log for reading; null when the store does not give it. */
export async function readOnly(store: EventStore, log: string): Promise<LogSession | null> {
  const opened = await store.open({ log, catalogue: runCatalogue, mode: "read" });
  return opened.kind === "opened" ? opened.session : null;
}
