import { constants } from "node:fs";
import { access, mkdtemp, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { renderTable } from "../../../adapters/terminal/table.js";
import { postgresStore } from "../../library/event-stores.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { programVersion } from "../version.js";

interface Check {
  readonly name: string;
  readonly status: "ok" | "failed";
  readonly found: string;
  /** What to do about it; empty when all is well. */
  readonly help: string;
}

/** Least free space that is called enough: a run of ten million bars with its tape takes less. */
const ENOUGH_BYTES = 1_073_741_824;

export async function run({ settings, io }: Invocation): Promise<CommandResult> {
  const folder = await nearestFolder(settings.home);
  const checks: readonly Check[] = [
    node(),
    await check("workspace", "make the folder writable, or name another with --home", () => writable(folder, settings.home)),
    await check("disk", "free some space, or name a workspace elsewhere with --home", () => space(folder)),
    await check("event store", "install again: npm ci", () => sqlite(folder)),
    ...(settings.store === "postgres" ? [await check("PostgreSQL", "see docs/guide/postgresql.md", postgres)] : []),
    await check("bars and artifacts", "install again: npm ci", duckdb),
    await check("strategies", "install again: npm ci", esbuild),
  ];
  const failed = checks.filter(({ status }) => status === "failed");
  const details = failed.map(({ name, found, help }) => ({
    code: "CHECK_FAILED",
    message: `${name}: ${found}`,
    field: name,
    expected: help,
  }));
  return {
    kind: "done",
    json: { schema: "onetape.doctor/1", version: programVersion(), ok: failed.length === 0, checks },
    human: () =>
      renderTable(
        [{ title: "check" }, { title: "" }, { title: "found" }],
        checks.map(({ name, status, found }) => [name, status === "ok" ? io.out.good("ok") : io.out.bad("FAILED"), found]),
        io.out,
      ),
    ...(failed.length === 0 ? {} : { problem: failure("CHECKS_FAILED", details) }),
  };
}

async function check(name: string, help: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, status: "ok", found: await look(), help: "" };
  } catch (error) {
    return { name, status: "failed", found: error instanceof Error ? error.message : String(error), help };
  }
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    name: "Node",
    status: ok ? "ok" : "failed",
    found: `${process.versions.node} on ${process.platform} ${process.arch}`,
    help: ok ? "" : "install Node 20.19 or later",
  };
}

/** The workspace, or the first folder above it that exists. */
async function nearestFolder(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch {
    // Not there yet: the first command makes it.
  }
  return dirname(path) === path ? path : nearestFolder(dirname(path));
}

async function writable(folder: string, home: string): Promise<string> {
  await access(folder, constants.W_OK | constants.X_OK);
  return folder === home ? home : `${home} (not there yet; ${folder} is writable)`;
}

async function space(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / 1_073_741_824).toFixed(1)} GiB free`;
  if (free < ENOUGH_BYTES) throw new Error(`${text}; at least 1 GiB is advised`);
  return text;
}

/** Writes and reads back one durable row, where the workspace lies. */
async function sqlite(folder: string): Promise<string> {
  const scratch = await mkdtemp(join(folder, ".doctor-"));
  try {
    const { default: Database } = await import("libsql");
    const database = new Database(join(scratch, "check.sqlite"));
    try {
      database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (42)");
      const row: unknown = database.prepare("SELECT x, sqlite_version() AS version FROM t").get();
      if (typeof row !== "object" || row === null || !("x" in row) || row.x !== 42 || !("version" in row))
        throw new Error("a written row did not come back");
      return `SQLite ${String(row.version)} writes and reads in ${folder}`;
    } finally {
      database.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Asks the server that the workspace's logs are on. */
async function postgres(): Promise<string> {
  const store = postgresStore(process.env);
  try {
    return await store.examine();
  } finally {
    await store.close();
  }
}

async function duckdb(): Promise<string> {
  const { loadDuckDb } = await import("../../../adapters/parquet/duckdb-session.js");
  const { DuckDBInstance, version } = await loadDuckDb();
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll("SELECT 40 + 2");
  if (reader.getRows()[0]?.[0] !== 42) throw new Error("a query gave a wrong answer");
  connection.closeSync();
  instance.closeSync();
  return `DuckDB ${version()} answers`;
}

async function esbuild(): Promise<string> {
  const { transform, version } = await import("esbuild");
  const scratch = await transform("const x: number = 1; export { x }", { loader: "ts" });
  if (!scratch.code.includes("const x = 1")) throw new Error("TypeScript was not translated");
  return `esbuild ${version} translates`;
}
