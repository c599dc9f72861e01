/** An import is killed at random moments: afterwards it is there whole or not at all, and can be done again. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import { composeDataPorts } from "../../src/apps/library/data-ports.js";
import { listData } from "../../src/usecases/list-data.js";
import { validateData } from "../../src/usecases/validate-data.js";
import { workspacePaths } from "../../src/usecases/workspace.js";
import { bundleChild } from "../support/bundle-child.js";

const ROWS = 60_000;
let program: string;
let folder: string;

beforeAll(async () => {
  program = await bundleChild("test/chaos/importer.child.ts");
  folder = mkdtempSync(join(tmpdir(), "onetape-kill-"));
  const rows = Array.from({ length: ROWS }, (_, i) => `${1_704_153_600_000 + i * 60_000},${i + 1},${i + 2},${i + 1},${i + 1},${i}`);
  writeFileSync(join(folder, "bars.csv"), `ts,open,high,low,close,volume\n${rows.join("\n")}\n`);
});

afterAll(() => {
  rmSync(program, { force: true });
  rmSync(folder, { recursive: true, force: true });
});

async function importOnce(home: string, killAfterMs: number | null): Promise<void> {
  const child = spawn(process.execPath, [program, home, join(folder, "bars.csv"), "BTCUSDT"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  if (killAfterMs !== null) {
    await sleep(killAfterMs);
    child.kill("SIGKILL");
  }
  await ended;
}

test("a killed import leaves a workspace that is valid, shows nothing half-done, and takes the file afterwards", async () => {
  const home = join(folder, "workspace");
  const paths = workspacePaths(home);
  const store = new SqliteEventStore({ files: logFilesIn(paths.store), sha256, sha256Bytes, now: Date.now });
  const ports = composeDataPorts(home, store, Date.now);
  for (const killAfterMs of [0, 40, 90, 140, 190, 240, 290, 340]) {
    await importOnce(home, killAfterMs);
    const list = await listData(ports);
    if (list.kind === "refused") throw new Error(JSON.stringify(list.violations));
    expect(list.captures.map((capture) => capture.rows)).toEqual(list.captures.length === 0 ? [] : [ROWS]);
    expect(await validateData(ports)).toMatchObject({ kind: "validated", ok: true });
  }
  await importOnce(home, null);
  const list = await listData(ports);
  expect(list.kind === "listed" ? list.captures.map((capture) => capture.rows) : []).toEqual([ROWS]);
  expect(await validateData(ports)).toMatchObject({ kind: "validated", ok: true, captures: [{ cache: "ok" }] });
  expect(existsSync(paths.tmp) ? readdirSync(paths.tmp) : []).toEqual([]);
  await store.close();
});
