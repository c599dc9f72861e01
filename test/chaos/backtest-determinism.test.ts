/** The same backtest in processes that differ in everything that must not matter, and after being killed at random moments. */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { runBacktest } from "../../src/usecases/run-backtest.js";
import { backtestWorkspace } from "../support/backtest-workspace.js";
import { expectSameRun } from "../support/same-run.js";

const CLI = resolve("dist/cli.js");
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onetape-determinism-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): { readonly child: ChildProcess; readonly done: Promise<Ran> } {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const done = new Promise<Ran>((settle) => child.on("close", (code) => settle({ code, stdout, stderr })));
  return { child, done };
}

/** A copy of the turtle example in a folder of its own; `order` rearranges the data rows. */
async function project(name: string, order: (rows: string[]) => string[]): Promise<string> {
  const dir = join(folder, name, "somewhere else");
  await mkdir(dir, { recursive: true });
  await cp("examples/turtle", dir, { recursive: true });
  await mkdir(join(folder, name, "data"));
  const [header = "", ...rows] = (await readFile("examples/data/demo-1m.csv", "utf8")).trimEnd().split("\n");
  await writeFile(join(folder, name, "data", "demo-1m.csv"), `${[header, ...order(rows)].join("\n")}\n`);
  return dir;
}

async function backtest(dir: string, env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const { done } = start(["backtest", "backtest.yaml", "--json"], dir, { ONETAPE_HOME: join(dir, ".onetape"), ...env });
  const { code, stdout, stderr } = await done;
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const identityOf = ({ run_id, tape, artifacts, metrics, orders, fills }: Record<string, unknown>): unknown => ({
  run_id,
  tape,
  artifacts,
  metrics,
  orders,
  fills,
});

describe("the same backtest", () => {
  it("gives the same id and bytes in another time zone, locale, folder and order of input rows", async () => {
    const one = await backtest(await project("a", (rows) => rows), { TZ: "Asia/Seoul", LANG: "ko_KR.UTF-8", LC_ALL: "ko_KR.UTF-8" });
    const other = await backtest(await project("b", (rows) => rows.toReversed()), {
      TZ: "America/St_Johns",
      LANG: "tr_TR.UTF-8",
      LC_ALL: "tr_TR.UTF-8",
    });
    // Where the tapes differ, the first difference says more than two hashes do.
    expectSameRun(String(one["dir"]), String(other["dir"]), folder);
    expect(identityOf(other)).toEqual(identityOf(one));
    expect(Number(one["orders"])).toBeGreaterThan(20);
  });

  it("gives the same tape on another store", async () => {
    const workspace = await backtestWorkspace({ days: 1 });
    try {
      const configPath = await workspace.writeConfig();
      const onSqlite = await runBacktest(workspace.ports, { configPath });
      if (onSqlite.kind !== "ok") throw new Error("both must end well");
      const { hash, now, tapes } = workspace.ports;
      const stored = onSqlite.result.dir;
      const ports = {
        ...workspace.ports,
        tapes: (dir: string) => (dir === stored ? tapes(dir) : new MemoryEventStore({ sha256: hash, now })),
      };
      const inMemory = await runBacktest(ports, { configPath });
      if (inMemory.kind !== "ok") throw new Error("both must end well");
      expect(inMemory.result).toMatchObject({ identical: true, tape: onSqlite.result.tape, artifacts: onSqlite.result.artifacts });
    } finally {
      await workspace.close();
    }
  });

  it("killed at random moments leaves no half run, and the next run reaches the head of an undisturbed one", async () => {
    const undisturbed = await backtest(await project("calm", (rows) => rows), {});
    const dir = await project("killed", (rows) => rows);
    const home = join(dir, ".onetape");
    // Seeded: the same moments in every run of this test.
    let seed = 20_240_102;
    for (let round = 0; round < 12; round++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const { child, done } = start(["backtest", "backtest.yaml", "--json"], dir, { ONETAPE_HOME: home });
      const timer = setTimeout(() => child.kill("SIGKILL"), 80 + (seed % 900));
      await done;
      clearTimeout(timer);
      const runs = await readdir(join(home, "runs")).catch(() => []);
      for (const name of runs)
        expect(await readdir(join(home, "runs", name))).toEqual(expect.arrayContaining(["manifest.json", "metrics.json"]));
    }
    const again = await backtest(dir, { ONETAPE_HOME: home });
    expectSameRun(String(undisturbed["dir"]), String(again["dir"]), folder);
    expect(identityOf(again)).toEqual(identityOf(undisturbed));
    expect(await readdir(join(home, "tmp"))).toEqual([]);
    const verified = await start(["replay", String(again["run_id"]), "--verify", "--json"], dir, { ONETAPE_HOME: home }).done;
    expect(verified.code).toBe(0);
  }, 120_000);
});
