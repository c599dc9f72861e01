import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileSha256 } from "../adapters/objects/file-object-store.js";
import { type BackedUpFile, backupFiles, type FileCopying, isKeptPath, restoreFiles } from "./backup-files.js";

let folder: string;
const at = (home: string): FileCopying => ({ home: join(folder, home), digest: fileSha256 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-files-"));
  for (const [path, text] of [
    ["objects/ab/abc.parquet", "bars"],
    ["runs/r1/manifest.json", "{}"],
    ["session-inputs/texts/t", "strategy"],
    ["cache/columns/c", "raw"],
    ["tmp/half", "half"],
    ["sessions/session~desk.tape.db", "a log"],
  ] as const) {
    mkdirSync(join(folder, "home", path, ".."), { recursive: true });
    writeFileSync(join(folder, "home", path), text);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function backedUp(): Promise<readonly BackedUpFile[]> {
  const files = await backupFiles(join(folder, "backup"), at("home"));
  if (files === null) throw new Error("it was stopped");
  return files;
}

test("bars, runs and inputs of sessions are copied and restored, caches and logs are not", async () => {
  const files = await backedUp();
  expect(files.map(({ path }) => path)).toEqual(["objects/ab/abc.parquet", "runs/r1/manifest.json", "session-inputs/texts/t"]);
  expect(await restoreFiles(join(folder, "backup"), files, at("other"))).toEqual({ kind: "restored", copied: 3, present: 0 });
  expect(readFileSync(join(folder, "other/objects/ab/abc.parquet"), "utf8")).toBe("bars");
  expect(await restoreFiles(join(folder, "backup"), files, at("other"))).toEqual({ kind: "restored", copied: 0, present: 3 });
});

test("a copy that was altered or is gone, and another file in its place, stop a restore and change nothing", async () => {
  const files = await backedUp();
  const copy = join(folder, "backup/files/runs/r1/manifest.json");
  writeFileSync(copy, "{ }");
  expect(await restoreFiles(join(folder, "backup"), files, at("a"))).toMatchObject({ kind: "damaged", path: "runs/r1/manifest.json" });
  rmSync(copy);
  expect(await restoreFiles(join(folder, "backup"), files, at("b"))).toMatchObject({
    kind: "damaged",
    cause: "the backup does not have it",
  });
  mkdirSync(join(folder, "c/objects/ab"), { recursive: true });
  writeFileSync(join(folder, "c/objects/ab/abc.parquet"), "other bars");
  expect(await restoreFiles(join(folder, "backup"), files, at("c"))).toMatchObject({ kind: "damaged", path: "objects/ab/abc.parquet" });
  expect(readFileSync(join(folder, "c/objects/ab/abc.parquet"), "utf8")).toBe("other bars");
});

test("a backup that was interrupted goes on, and a half copy is made again", async () => {
  const stopped = new AbortController();
  const onProgress = (done: number): void => (done === 1 ? stopped.abort() : undefined);
  expect(await backupFiles(join(folder, "backup"), { ...at("home"), onProgress, signal: stopped.signal })).toBeNull();
  writeFileSync(join(folder, "backup/files/objects/ab/abc.parquet"), "ba");
  expect(await restoreFiles(join(folder, "backup"), await backedUp(), at("other"))).toMatchObject({ kind: "restored", copied: 3 });
});

test("a path from a list leads nowhere but to what a backup holds", () => {
  for (const path of ["objects/ab/x", "runs/r/a.json", "calculations/sources/ab/x"]) expect(isKeptPath(path), path).toBe(true);
  for (const path of [
    "../x",
    "objects/../../x",
    "objects",
    "store/x",
    "/objects/x",
    "objects//x",
    "objects/a\\..\\x",
    "sessions/x",
    "calculations/rows.db",
  ])
    expect(isKeptPath(path), path).toBe(false);
});
