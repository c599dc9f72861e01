import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { flatBars } from "../../../test/support/bar-columns.js";
import { FileColumnCache } from "./file-column-cache.js";

const ID = "ab".repeat(32);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-columns-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("saving removes what a killed process left of the same set, and nothing that a living one still writes", async () => {
  const place = join(folder, "ab");
  await mkdir(place);
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  await writeFile(join(place, `${ID}.columns.${gone}-00000000.tmp`), "half");
  await writeFile(join(place, `${ID}.columns.${process.pid}-00000000.tmp`), "half");
  await new FileColumnCache(folder).save(ID, flatBars([60_000, 120_000]));
  expect((await readdir(place)).sort()).toEqual([`${ID}.columns`, `${ID}.columns.${process.pid}-00000000.tmp`]);
});

test("many saves of one set at once all succeed", async () => {
  const cache = new FileColumnCache(folder);
  const columns = flatBars([60_000, 120_000]);
  await Promise.all(Array.from({ length: 20 }, () => cache.save(ID, columns)));
  expect(await readdir(join(folder, "ab"))).toEqual([`${ID}.columns`]);
  expect((await cache.load(ID))?.rows).toBe(2);
});
