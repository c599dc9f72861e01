/** Where the time goes: samples of both threads while a workload runs, by folder of the sources and by function. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Trial, TrialLine } from "./trial.js";

/** What is looked at, and with which tape. */
const SUBJECTS = [
  { id: "W2", tape: "off" },
  { id: "W2", tape: "on" },
  { id: "W6-DENSE", tape: "on" },
] as const;
/** Functions that a line names. */
const NAMED = 12;

interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** A file of `--cpu-prof`. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export function profile(): Trial {
  return {
    id: "PROFILE",
    says: `where the time goes, in percent of each thread's busy time, on ${SUBJECTS.map(({ id, tape }) => `${id} with tape ${tape}`).join(", ")}`,
    onRequest: true,
    missing: () => null,
    measure: ({ quick }) => Promise.resolve(SUBJECTS.flatMap((subject) => profileOf(subject, quick))),
  };
}

function profileOf({ id, tape }: (typeof SUBJECTS)[number], quick: boolean): readonly TrialLine[] {
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  try {
    const program = fileURLToPath(import.meta.url.replace(/[^/]*$/, "bench.js"));
    const args = ["--cpu-prof", "--cpu-prof-dir", folder, program, "--here", "--json", `--tape=${tape}`, ...(quick ? ["--quick"] : []), id];
    const done = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 26 });
    if (done.status === 2) throw new Error(`PROFILE: ${done.stderr.trim()}`);
    if (done.status !== 0) throw new Error(`PROFILE: ${id} ended with ${done.status}: ${done.stderr.trim()}`);
    const profiles = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Profile);
    const engine = profiles.find(({ nodes }) => nodes.some(({ callFrame }) => basename(callFrame.url) === "engine-worker.js"));
    const main = profiles.find(({ nodes }) => nodes.some(({ callFrame }) => basename(callFrame.url) === "bench.js"));
    if (engine === undefined || main === undefined) throw new Error(`PROFILE: ${profiles.length} profiles, none of one of the threads`);
    const about = `${id} with tape ${tape}`;
    const threads =
      tape === "on"
        ? ([
            ["engine", engine],
            ["writing", main],
          ] as const)
        : ([["engine", engine]] as const);
    return threads.flatMap(([name, samples]) => linesOf(`${about}, ${name} thread`, samples));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function linesOf(of: string, { nodes, samples, timeDeltas }: Profile): readonly TrialLine[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const self = new Map<Frame, number>();
  for (const [n, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame !== undefined) self.set(frame, (self.get(frame) ?? 0) + (timeDeltas[n] ?? 0));
  }
  const folders = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  for (const [frame, us] of self) {
    if (frame.functionName === "(idle)") continue;
    const { folder, name } = placeOf(frame);
    busy += us;
    folders.set(folder, (folders.get(folder) ?? 0) + us);
    functions.set(name, (functions.get(name) ?? 0) + us);
  }
  const line = (by: string, shares: ReadonlyMap<string, number>): TrialLine => ({
    trial: "PROFILE",
    of: `${of}, by ${by}`,
    figures: Object.fromEntries(
      [...shares]
        .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
        .slice(0, NAMED)
        .map(([name, us]) => [name, Math.round((us / busy) * 1_000) / 10]),
    ),
    output_hash: null,
  });
  return [line("folder", folders), line("function", functions)];
}

const maps = new Map<string, SourceMap | null>();

/** The folder below `src` that a frame's code was written in, and its function with its file. */
function placeOf({ functionName, url, lineNumber, columnNumber }: Frame): { readonly folder: string; readonly name: string } {
  const shown = functionName === "" ? "(anonymous)" : functionName;
  if (url === "") return functionName.startsWith("(") ? { folder: functionName, name: functionName } : { folder: "Node", name: shown };
  if (url.startsWith("node:")) return { folder: "Node", name: `${shown}, ${url}` };
  if (!url.startsWith("file:")) return { folder: "strategy", name: `${shown}, strategy` };
  const path = fileURLToPath(url);
  const source = sourceOf(path, lineNumber, columnNumber) ?? relative(process.cwd(), path);
  const parts = source
    .replaceAll("\\", "/")
    .replace(/^(\.\.\/)+/, "")
    .split("/");
  const from = parts[0] === "node_modules" ? parts.slice(0, 2) : parts.slice(0, -1);
  return { folder: from.join("/").replace(/^src\//, ""), name: `${shown}, ${parts.at(-1)}` };
}

function sourceOf(path: string, line: number, column: number): string | null {
  let map = maps.get(path);
  if (map === undefined) {
    const file = `${path}.map`;
    map = existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8")) as SourceMapPayload) : null;
    maps.set(path, map);
  }
  const entry = map?.findEntry(line, column);
  return entry !== undefined && "originalSource" in entry ? entry.originalSource : null;
}
