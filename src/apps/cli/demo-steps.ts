/** The steps of the demo. Every figure that they tell is computed in this run. */
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sampleFiles } from "../../adapters/init/project-template.js";
import { sample, sampleBarsCsv } from "../../adapters/init/sample-bars.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { DataPorts, DataRefusal } from "../../usecases/data-ports.js";
import { type ImportedBars, importBars } from "../../usecases/import-bars.js";
import { type ShownData, showData } from "../../usecases/show-data.js";
import { refused } from "./data-refusal.js";
import type { Failure } from "./failure.js";
import { packageRoot } from "./version.js";

/** What a step came to: a line to tell, or a failure that ends the demo. */
export type StepOutcome<T> =
  | { readonly kind: "told"; readonly line: string; readonly value: T }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Writes strategy, config and sample bars; files that hold the same already stay as they are. */
export async function writeSample(folder: string): Promise<StepOutcome<number>> {
  const csv = sampleBarsCsv();
  let written = 0;
  for (const [name, content] of sampleFiles(csv)) {
    const path = join(folder, name);
    if ((await readFile(path, "utf8").catch(() => null)) === content) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    written += 1;
  }
  const bars = csv.split("\n").length - 2;
  return {
    kind: "told",
    value: bars,
    line: `${grouped(bars)} one-minute bars of ${sample.symbol}, synthetic, seed ${sample.seed}${written === 0 ? ", there already" : ""}`,
  };
}

export async function capture(ports: DataPorts, folder: string, signal: AbortSignal): Promise<StepOutcome<ImportedBars>> {
  const outcome = await importBars(
    ports,
    {
      files: { bars: [join(folder, "data", "demo-1m.csv")] },
      symbol: sample.symbol,
      timeframe: "1m",
      stamp: "close",
      tz: "UTC",
      price_mode: "raw",
      instrument: { asset_class: "equity", currency: "USD", calendar: sample.calendar, price_tick: "0.01", lot_step: "1" },
    },
    folder,
    { signal },
  );
  if (outcome.kind === "refused") return failed(outcome);
  const { capture_id, rows, counts, already_imported } = outcome;
  const verdict = already_imported
    ? "the same bytes as before: nothing new was made"
    : `${grouped(counts.duplicates)} duplicates, ${grouped(counts.out_of_order)} out of order`;
  return { kind: "told", value: outcome, line: `${capture_id.slice(0, 12)}  ${grouped(rows)} bars, ${verdict}` };
}

export async function quality(ports: DataPorts, captureId: string): Promise<StepOutcome<ShownData>> {
  const shown = await showData(ports, { what: captureId });
  if (shown.kind === "refused") return failed(shown);
  const count = (status: string): number => shown.quality.filter((fact) => fact.status === status).length;
  const complete =
    shown.sessions === null
      ? ""
      : `, ${grouped(shown.sessions.present)} of ${grouped(shown.sessions.expected)} bars of ${sample.calendar} sessions`;
  return { kind: "told", value: shown, line: `${count("PASS")} checks pass, ${count("WARN")} warn, ${count("FAIL")} fail${complete}` };
}

function failed(refusal: DataRefusal): { readonly kind: "failed"; readonly failure: Failure } {
  return { kind: "failed", failure: refused(refusal) };
}

/** What `onetape replay --verify --json` says, as far as the demo reads it. */
export interface ReplayDocument {
  readonly verified: boolean;
  readonly levels: readonly { readonly level: string; readonly passed: boolean; readonly checked: number }[];
}

/** Replays a run in a process of its own, which knows nothing but the workspace. @returns null when it gave no report. */
export async function replayElsewhere(home: string, runId: string, signal: AbortSignal): Promise<ReplayDocument | null> {
  const args = [join(packageRoot(), "bin", "onetape.mjs"), "replay", runId, "--verify", "--json", "--home", home, "--store", "sqlite"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], signal });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await new Promise<void>((resolve, reject) => {
    child.on("close", () => resolve());
    child.on("error", reject);
  });
  const read: unknown = text === "" ? null : JSON.parse(text);
  return isReplay(read) ? read : null;
}

function isReplay(value: unknown): value is ReplayDocument {
  return typeof value === "object" && value !== null && "verified" in value && "levels" in value && Array.isArray(value.levels);
}
