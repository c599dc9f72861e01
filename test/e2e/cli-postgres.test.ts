import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { administer, emptyDatabase } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import { type Finished, json, onetape, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("postgres");
const project = join(scratch.path, "desk");
let dsn: string;
/** Everything that any command of this file said. */
let said = "";

beforeAll(async () => {
  expect(onetape(["init", "desk"], { cwd: scratch.path })).toMatchObject({ code: 0 });
  dsn = await emptyDatabase(await sharedServer(), "cli");
});
afterAll(scratch.remove);

function run(line: string, env: NodeJS.ProcessEnv = { POSTGRES_DSN: dsn }): Finished {
  const done = onetape(line.split(" "), { cwd: project, env });
  said += done.stdout + done.stderr;
  return done;
}

test("PostgreSQL that is asked for and not named is refused with what to do", () => {
  for (const line of ["data list --store postgres", "store migrate plan", "store migrate apply"]) {
    const refused = run(`${line} --json`, {});
    expect(refused.code).toBe(3);
    expect(json(refused)).toMatchObject({ code: "SETTINGS_INVALID", details: [{ code: "STORE_NOT_NAMED", field: "POSTGRES_DSN" }] });
  }
  expect(run("data list", { ONETAPE_STORE: "postgres" }).stderr).toContain("POSTGRES_DSN is not set");
});

test("a database without tables is refused with the command that makes them, and then it has them", () => {
  const early = run("data list --json");
  expect(early.code).toBe(1);
  expect(JSON.stringify(json(early))).toContain("onetape store migrate apply");
  expect(run("doctor").stdout).toContain("no tables of Onetape yet");
  const plan = json(run("store migrate plan --json"));
  expect(plan).toMatchObject({
    applied: [],
    pending: [{ version: 1, name: "tape", sql: expect.stringContaining("CREATE TABLE events") }, { version: 2 }, { version: 3 }],
  });
  expect(run("store migrate plan").stdout).toContain("CREATE TABLE events");
  expect(json(run("store migrate apply --json"))).toMatchObject({
    applied: [],
    now_applied: [{ version: 1 }, { version: 2 }, { version: 3 }],
  });
  expect(run("store migrate apply").stdout).toContain("nothing to do");
  expect(run("doctor").stdout).toMatch(/PostgreSQL.*ok.*a primary that flushes what it acknowledges, holds 0 logs/);
});

test("import, backtest, the same again, replay, a paper session, the kill switch and verification run on it, and no file holds a log of theirs", () => {
  const like = "--symbol DEMO --timeframe 1m --stamp close --tz UTC --price-mode raw --calendar XNYS --currency USD --asset-class equity";
  expect(run(`data import data/demo-1m.csv ${like}`)).toMatchObject({ code: 0 });
  expect(json(run("data list --json"))["items"]).toHaveLength(1);
  expect(run("data validate")).toMatchObject({ code: 0 });
  expect(json(run("backtest backtest.yaml --json"))).toMatchObject({ status: "completed", identical: null });
  expect(json(run("backtest backtest.yaml --json"))).toMatchObject({ status: "completed", identical: true });
  expect(run("replay latest --verify")).toMatchObject({ code: 0 });
  const paper = json(run("paper backtest.yaml --replay latest --session desk --json"));
  expect(json(run("paper backtest.yaml --replay latest --session desk --json"))["tape"]).toEqual(paper["tape"]);
  expect(json(run("runs show desk --json"))).toMatchObject({ schema: "onetape.session/1", session: "desk" });
  expect(run("kill-switch trip --reason drill --lock-hours 0").code).toBe(0);
  expect(run("kill-switch status").stdout).toContain("drill");
  const verified = json(run("verify --all --json"));
  expect(verified).toMatchObject({ verified: true });
  expect(JSON.stringify(verified)).toContain("catalogue");
  for (const folder of ["store", "sessions"]) expect(existsSync(join(project, ".onetape", folder))).toBe(false);
  expect(json(run("data list --json --store sqlite"))["items"]).toHaveLength(0);
});

const scratchSchemas = () => administer(dsn, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'onetape_scratch%'");

test("a drill restores into a schema of its own, compares heads and states, and leaves nothing behind", async () => {
  expect(run("projections rebuild orders --log session/desk").code).toBe(0);
  await administer(dsn, "CREATE SCHEMA onetape_scratch_0000000000000000");
  const drill = json(run("drill restore --json"));
  expect(drill).toMatchObject({ drilled: true, into: "postgres", missing_ms: 0 });
  const logs = drill["logs"] as { log: string; fault: string | null; projections: { projection: string; kept: unknown }[] }[];
  expect(logs.map(({ fault }) => fault)).toEqual(logs.map(() => null));
  const session = logs.find(({ log }) => log === "session/desk");
  expect(session?.projections).toHaveLength(7);
  expect(session?.projections.find(({ projection }) => projection === "orders")?.kept).not.toBeNull();
  expect(await scratchSchemas()).toEqual([]);
});

test("a user who may not make a schema is told which right a drill needs, and a drill into files tells a state that is kept wrongly", async () => {
  const user = `t_drill_${process.pid}`;
  await administer(dsn, `CREATE ROLE ${user} LOGIN PASSWORD 'pw-of-a-test' IN ROLE onetape_writer`);
  const url = new URL(dsn);
  url.username = user;
  url.password = "pw-of-a-test";
  const refused = run("drill restore", { POSTGRES_DSN: url.href });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("GRANT CREATE ON DATABASE");
  const [[hash] = []] = await administer(dsn, "SELECT state_hash FROM projections WHERE name = 'orders'");
  await administer(dsn, "UPDATE projections SET state_hash = 'ff' || substr(state_hash, 3) WHERE name = 'orders'");
  const found = run("drill restore --into sqlite --json", { POSTGRES_DSN: url.href });
  expect(found.code).toBe(5);
  expect(JSON.stringify(json(found))).toContain("keeps another state of the projection orders");
  await administer(dsn, `UPDATE projections SET state_hash = '${String(hash)}' WHERE name = 'orders'`, `DROP ROLE ${user}`);
});

test("a row that an administrator changed is found by verification, with its position", async () => {
  await administer(
    dsn,
    "SET session_replication_role = replica",
    "UPDATE events SET payload = jsonb_set(payload, '{added}', '1') WHERE position = 2",
  );
  const found = run("verify --all --json");
  expect(found.code).toBe(5);
  expect(JSON.stringify(json(found))).toContain("position 2");
  await administer(dsn, "SET session_replication_role = replica", "UPDATE events SET payload = payload - 'added' WHERE position = 2");
  expect(run("verify --all")).toMatchObject({ code: 0 });
});

test("a migration that was changed is refused, and so is a database that a newer Onetape migrated", async () => {
  await administer(dsn, "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1");
  const tampered = run("store migrate apply --json");
  expect(tampered.code).toBe(1);
  expect(json(tampered)).toMatchObject({ code: "STORE_UNAVAILABLE", details: [{ field: "schema_migrations.version 1", value: "other" }] });
  expect(run("data list").stderr).toContain("not the one that this Onetape knows");
  await administer(dsn, "INSERT INTO schema_migrations (version, name, checksum) VALUES (4, 'later', 'x')");
  expect(run("store migrate plan").stderr).toMatch(/store version 4, this Onetape knows 3/);
  expect(run("data list").stderr).toMatch(/version 4, newer than this Onetape knows/);
});

test("nothing that was said or written names the connection string or its password", () => {
  const url = new URL(dsn);
  run("doctor --verbose", { POSTGRES_DSN: dsn.replace(url.password, "wrong-hunter2") });
  run("data list --verbose --json", { POSTGRES_DSN: dsn.replace(url.password, "wrong-hunter2") });
  run("data list --verbose", { POSTGRES_DSN: dsn.replace(url.port, "1") });
  run("data list --verbose", { POSTGRES_DSN: `${dsn} wrong-hunter2` });
  expect(said).toContain("refuses the user or the password");
  expect(said.length).toBeGreaterThan(1_000);
  const files = readdirSync(project, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
  for (const text of [said, ...files]) {
    expect(text.includes(url.password) || text.includes("hunter2") || text.includes(dsn)).toBe(false);
  }
});
