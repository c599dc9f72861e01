import type { RunStarted } from "../core/engine/run-events.js";
import type { Json, JsonObject } from "../core/tape/event.js";
import { jsonDifferences } from "../core/tape/json-difference.js";
import type { BarLibrary } from "../ports/bar-library.js";
import type { StoredRun } from "../ports/run-store.js";
import { type BarText, firstDifferingBar } from "./diff-bars.js";
import { configOf } from "./recorded-run.js";

/** What two runs were given and where it differs. */
export interface InputDifference {
  readonly area: "engine" | "strategy" | "config" | "data";
  /** JSON pointer into `run.started`, or into the manifest for `engine`. */
  readonly path: string;
  readonly left?: Json;
  readonly right?: Json;
}

/** The first bar of a symbol in which two column sets differ. */
export interface DataDifference {
  readonly symbol: string;
  readonly left: BarText | null;
  readonly right: BarText | null;
}

/** Every input in which two runs differ: strategy, config, data, and the engine where both manifests are known. */
export function inputDifferences(
  left: RunStarted,
  right: RunStarted,
  leftRun: StoredRun | null,
  rightRun: StoredRun | null,
): readonly InputDifference[] {
  const found: InputDifference[] = [];
  if (leftRun !== null && rightRun !== null)
    for (const { path, ...sides } of jsonDifferences(leftRun.manifest.engine, rightRun.manifest.engine))
      found.push({ area: "engine", path: `/engine${path}`, ...sides });
  for (const { path, ...sides } of jsonDifferences(asJson(left), asJson(right))) {
    const area = areaOf(path);
    if (area !== null) found.push({ area, path, ...sides });
  }
  return found;
}

/** Where a pointer into `run.started` belongs; null for what only repeats or hashes another part of it. */
function areaOf(path: string): InputDifference["area"] | null {
  if (path.startsWith("/strategy/") || path.startsWith("/config/strategy/"))
    return path === "/config/strategy/name" || path === "/config/strategy/version" ? null : "strategy";
  if (path.startsWith("/config/data/")) return "data";
  if (path.startsWith("/config/")) return "config";
  return null;
}

/** For each symbol whose bars differ between two runs, the first bar that does; nothing for bars that are not in the workspace. */
export async function dataDifferences(
  left: RunStarted,
  leftBars: Pick<BarLibrary, "load">,
  right: RunStarted,
  rightBars: Pick<BarLibrary, "load">,
): Promise<readonly DataDifference[]> {
  const found: DataDifference[] = [];
  const others = new Map(configOf(right).data.map((data) => [data.symbol, data]));
  for (const data of configOf(left).data) {
    const other = others.get(data.symbol);
    if (other === undefined || (other.column_set === data.column_set && other.first_row === data.first_row)) continue;
    const [a, b] = [await leftBars.load(data.column_set, data.basis), await rightBars.load(other.column_set, other.basis)];
    const bar = a === null || b === null ? null : firstDifferingBar(a, data, b, other);
    if (bar !== null) found.push({ symbol: data.symbol, ...bar });
  }
  return found;
}

/** A payload's type says no more than JSON does. */
function asJson(started: RunStarted): JsonObject {
  return started as unknown as JsonObject;
}
