/** A hundred runs in one process, each with its tape in SQLite: the last must leave no more behind than the tenth did. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WorkerEngineHost } from "../src/adapters/engine-host/worker-engine-host.js";
import { engineWorkerEntry } from "../src/apps/library/installation.js";
import { onScheduleWorkload } from "./on-schedule.js";
import { runOn } from "./passes.js";
import type { Trial, TrialLine } from "./trial.js";

const RUNS = 100;
/** Runs until code is compiled and caches are full. */
const WARM_UP = 10;
/** What ninety runs may add to the heap and the buffers of the writing thread. One run's tape alone is larger. */
const MOST_HEAP_MB = 2;
/** What they may add to the process, the engine's thread included, whose collector nobody can force. */
const MOST_RSS_MB = 64;
const ROWS = 2_000;

export function hundredRuns(): Trial {
  return {
    id: "MEMORY",
    says: `${RUNS} runs in one process, ${ROWS.toLocaleString("en-US")} bars and as many orders each, tape on: memory stays flat`,
    missing: () => null,
    measure,
  };
}

async function measure(): Promise<readonly TrialLine[]> {
  const bars = { symbols: 1, rows: ROWS, timeframe: "1m" } as const;
  const work = await onScheduleWorkload({ id: "MEMORY", says: "", bars, every: 1, passes: { off: 0, on: 1 } }).prepare({ quick: true });
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  const host = new WorkerEngineHost(engineWorkerEntry());
  const collect = collector();
  try {
    const proofs: string[] = [];
    const start = performance.now();
    let hash = "";
    let before = collect();
    let most = before.rss;
    for (let run = 1; run <= RUNS; run++) {
      const pass = await runOn(host, work, join(folder, String(run)), proofs);
      if (hash !== "" && pass.hash !== hash) throw new Error(`MEMORY: run ${run} ends in ${pass.hash}, the first in ${hash}`);
      hash = pass.hash;
      if (run % WARM_UP === 0) most = Math.max(most, collect().rss);
      if (run === WARM_UP) before = collect();
    }
    const after = collect();
    const heap_grown_mb = after.heap - before.heap;
    const rss_grown_mb = after.rss - before.rss;
    if (heap_grown_mb > MOST_HEAP_MB)
      throw new Error(`MEMORY: the heap grew by ${heap_grown_mb.toFixed(1)} MB, at most ${MOST_HEAP_MB} are allowed`);
    if (rss_grown_mb > MOST_RSS_MB)
      throw new Error(`MEMORY: the process grew by ${rss_grown_mb.toFixed(0)} MB, at most ${MOST_RSS_MB} are allowed`);
    const line = {
      trial: "MEMORY",
      of: null,
      figures: {
        runs: RUNS,
        heap_after_10_mb: rounded(before.heap),
        heap_after_100_mb: rounded(after.heap),
        heap_grown_mb: rounded(heap_grown_mb),
        rss_after_10_mb: rounded(before.rss),
        rss_after_100_mb: rounded(after.rss),
        rss_most_mb: rounded(most),
        rss_grown_mb: rounded(rss_grown_mb),
        seconds: rounded((performance.now() - start) / 1_000),
      },
      output_hash: hash,
    };
    return [line];
  } finally {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Megabytes in use after everything unreachable is gone. */
function collector(): () => { readonly heap: number; readonly rss: number } {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc !== "function") throw new Error("this Node does not let its garbage be collected on demand");
  return () => {
    for (let round = 0; round < 4; round++) gc();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    return { heap: (heapUsed + arrayBuffers) / 1_048_576, rss: rss / 1_048_576 };
  };
}

function rounded(n: number): number {
  return Math.round(n * 100) / 100;
}
