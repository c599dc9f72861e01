import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { paramsAt, type SweepGrid } from "../../core/sweep/sweep-grid.js";
import { pointLine, readPointLine, type SweepPoint } from "../../core/sweep/sweep-point.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import type { StoredPoints } from "../../ports/sweep-store.js";

/** Points in grid order, once a sweep has ended. */
export const SEALED_POINTS = "points.ndjson";

/** What a process appends to: `points-PID-RANDOM.ndjson`. */
export const JOURNAL: RegExp = /^points-(\d+)-[0-9a-f]+\.ndjson$/;

/** Reads every point of a sweep's folder. A last line without its end was cut while it was written, and is as good as absent. */
export async function readPoints(dir: string, grid: SweepGrid, hash: Sha256Fn): Promise<StoredPoints> {
  const names = (await readdir(dir)).filter((name) => name === SEALED_POINTS || JOURNAL.test(name)).sort();
  const points = new Map<number, { readonly point: SweepPoint; readonly line: string }>();
  const damaged: string[] = [];
  const contradicting = new Set<number>();
  for (const name of names) {
    const lines = (await readFile(join(dir, name), "utf8")).split("\n");
    lines.pop();
    for (const [i, line] of lines.entries()) {
      const point = readPointLine(line, hash);
      if (point === null || !belongs(point, grid)) {
        damaged.push(`${name}:${i + 1}`);
        continue;
      }
      const before = points.get(point.point);
      if (before === undefined) points.set(point.point, { point, line });
      else if (before.line !== line) contradicting.add(point.point);
    }
  }
  const ascending = [...points.values()].map(({ point }) => point).sort((a, b) => a.point - b.point);
  return { points: ascending, damaged, contradicting: [...contradicting].sort((a, b) => a - b) };
}

/** The text of the sealed file. */
export function sealedText(points: readonly SweepPoint[], hash: Sha256Fn): string {
  return points.map((point) => `${pointLine(point, hash)}\n`).join("");
}

function belongs({ point, params }: SweepPoint, grid: SweepGrid): boolean {
  if (!Number.isInteger(point) || point < 1 || point > grid.points) return false;
  const wanted = paramsAt(grid, point);
  return (
    Object.keys(wanted).length === Object.keys(params).length && Object.entries(wanted).every(([name, value]) => params[name] === value)
  );
}
