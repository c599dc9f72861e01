import { quantile } from "./workload.js";

/** How long passes took. */
export interface PassTimes {
  /** Best and median pass by the clock. */
  readonly best_ms: number;
  readonly ms: number;
  /** Median of the processors' time for this process, which the load of other programs moves less. */
  readonly processor_ms: number;
}

/** Runs passes after one that warms up. */
export async function timed(passes: number, run: () => Promise<unknown>): Promise<PassTimes> {
  const ms: number[] = [];
  const processor: number[] = [];
  for (let pass = 0; pass <= passes; pass++) {
    const start = performance.now();
    const before = process.cpuUsage();
    await run();
    if (pass === 0) continue;
    ms.push(performance.now() - start);
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1000);
  }
  ms.sort((a, b) => a - b);
  processor.sort((a, b) => a - b);
  return { best_ms: ms[0] ?? Number.NaN, ms: quantile(ms, 0.5), processor_ms: quantile(processor, 0.5) };
}
