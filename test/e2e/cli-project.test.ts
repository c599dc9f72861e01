import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program as cli } from "../../src/apps/cli/command-table.js";
import { compactFile } from "../support/finra-week.js";
import { emptyDatabase } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import { json, onetape, program, scratchFolder, throughShell } from "./cli-process.js";

const scratch = scratchFolder("project");
const project = join(scratch.path, "my strategy");
beforeAll(() => {
  expect(onetape(["init", "my strategy"], { cwd: scratch.path })).toMatchObject({ code: 0 });
  // What the help of signal files reads: a file that a reader brings along.
  writeFileSync(
    join(project, "signals.csv"),
    "Symbol,Timestamp,Strategy,StrategyVersion,LongEntry,SL_Long\nDEMO,2024-01-03T16:40:00Z,inside_bar,1.0.0,97.15,97.02\n",
  );
  // What the help of calculations reads: two weeks, and one of them corrected.
  mkdirSync(join(project, "finra"));
  mkdirSync(join(project, "corrected"));
  const week = (friday: string, shares: number): string =>
    compactFile(friday, [
      ["AABB", "OTCN", shares, 12],
      ["AABB", "ETRD", 500, 5],
      ["CCDD", "OTCN", 700, 7],
    ]);
  writeFileSync(join(project, "finra", "week_2025-12-19.psv"), week("2025-12-19", 1_000));
  writeFileSync(join(project, "finra", "week_2025-12-26.psv"), week("2025-12-26", 1_100));
  writeFileSync(join(project, "corrected", "week_2025-12-26.psv"), week("2025-12-26", 1_200));
});
afterAll(scratch.remove);

/** A port of this machine on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 9;
}

describe("a new project", () => {
  test("does everything that its README says, with the registry unreachable", async () => {
    const readme = readFileSync(join(project, "README.md"), "utf8");
    const lines = [...readme.matchAll(/^```\n(.*?)^```$/gms)].flatMap(([, block]) => (block ?? "").trim().split("\n"));
    expect(lines.length).toBeGreaterThan(10);
    const env = { npm_config_registry: `http://127.0.0.1:${await closedPort()}`, npm_config_cache: join(scratch.path, "empty-cache") };
    for (const line of lines) {
      expect(line).toMatch(/^npx onetape /);
      const { code, stderr } = throughShell(line, { cwd: project, env });
      expect([line, code, stderr]).toEqual([line, 0, stderr]);
    }
    expect(throughShell("npx onetape backtest backtest.yaml", { cwd: project, env }).stdout).toContain("identical");
  });

  test("is refused in a folder that holds something, and left as it was", () => {
    const folder = scratchFolder("taken");
    writeFileSync(join(folder.path, "notes.txt"), "mine");
    const refused = onetape(["init", ".", "--json"], { cwd: folder.path });
    expect(refused.code).toBe(3);
    expect(json(refused)).toMatchObject({ code: "FOLDER_NOT_EMPTY", category: "CONFLICT" });
    expect(throughShell("ls -A", { cwd: folder.path }).stdout).toBe("notes.txt\n");
    expect(onetape(["init", ".", "--force"], { cwd: folder.path }).code).toBe(0);
    expect(readFileSync(join(folder.path, "notes.txt"), "utf8")).toBe("mine");
    folder.remove();
  });

  test("appears whole or not at all", () => {
    const folder = scratchFolder("half");
    // A file stands where the project's parent folder would be.
    writeFileSync(join(folder.path, "desk"), "");
    expect(onetape(["init", "desk/pairs"], { cwd: folder.path }).code).toBe(1);
    expect(throughShell("ls -A", { cwd: folder.path }).stdout).toBe("desk\n");
    folder.remove();
  });
});

describe("examples of help", () => {
  const visible = cli.commands.filter(({ hidden }) => hidden !== true);

  test.each(visible.map((spec) => [spec.path.join(" "), spec] as const))(
    "of onetape %s do what they say",
    async (_, { path, examples }) => {
      const env = path.join(" ") === "store migrate" ? { POSTGRES_DSN: await emptyDatabase(await sharedServer(), "help") } : {};
      for (const { line } of examples) {
        // A server runs until it is stopped, as a reader would.
        const serves = line.startsWith("onetape serve") && !line.includes("--dry-run");
        const command = line.replace(
          /^onetape/,
          `${serves ? "timeout --preserve-status -s INT 8 " : ""}"${process.execPath}" "${program}"`,
        );
        const done = throughShell(command, { cwd: project, env });
        expect([line, done.code, done.stderr]).toEqual([line, serves ? 130 : 0, done.stderr]);
        if (line.endsWith("--json")) expect(json(done)["schema"]).toMatch(/^onetape\.[a-z-]+\/1$/);
        if (line.endsWith("--ndjson")) {
          const first: unknown = JSON.parse(done.stdout.split("\n")[0] ?? "");
          expect(first).toMatchObject(line.startsWith("onetape events") ? { position: 1, type: "run.started" } : {});
        }
      }
    },
  );

  test.each(visible.map((spec) => [spec.path.join(" "), spec] as const))(
    "of onetape %s give one document with --json",
    (_, { examples }) => {
      const words = (examples[0]?.line ?? "").split(" ").slice(1);
      const done = onetape([...words, "--json"], { cwd: project });
      expect(json(done)["schema"]).toMatch(/^onetape\.[a-z-]+\/1$/);
      expect([0, 3, 5]).toContain(done.code);
    },
  );
});

describe("backtest --json", () => {
  test("prints its keys at the top level, money as decimal text, the same figures again and identical", () => {
    const home = join(scratch.path, "fresh");
    const [first, second] = [0, 1].map(() => json(onetape(["backtest", "backtest.yaml", "--json", "--home", home], { cwd: project })));
    const keys = ["run_id", "status", "identical", "bars", "events", "orders", "fills", "elapsed_ms", "tape", "artifacts", "metrics"];
    for (const key of keys) expect(Object.keys(first ?? {})).toContain(key);
    expect(first).toMatchObject({
      schema: "onetape.backtest/1",
      status: "completed",
      bars: 7800,
      tape: { head_position: first?.["events"] },
    });
    expect(first?.["tape"]).toMatchObject({ head_hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(Object.values(first?.["artifacts"] ?? {}).every((hash) => /^[0-9a-f]{64}$/.test(String(hash)))).toBe(true);
    expect(first?.["metrics"]).toMatchObject({ final_equity: { value: expect.stringMatching(/^[0-9]+(\.[0-9]+)?$/), unit: "USD" } });
    expect(second).toMatchObject({ identical: true, run_id: first?.["run_id"], tape: first?.["tape"], artifacts: first?.["artifacts"] });
  });

  test("refuses a wrong config with every fault and its place", () => {
    const text = readFileSync(join(project, "backtest.yaml"), "utf8");
    writeFileSync(
      join(project, "wrong.yaml"),
      text.replace("next_open", "nextopen").replace("slow: 48", "slwo: 48").replace("sizing:", "sizng:"),
    );
    const done = onetape(["backtest", "wrong.yaml"], { cwd: project });
    expect([done.code, done.stdout]).toEqual([3, ""]);
    expect(done.stderr).toContain(
      'wrong.yaml:31:16  /execution/fill_timing  "nextopen" is not one of next_open, signal_close; did you mean next_open?',
    );
    expect(done.stderr).toContain('did you mean "sizing"?');
  });

  test("says which parameter the strategy does not have", () => {
    const text = readFileSync(join(project, "backtest.yaml"), "utf8");
    writeFileSync(join(project, "params.yaml"), text.replace("slow: 48", "slwo: 48"));
    const done = onetape(["backtest", "params.yaml"], { cwd: project });
    expect(done.code).toBe(3);
    expect(done.stderr).toMatch(/params\.yaml:\d+:\d+ .*no parameter "slwo"; did you mean slow\?/);
  });

  test("names the user's line when the strategy throws, and keeps the tape up to there", () => {
    const strategy = readFileSync(join(project, "strategy.ts"), "utf8");
    writeFileSync(
      join(project, "throws.ts"),
      strategy.replace("if (!slow.ready) return;", 'if (slow.ready) throw new Error("out of luck");'),
    );
    writeFileSync(join(project, "throws.yaml"), readFileSync(join(project, "backtest.yaml"), "utf8").replace("strategy.ts", "throws.ts"));
    const done = onetape(["backtest", "throws.yaml", "--json"], { cwd: project });
    expect(done.code).toBe(1);
    expect(json(done)).toMatchObject({
      status: "failed",
      error: { code: "STRATEGY_FAILED", details: [{ file: expect.stringContaining("throws.ts"), line: 36 }] },
    });
    expect(done.stderr).toContain("out of luck");
  });

  test("of a file that does not exist is refused by name", () => {
    const done = onetape(["backtest", "nowhere.yaml", "--json"], { cwd: project });
    expect(done.code).toBe(3);
    expect(json(done)["details"]).toMatchObject([{ code: "FILE_NOT_FOUND", file: "nowhere.yaml" }]);
  });
});

describe("runs and events", () => {
  test("of an empty workspace are none, and a run that is not there names the next command", () => {
    const home = join(scratch.path, "empty");
    expect(json(onetape(["runs", "list", "--json", "--home", home], { cwd: project }))).toMatchObject({ items: [], total: 0 });
    const done = onetape(["events", "latest", "--home", home], { cwd: project });
    expect(done.code).toBe(3);
    expect(done.stderr).toContain("next: onetape backtest CONFIG");
  });

  test("are filtered by type and time, and an unknown type is refused with the nearest", () => {
    const home = join(scratch.path, "fresh");
    const args = ["events", "latest", "--type", "order.filled", "--from", "2024-01-03", "--to", "2024-01-03", "--json", "--home", home];
    const { items } = json(onetape(args, { cwd: project }));
    if (!Array.isArray(items)) throw new Error("no items");
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(item).toMatchObject({ type: "order.filled", time: expect.stringMatching(/^2024-01-03T/) });
    const wrong = onetape(["events", "latest", "--type", "order.filed"], { cwd: project });
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining("did you mean order.filled?")]);
  });

  test("end quietly when the reader goes away", () => {
    const done = throughShell(`"${process.execPath}" "${program}" events latest --ndjson | head -n 1 | wc -l`, { cwd: project });
    expect([done.code, done.stdout.trim(), done.stderr]).toEqual([0, "1", ""]);
  });

  test("verify at L3 is sent to replay, and a changed artifact is found", () => {
    expect(onetape(["verify", "latest", "--level", "L3"], { cwd: project }).stderr).toContain("onetape replay latest --verify --level L3");
    const home = join(scratch.path, "fresh");
    const { dir } = json(onetape(["runs", "show", "latest", "--json", "--home", home], { cwd: project }));
    writeFileSync(join(String(dir), "fills.csv"), "tampered");
    const done = onetape(["verify", "latest", "--json", "--home", home], { cwd: project });
    expect(done.code).toBe(5);
    expect(json(done)).toMatchObject({
      verified: false,
      error: { code: "VERIFICATION_FAILED" },
      items: [{ files: [{ path: "fills.csv", problem: "changed" }] }],
    });
  });

  test("a changed value in the data catalogue is found, with its position", () => {
    const home = join(scratch.path, "catalogue");
    const bars = [
      "data",
      "generate",
      "--symbol",
      "COIN",
      "--calendar",
      "24/7",
      "--from",
      "2024-01-01",
      "--to",
      "2024-01-01",
      "--home",
      home,
    ];
    expect(onetape(bars, { cwd: project }).code).toBe(0);
    expect(json(onetape(["verify", "--json", "--home", home], { cwd: project }))).toMatchObject({
      verified: true,
      items: [{ name: "catalogue" }],
    });
    const database = new Database(join(home, "store", "catalogue.tape.db"));
    const triggers: unknown[] = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all();
    for (const name of triggers) database.exec(`DROP TRIGGER "${String(name)}"`);
    database.exec("UPDATE events SET payload = replace(payload, 'COIN', 'NICO') WHERE position = 1");
    database.close();
    const done = onetape(["verify", "--json", "--home", home], { cwd: project });
    expect(done.code).toBe(5);
    expect(json(done)).toMatchObject({ verified: false, items: [{ name: "catalogue", failure: { position: 1 } }] });
  });
});
