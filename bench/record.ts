/** Measures what stands on the page of benchmarks, one process after the other, and writes figures and page after each. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { engineBuild } from "../src/apps/library/installation.js";
import { load, machine } from "./machine.js";
import type { Entry, Results } from "./results.js";
import { resultsPage } from "./results-page.js";
import { known, PEERS, peersSay, workloads } from "./workloads.js";

const FIGURES = "docs/benchmarks.json";
const PAGE = "docs/benchmarks.md";

/** @param ids what to measure; the figures of all else stay as they are. @returns the worst exit code. */
export function record(ids: readonly string[], flags: readonly string[]): number {
  let worst = 0;
  for (const id of ids) {
    const before = load();
    process.stderr.write(`${id}, load ${before}\n`);
    const program = id === PEERS ? "bench-peers.js" : "bench.js";
    const more = id === PEERS ? [] : ["--here", ...flags.filter((f) => f !== "--json" && f !== "--write"), id];
    const done = spawnSync(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), "--json", ...more], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    process.stderr.write(done.stderr);
    process.stdout.write(done.stdout);
    worst = Math.max(worst, done.status ?? 1);
    // 2 says that a part was skipped, 1 beside figures that a bound was missed: the page says both.
    const measured = linesOf(done.stdout).length > 0 && linesOf(done.stderr).some((line) => line.startsWith("MISSED "));
    if (done.status !== 0 && done.status !== 2 && !measured) continue;
    const entry: Entry = {
      says: id === PEERS ? peersSay : (workloads.find((one) => one.id === id)?.says ?? id),
      circumstances: {
        load: before,
        day: new Date().toISOString().slice(0, 10),
        machine: machine(),
        build: engineBuild().build.slice(0, 12),
      },
      lines: linesOf(done.stdout).map((line) => JSON.parse(line) as Entry["lines"][number]),
      skipped: linesOf(done.stderr)
        .filter((line) => line.startsWith("SKIPPED "))
        .map((line) => line.slice(8)),
    };
    const { entries } = readResults();
    const results = inOrder({ ...entries, [id]: entry });
    writeFileSync(FIGURES, `${JSON.stringify(results, null, 2)}\n`);
    writeFileSync(PAGE, resultsPage(results, known));
  }
  return worst;
}

function readResults(): Results {
  return existsSync(FIGURES) ? (JSON.parse(readFileSync(FIGURES, "utf8")) as Results) : { entries: {} };
}

function inOrder(entries: Results["entries"]): Results {
  return { entries: Object.fromEntries(known.flatMap((id) => (entries[id] === undefined ? [] : [[id, entries[id]]]))) };
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
