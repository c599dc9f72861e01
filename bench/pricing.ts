/**
 * Full revaluation of a book of options under scenarios on one and two threads, and implied volatilities; beside numpy and QuantLib where
 * python3 has them. Every pass must end in the recorded bytes, whatever the number of threads: pricing is the same to the bit on any machine.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { impliedVolatilities } from "../src/core/risk/pricing/implied-volatility.js";
import { makeBook, makeQuotes, makeScenarios } from "./pricing-book.js";
import type { PricingShare } from "./pricing-worker.js";
import type { Trial, TrialLine } from "./trial.js";
import { quantile } from "./workload.js";

const OPTIONS = 10_000;
const SCENARIOS = 1_000;
const QUOTES = 200_000;
const PRICES_HASH = "d22975e365ba053b46bfaba34535610a883cf70fb8f2f21e21b2b2455f330eb1";
const VOLATILITIES_HASH = "ce0d7e6702461964e5f7e9b70544e9ca2eb4f93099c51a27cf704bd8efdcc195";
/** Peers round otherwise: so much of the largest price may differ. */
const TOLERANCE = 1e-9;

export function pricing(): Trial {
  return {
    id: "PRICING",
    says: "10,000 European options under 1,000 scenarios, and 200,000 implied volatilities",
    missing: () => null,
    async measure({ quick }) {
      const passes = quick ? 1 : 7;
      const one = await revalue(1, passes);
      const two = await revalue(2, passes);
      const lines = [
        line("revaluation, 1 thread", one, PRICES_HASH, OPTIONS * SCENARIOS),
        line("revaluation, 2 threads", two, PRICES_HASH, OPTIONS * SCENARIOS),
        line("implied volatility", await imply(passes), VOLATILITIES_HASH, QUOTES),
      ];
      return [...lines, ...peers(two.found, Math.min(one.ms, two.ms))];
    },
  };
}

interface Timed {
  /** Medians of a pass: of the clock, and of the processors' time for this process, which the load of other programs moves less. */
  readonly ms: number;
  readonly processor_ms: number;
  readonly found: Float64Array<ArrayBuffer>;
}

/** Runs passes of which the first warms up. */
async function timed(passes: number, run: () => Promise<unknown>): Promise<Omit<Timed, "found">> {
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
  const median = (of: number[]) =>
    quantile(
      of.sort((a, b) => a - b),
      0.5,
    );
  return { ms: median(ms), processor_ms: median(processor) };
}

async function revalue(threads: number, passes: number): Promise<Timed> {
  const prices = new Float64Array(new SharedArrayBuffer(8 * OPTIONS * SCENARIOS));
  const share = { options: makeBook(OPTIONS), scenarios: makeScenarios(SCENARIOS), prices };
  const workers = Array.from({ length: threads }, (_, n) => {
    const workerData: PricingShare = {
      ...share,
      from: Math.floor((n * OPTIONS) / threads),
      until: Math.floor(((n + 1) * OPTIONS) / threads),
    };
    return new Worker(new URL("bench-pricing-worker.js", import.meta.url), { workerData });
  });
  try {
    await Promise.all(workers.map((worker) => once(worker, "message")));
    const times = await timed(passes, async () => {
      const done = workers.map((worker) => once(worker, "message"));
      for (const worker of workers) worker.postMessage("go");
      await Promise.all(done);
    });
    return { ...times, found: prices.slice() };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

async function imply(passes: number): Promise<Timed> {
  const { quotes, volatility } = makeQuotes(QUOTES);
  const out = new Float64Array(QUOTES);
  const times = await timed(passes, () => Promise.resolve(impliedVolatilities(quotes, out)));
  for (const [n, found] of out.entries()) {
    const made = volatility[n] ?? 0;
    if (Math.abs(found / made - 1) > 1e-12) throw new Error(`PRICING: quote ${n} was made with ${made} and gave ${found}`);
  }
  return { ...times, found: out };
}

function line(of: string, { ms, processor_ms, found }: Timed, expected: string, count: number): TrialLine {
  const hash = sha256Bytes([new Uint8Array(found.buffer)]);
  if (hash !== expected) throw new Error(`PRICING: ${of} came to ${hash}, expected ${expected}`);
  const tenths = (x: number) => Math.round(x * 10) / 10;
  const each = (of_ms: number) => tenths((of_ms * 1e6) / count);
  const figures = { median_ms: tenths(ms), each_ns: each(ms), processor_ms: tenths(processor_ms), each_processor_ns: each(processor_ms) };
  return { trial: "PRICING", of, figures, output_hash: hash };
}

interface PeerFound {
  readonly peer: string;
  readonly version: string;
  /** Of one pass over `options` options; it is scaled to the whole book where that is a part. */
  readonly ms: number;
  readonly options: number;
  /** Largest difference to our prices, over the largest price. */
  readonly worst: number;
}

/** numpy and QuantLib on the same columns. What python3 does not have is skipped aloud. */
function peers(prices: Float64Array, ours: number): readonly TrialLine[] {
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  try {
    const book = makeBook(OPTIONS);
    const scenarios = makeScenarios(SCENARIOS);
    const { scenarios: count, ...moves } = scenarios;
    writeFileSync(join(folder, "terms.json"), JSON.stringify({ options: OPTIONS, scenarios: count }));
    for (const [name, column] of Object.entries({ ...book, ...moves, prices })) writeFileSync(join(folder, `${name}.bin`), column);
    const done = spawnSync(process.env["ONETAPE_PYTHON"] ?? "python3", ["bench/peers/pricing_peer.py", folder], {
      encoding: "utf8",
      maxBuffer: 1 << 24,
    });
    if (done.status !== 0) {
      process.stderr.write(`SKIPPED PRICING peers: ${done.error?.message ?? done.stderr.trim().split("\n").at(-1)}\n`);
      return [];
    }
    return done.stdout
      .split("\n")
      .filter((text) => text !== "")
      .flatMap((text) => {
        // Written by the script beside this file.
        const found = JSON.parse(text) as PeerFound | { readonly peer: string; readonly unsupported: string };
        if ("unsupported" in found) {
          process.stderr.write(`SKIPPED PRICING beside ${found.peer}: ${found.unsupported}\n`);
          return [];
        }
        if (!(found.worst <= TOLERANCE)) throw new Error(`PRICING: ${found.peer} differs by ${found.worst} of the largest price`);
        const whole = (found.ms * OPTIONS) / found.options;
        const figures = {
          median_ms: Math.round(whole * 10) / 10,
          times_as_long: Math.round((whole / ours) * 100) / 100,
          worst_difference: found.worst,
        };
        return [{ trial: "PRICING", of: `revaluation by ${found.peer} ${found.version}`, figures, output_hash: null }];
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
