/** Files much larger than the memory that objects may take: an import streams, and keeps numbers, not rows. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { composeDataPorts } from "../../src/apps/library/data-ports.js";
import { resolveData } from "../../src/usecases/resolve-data.js";
import { workspacePaths } from "../../src/usecases/workspace.js";
import { bundleChild } from "../support/bundle-child.js";

const ROWS = 1_200_000;
/** Objects of a million rows would take several times this. */
const HEAP_MB = 40;

let program: string;
let folder: string;

beforeAll(async () => {
  program = await bundleChild("test/chaos/importer.child.ts");
  folder = mkdtempSync(join(tmpdir(), "onetape-large-"));
});

afterAll(() => {
  rmSync(program, { force: true });
  rmSync(folder, { recursive: true, force: true });
});

function writeBars(path: string): void {
  const file = openSync(path, "w");
  writeSync(file, "ts,open,high,low,close,volume\n");
  for (let first = 0; first < ROWS; first += 20_000) {
    const rows = Array.from({ length: 20_000 }, (_, i) => {
      const n = first + i;
      return `${1_500_000_000_000 + n * 60_000},${n + 1}.25,${n + 2}.5,${n}.75,${n + 1}.5,${n % 1000}.125`;
    });
    writeSync(file, `${rows.join("\n")}\n`);
  }
  closeSync(file);
}

test("a file of 60 MB and 1.2 million rows passes through a heap of 40 MB", { timeout: 180_000 }, async () => {
  const path = join(folder, "bars.csv");
  const home = join(folder, "workspace");
  writeBars(path);
  expect(statSync(path).size).toBeGreaterThan(60e6);
  const child = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MB}`, program, home, path, "BTCUSDT"], { encoding: "utf8" });
  expect(child.stderr).toBe("");
  expect(child.stdout).toBe("started\nimported\n");
  const store = new SqliteEventStore({ files: logFilesIn(workspacePaths(home).store), sha256, sha256Bytes, now: Date.now });
  const found = await resolveData(composeDataPorts(home, store, Date.now), {
    symbol: "BTCUSDT",
    timeframe: "1m",
    set: "latest",
    basis: "trade",
    price_mode: "raw",
  });
  if (found.kind === "refused") throw new Error(JSON.stringify(found.violations));
  const { rows, ts, close } = found.columns;
  expect([rows, ts[ROWS - 1], close[ROWS - 1]]).toEqual([ROWS, 1_500_000_000_000 + (ROWS - 1) * 60_000, ROWS * 1e8 + 5e7]);
  await store.close();
});
