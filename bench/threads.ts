/** What a machine gives without a tape when each of its threads has an engine, as in a sweep: passes of one workload over all of them. */
import { availableParallelism } from "node:os";
import { WorkerEngineHost } from "../src/adapters/engine-host/worker-engine-host.js";
import { engineWorkerEntry } from "../src/apps/library/installation.js";
import { runOff, WARM_UP_MS } from "./passes.js";
import type { Trial, TrialLine } from "./trial.js";
import { type BenchOptions, quantile, type Workload } from "./workload.js";

/** Batches of passes that are measured; the median counts. */
const ROUNDS = 15;

/** @param passes of one batch, over all threads. */
export function onThreads(workload: Workload, passes: number): Trial {
  return {
    id: "THREADS",
    says: `${passes} passes of ${workload.id} without a tape over every thread of the machine`,
    missing: () => workload.missing(),
    measure: (options) => measure(workload, passes, options),
  };
}

async function measure(workload: Workload, passes: number, options: BenchOptions): Promise<readonly TrialLine[]> {
  const measured = await workload.prepare(options);
  const hosts = Array.from({ length: availableParallelism() }, () => new WorkerEngineHost(engineWorkerEntry()));
  const batch = async (threads: readonly WorkerEngineHost[]): Promise<{ readonly ms: number; readonly hash: string }> => {
    const hashes = new Set<string>();
    let left = passes;
    const start = performance.now();
    await Promise.all(
      threads.map(async (host) => {
        while (left > 0) {
          left -= 1;
          hashes.add((await runOff(host, measured)).hash);
        }
      }),
    );
    const ms = performance.now() - start;
    const [hash, other] = hashes;
    if (hash === undefined || other !== undefined) throw new Error(`THREADS: ${hashes.size} different outcomes of one workload`);
    return { ms, hash };
  };
  try {
    const rateOf = async (
      threads: readonly WorkerEngineHost[],
    ): Promise<{ readonly rate: number; readonly best: number; readonly hash: string }> => {
      for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) await batch(threads);
      const ms: number[] = [];
      let hash = "";
      for (let round = 0; round < (options.quick ? 2 : ROUNDS); round++) {
        const done = await batch(threads);
        ms.push(done.ms);
        hash = done.hash;
      }
      ms.sort((a, b) => a - b);
      const rate = (time: number): number => Math.round((measured.bars * passes * 1_000) / time);
      return { rate: rate(quantile(ms, 0.5)), best: rate(ms[0] ?? Number.NaN), hash };
    };
    const one = await rateOf(hosts.slice(0, 1));
    const all = await rateOf(hosts);
    if (one.hash !== all.hash) throw new Error("THREADS: one thread and all of them come to different outcomes");
    const figures = {
      threads: hosts.length,
      passes,
      bars_per_s: all.rate,
      best_bars_per_s: all.best,
      one_thread_bars_per_s: one.rate,
      to_one_thread: Math.round((100 * all.rate) / one.rate) / 100,
    };
    return [{ trial: "THREADS", of: workload.id, figures, output_hash: all.hash }];
  } finally {
    await Promise.all(hosts.map((host) => host.close()));
  }
}
