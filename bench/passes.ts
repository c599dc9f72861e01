/**
 * Times whole runs of one task. With the tape on, every pass writes its tape to its own SQLite file and syncs it at its end; without,
 * events are made and folded and kept nowhere. Every pass must give the same counts and hash, and the first tape the expected work.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerEngineHost } from "../src/adapters/engine-host/worker-engine-host.js";
import { sha256, sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../src/adapters/sqlite/sqlite-event-store.js";
import { engineWorkerEntry } from "../src/apps/library/installation.js";
import { runCatalogue } from "../src/core/engine/run-event-schemas.js";
import type { EngineOutcome } from "../src/ports/engine-host.js";
import { agreedWork, type Work, workOnTape } from "./proof.js";
import { type BenchLine, type Measured, quantile } from "./workload.js";

/** Passes before the measured ones go on this long, so that short ones are measured as compiled code, as a long sweep runs them. */
export const WARM_UP_MS = 1_500;

/** A handler may be held up by other work on the machine: what is measured is the pass. */
const BUDGET_MS = 120_000;

export async function* measure(measured: Measured): AsyncGenerator<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  const host = new WorkerEngineHost(engineWorkerEntry());
  try {
    let off: Timed | null = null;
    if (measured.passes.off > 0) {
      off = await timePasses(measured, measured.passes.off, () => runOff(host, measured));
      yield lineOf(measured, "off", off, null, { to_bare_loop: off.rate / measured.bare_rate });
    }
    if (measured.passes.on > 0) {
      const proofs: string[] = [];
      let pass = 0;
      const on = await timePasses(measured, measured.passes.on, () => runOn(host, measured, join(folder, String(pass++)), proofs));
      const ratios = { to_bare_loop: on.rate / measured.bare_rate, ...(off === null ? {} : { to_tape_off: on.rate / off.rate }) };
      yield lineOf(measured, "on", on, proofs[0] ?? null, ratios);
    }
  } finally {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Pass {
  readonly events: number;
  readonly orders: number;
  readonly hash: string;
  /** Milliseconds of the run itself; what is read back to prove it does not count. */
  readonly ms: number;
}

interface Timed {
  readonly rate: number;
  readonly ms: readonly number[];
  readonly pass: Pass;
}

async function timePasses({ id, bars }: Measured, passes: number, run: () => Promise<Pass>): Promise<Timed> {
  const begun = performance.now();
  const first = await run();
  while (passes > 1 && performance.now() - begun < WARM_UP_MS) await run();
  const ms: number[] = passes === 1 ? [first.ms] : [];
  for (let n = 1; n <= passes && passes > 1; n++) {
    const pass = await run();
    ms.push(pass.ms);
    if (pass.orders !== first.orders || pass.events !== first.events || pass.hash !== first.hash)
      throw new Error(`${id}: pass ${n} differs from the first`);
  }
  const total = ms.reduce((sum, t) => sum + t, 0);
  return { rate: (bars * ms.length * 1000) / total, ms: ms.sort((a, b) => a - b), pass: first };
}

export async function runOff(host: WorkerEngineHost, { id, task, bars, expected }: Measured): Promise<Pass> {
  const start = performance.now();
  const outcome = completed(
    await host.run(
      { ...task, tape: false },
      { time_budget_ms: BUDGET_MS, onBlock: () => Promise.resolve({ kind: "stopped", cause: "no tape" }) },
    ),
  );
  const ms = performance.now() - start;
  const { events, counts } = outcome;
  for (const [name, found, wanted] of [
    ["bars", outcome.bars, bars],
    ["orders", counts.orders, expected.orders],
    ["fills", counts.fills, expected.fills],
  ] as const)
    if (found !== wanted) throw new Error(`${id}: ${found} ${name}, expected ${wanted}`);
  return { events, orders: counts.orders, hash: sha256(JSON.stringify({ events, counts })), ms };
}

/** One run with its tape in `dir`, which must not exist yet and is removed; the first one is proven equal, and its digest kept. */
export async function runOn(host: WorkerEngineHost, { id, task, bars, expected }: Measured, dir: string, proofs: string[]): Promise<Pass> {
  const start = performance.now();
  mkdirSync(dir);
  const log = `run/bench-${id}`;
  const store = new SqliteEventStore({ files: logFilesIn(dir), sha256, sha256Bytes, now: Date.now });
  const opened = await store.open({ log, catalogue: runCatalogue, mode: "write", layout: "segments", durability: "committed" });
  if (opened.kind !== "opened") throw new Error(`the tape could not be opened: ${opened.kind}`);
  const { session } = opened;
  const outcome = completed(
    await host.run(
      { ...task, log },
      {
        time_budget_ms: BUDGET_MS,
        onBlock: async (block) => {
          const stored = await session.appendBlock(block);
          return stored.kind === "stored" ? { kind: "committed" } : { kind: "stopped", cause: stored.kind };
        },
      },
    ),
  );
  const { hash, position } = session.head();
  await session.close();
  await store.close();
  const ms = performance.now() - start;
  if (position !== outcome.events) throw new Error(`${outcome.events} events were made, ${position} are on the tape`);
  if (outcome.bars !== bars) throw new Error(`${id}: ${outcome.bars} bars, expected ${bars}`);
  if (proofs.length === 0) proofs.push(await prove(id, log, dir, expected));
  rmSync(dir, { recursive: true });
  return { events: position, orders: outcome.counts.orders, hash, ms };
}

async function prove(id: string, log: string, dir: string, expected: Work): Promise<string> {
  const store = new SqliteEventStore({ files: logFilesIn(dir), sha256, sha256Bytes, now: Date.now });
  const opened = await store.open({ log, catalogue: runCatalogue, mode: "read" });
  if (opened.kind !== "opened") throw new Error(`the tape could not be read: ${opened.kind}`);
  try {
    return agreedWork(id, await workOnTape(opened.session), expected);
  } finally {
    await store.close();
  }
}

function completed(outcome: EngineOutcome): Extract<EngineOutcome, { kind: "completed" }> {
  if (outcome.kind !== "completed") throw new Error(`the run ended as ${outcome.kind}`);
  if (outcome.failure !== null) throw new Error(`the strategy failed: ${outcome.failure.message}`);
  return outcome;
}

function lineOf(measured: Measured, tape: "on" | "off", timed: Timed, proof: string | null, ratios: BenchLine["ratios"]): BenchLine {
  const { events, orders, hash } = timed.pass;
  const { bars, id } = measured;
  return {
    workload: id,
    tape,
    bars,
    bars_per_s: Math.round(timed.rate),
    events,
    events_per_s: Math.round((timed.rate * events) / bars),
    orders,
    orders_per_s: Math.round((timed.rate * orders) / bars),
    events_per_order: orders === 0 ? null : events / orders,
    passes: timed.ms.length,
    pass_ms: { p50: quantile(timed.ms, 0.5), p90: quantile(timed.ms, 0.9), worst: quantile(timed.ms, 1) },
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    output_hash: hash,
    proof_hash: proof,
    ratios,
  };
}
