/**
 * Full revaluation of a book of options under scenarios on one and two threads, and implied volatilities; beside numpy and QuantLib where
 * python3 has them. Every pass must end in the recorded bytes, whatever the number of threads: pricing is the same to the bit on any machine.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { impliedVolatilities } from "../src/core/risk/pricing/implied-volatility.js";
import { makeBook, makeQuotes, makeScenarios } from "./pricing-book.js";
import type { PricingShare } from "./pricing-worker.js";
import { pythonPeers } from "./python-peers.js";
import { type PassTimes, timed } from "./timed-passes.js";
import type { Trial, TrialLine } from "./trial.js";

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

interface Timed extends PassTimes {
  readonly found: Float64Array<ArrayBuffer>;
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

function line(of: string, { best_ms, ms, processor_ms, found }: Timed, expected: string, count: number): TrialLine {
  const hash = sha256Bytes([new Uint8Array(found.buffer)]);
  if (hash !== expected) throw new Error(`PRICING: ${of} came to ${hash}, expected ${expected}`);
  const tenths = (x: number) => Math.round(x * 10) / 10;
  const each = (of_ms: number) => tenths((of_ms * 1e6) / count);
  const figures = {
    best_ms: tenths(best_ms),
    median_ms: tenths(ms),
    each_ns: each(ms),
    processor_ms: tenths(processor_ms),
    each_processor_ns: each(processor_ms),
  };
  return { trial: "PRICING", of, figures, output_hash: hash };
}

/** numpy and QuantLib on the same columns. */
function peers(prices: Float64Array, ours: number): readonly TrialLine[] {
  const { scenarios, ...moves } = makeScenarios(SCENARIOS);
  const found = pythonPeers<PeerFound>(
    "PRICING",
    "pricing_peer.py",
    { options: OPTIONS, scenarios },
    { ...makeBook(OPTIONS), ...moves, prices },
  );
  return found.map(({ peer, version, ms, options, worst }) => {
    if (!(worst <= TOLERANCE)) throw new Error(`PRICING: ${peer} differs by ${worst} of the largest price`);
    const whole = (ms * OPTIONS) / options;
    const figures = {
      median_ms: Math.round(whole * 10) / 10,
      times_as_long: Math.round((whole / ours) * 100) / 100,
      worst_difference: worst,
    };
    return { trial: "PRICING", of: `revaluation by ${peer} ${version}`, figures, output_hash: null };
  });
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
