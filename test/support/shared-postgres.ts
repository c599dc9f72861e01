/** The one PostgreSQL server of a test run: started by the first suite that needs it, stopped when the run ends. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerState } from "../../bench/scratch-postgres.js";
import { dsnOf, findPostgresBinaries, halt, initialise, launch, OWN_SERVER } from "../../bench/scratch-postgres.js";

/** A folder that the processes of one test run share, and the process that ends last. */
const FOLDER = "ONETAPE_TEST_RUN_FOLDER";
const RUNNER = "ONETAPE_TEST_RUN_PID";

/** Set-up of a test run, called by vitest. Starts nothing: unit tests do not wait for a server. */
export function setup(): void {
  process.env[FOLDER] = mkdtempSync(join(tmpdir(), "onetape-tests-"));
  process.env[RUNNER] = String(process.pid);
}

/** End of a test run, called by vitest. */
export async function teardown(): Promise<void> {
  const folder = process.env[FOLDER];
  if (folder === undefined) return;
  const started = readStarted(folder);
  if (started?.state !== undefined) {
    await halt(started.state, "immediate");
    rmSync(started.state.root, { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}

/** What the process that started the server wrote down: where it runs, or why it does not. */
type Started = { readonly state: ServerState; readonly failure?: undefined } | { readonly state?: undefined; readonly failure: string };

function readStarted(folder: string): Started | null {
  const path = join(folder, "server.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Started) : null;
}

/** Administrator's connection strings to the run's server. */
export async function sharedServer(): Promise<(database: string) => string> {
  const external = process.env[OWN_SERVER];
  if (external !== undefined && findPostgresBinaries() === null) {
    return (database) => {
      const url = new URL(external);
      url.pathname = `/${database}`;
      return url.href;
    };
  }
  const folder = process.env[FOLDER];
  if (folder === undefined) throw new Error("the run's set-up did not run: vitest.config.ts names this file as globalSetup");
  if (isFirst(folder)) await start(folder);
  for (;;) {
    const started = readStarted(folder);
    if (started?.failure !== undefined) throw new Error(started.failure);
    const state = started?.state;
    if (state !== undefined) return (database) => dsnOf(state, database);
    await sleep(50);
  }
}

/** Making a folder succeeds for one process alone. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(join(folder, "starting"));
    return true;
  } catch {
    return false;
  }
}

async function start(folder: string): Promise<void> {
  let started: Started;
  try {
    const state = await initialise([]);
    await launch(state, Number(process.env[RUNNER] ?? process.pid));
    started = { state };
  } catch (error) {
    started = { failure: error instanceof Error ? error.message : String(error) };
  }
  const scratch = join(folder, "server.part");
  writeFileSync(scratch, JSON.stringify(started));
  renameSync(scratch, join(folder, "server.json"));
}
