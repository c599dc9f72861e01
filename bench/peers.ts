/**
 * `npm run bench:peers [-- --json] [-- --full] [-- NAME …]`: the same work on other engines, in the same run on the same machine.
 *
 * Each peer lives in a Python environment of its own below `.bench-peers`, made on first use. A peer counts only with the same orders and
 * the same value at the end. What cannot be run is skipped aloud, and the exit code is 2.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ratioText } from "./for-people.js";
import { load, machine } from "./machine.js";
import { measure } from "./passes.js";
import { exportWork, type PeerWorkload, peerWorkloads } from "./peer-workloads.js";
import type { PeerLine } from "./results.js";
import type { BenchLine, Measured } from "./workload.js";

const PEERS = ["vectorbt", "backtesting", "backtrader", "nautilus"] as const;
type Peer = (typeof PEERS)[number];

const SCRIPTS = "bench/peers";
const HOME = process.env["ONETAPE_BENCH_PEERS"] ?? ".bench-peers";
/** Longest run of one peer on one workload. */
const PATIENCE_MS = 10 * 60_000;
/** Doubles against exact decimals over millions of fills. */
const TOLERANCE = 1e-9;

const CONVENTIONS = `Every engine gets the same bars and fills market orders at the close of the bar in hand, without slippage. Onetape's strategy
calculates its signals while the clock runs; peers are given theirs ready. Loading of bars counts for nobody. Equal work: the same number
of orders, and the same value at the end within a billionth; the ratio is Onetape's bars a second over the peer's.`;

interface Environment {
  readonly peer: Peer;
  readonly python: string;
}

class Skips {
  count = 0;
  add(what: string, why: string): void {
    this.count += 1;
    process.stderr.write(`SKIPPED ${what}: ${why}\n`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const flags = args.filter((a) => a.startsWith("--"));
  const names = args.filter((a) => !a.startsWith("--"));
  const work = peerWorkloads(flags.includes("--full"));
  const known: readonly string[] = [...PEERS, ...work.map(({ workload }) => workload.id)];
  const unknown = [...flags.filter((f) => f !== "--json" && f !== "--full"), ...names.filter((n) => !known.includes(n))];
  if (unknown.length > 0) {
    process.stderr.write(`unknown: ${unknown.join(", ")}; there are --json, --full, and ${known.join(", ")}\n`);
    return 3;
  }
  const json = flags.includes("--json");
  const skips = new Skips();
  const named = PEERS.filter((peer) => names.includes(peer));
  const environments = environmentsOf(named.length > 0 ? named : PEERS, skips);
  const ids = work.filter(({ workload }) => names.includes(workload.id));
  if (!json) process.stdout.write(`${machine()}, load ${load()} before the first workload\n${CONVENTIONS}\n`);
  for (const one of ids.length > 0 ? ids : work) await compare(one, environments, skips, json);
  return skips.count > 0 ? 2 : 0;
}

async function compare(work: PeerWorkload, environments: readonly Environment[], skips: Skips, json: boolean): Promise<void> {
  const { workload } = work;
  const missing = workload.missing();
  if (missing !== null) {
    skips.add(workload.id, missing);
    return;
  }
  const measured = await workload.prepare({ quick: false });
  const own: BenchLine[] = [];
  for await (const line of measure(measured)) {
    own.push(line);
    const text = `${line.workload.padEnd(10)} onetape, tape ${line.tape}`.padEnd(36);
    process.stdout.write(json ? `${JSON.stringify({ peer: "onetape", ...line })}\n` : `${text} ${rate(line.bars_per_s)} bars/s\n`);
  }
  const folder = mkdtempSync(join(tmpdir(), "onetape-peers-"));
  try {
    exportWork(folder, work, measured);
    for (const environment of environments) runPeer(environment, folder, measured, own, skips, json);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runPeer(
  { peer, python }: Environment,
  folder: string,
  measured: Measured,
  own: readonly BenchLine[],
  skips: Skips,
  json: boolean,
): void {
  const { id } = measured;
  const line = sameWork(python, peer, folder, measured);
  if (typeof line === "string") {
    skips.add(`${peer} on ${id}`, line);
    return;
  }
  const ratios = Object.fromEntries(own.map(({ tape, bars_per_s }) => [`onetape_tape_${tape}`, bars_per_s / line.bars_per_s]));
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...line, ratios })}\n`);
    return;
  }
  const words = Object.entries(ratios).map(([name, value]) => `${name.replaceAll("_", " ")} ${ratioText(value)} x`);
  const head = `${id.padEnd(10)} ${line.peer} ${line.version}`.padEnd(36);
  process.stdout.write(`${head} ${rate(line.bars_per_s)} bars/s  ${words.join(", ")}  (${line.peak_rss_mb} MB; ${line.note})\n`);
}

/** Runs a peer's script. @returns why it does not count, as text, unless it did the same work. */
function sameWork(python: string, peer: Peer, folder: string, { expected }: Measured): PeerLine | string {
  const done = spawnSync(python, [join(SCRIPTS, `${peer}_peer.py`), folder], {
    encoding: "utf8",
    timeout: PATIENCE_MS,
    maxBuffer: 1 << 26,
    env: { ...process.env, PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
  });
  if (done.error !== undefined)
    return done.signal === null ? done.error.message : `stopped after ${PATIENCE_MS / 60_000} minutes without an end`;
  if (done.status !== 0) return lastLine(done.stderr) || `ended with ${done.status ?? done.signal}`;
  const printed: unknown = JSON.parse(lastLine(done.stdout));
  if (typeof printed !== "object" || printed === null) throw new Error(`${peer} printed no object`);
  if ("unsupported" in printed) return String(printed.unsupported);
  // Written by the scripts beside this file.
  const line = printed as PeerLine;
  if (line.orders !== expected.orders) return `not the same work: ${line.orders} orders, expected ${expected.orders}`;
  const value = Number(expected.equity);
  if (Math.abs(line.equity - value) > TOLERANCE * value)
    return `not the same work: a value of ${line.equity} at the end, expected ${expected.equity}`;
  return line;
}

function environmentsOf(peers: readonly Peer[], skips: Skips): readonly Environment[] {
  const python = findPython();
  return peers.flatMap((peer) => {
    const made = environmentOf(peer, python);
    if ("why" in made) skips.add(peer, made.why);
    return "why" in made ? [] : [{ peer, python: made.python }];
  });
}

/** The first Python that is new enough: the one that is named, or one on the path. */
function findPython(): string | null {
  const stated = process.env["ONETAPE_PYTHON"] ?? "";
  const candidates = stated === "" ? ["python3.13", "python3.12", "python3", "python"] : [stated];
  const fits = (name: string): boolean => {
    const done = spawnSync(name, ["-c", "import sys; print(sys.version_info >= (3, 12))"], { encoding: "utf8" });
    return done.status === 0 && done.stdout.trim() === "True";
  };
  return candidates.find(fits) ?? null;
}

/** Makes a peer's environment unless it is there with the packages that are wanted now. */
function environmentOf(peer: Peer, python: string | null): { readonly python: string } | { readonly why: string } {
  const folder = join(HOME, peer);
  const wanted = readFileSync(join(SCRIPTS, `${peer}.txt`), "utf8");
  const stamp = join(folder, "installed.txt");
  const inside = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return { python: inside };
  if (python === null) return { why: "no Python 3.12 or later; set ONETAPE_PYTHON to one" };
  process.stderr.write(`making an environment for ${peer} in ${folder}\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(HOME, { recursive: true });
  const steps: readonly (readonly [string, readonly string[]])[] = [
    [python, ["-m", "venv", folder]],
    [inside, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", join(SCRIPTS, `${peer}.txt`)]],
  ];
  for (const [program, args] of steps) {
    const done = spawnSync(program, args, { encoding: "utf8", timeout: PATIENCE_MS });
    if (done.error !== undefined) return { why: done.error.message };
    if (done.status !== 0) return { why: `${args.slice(0, 2).join(" ")}: ${lastLine(done.stderr)}` };
  }
  writeFileSync(stamp, wanted);
  return { python: inside };
}

function rate(n: number): string {
  return (n >= 1e6 ? `${(n / 1e6).toFixed(2)} M` : `${(n / 1e3).toFixed(1)} k`).padStart(9);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

process.exitCode = await main(process.argv.slice(2));
