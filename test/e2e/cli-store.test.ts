import { once } from "node:events";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Finished, json, onetape, scratchFolder, start } from "./cli-process.js";

const scratch = scratchFolder("store");
const project = join(scratch.path, "desk");
const home = join(project, ".onetape");
const like = "--symbol DEMO --timeframe 1m --stamp close --tz UTC --price-mode raw --calendar XNYS --currency USD --asset-class equity";

function run(line: string): Finished {
  return onetape(line.split(" "), { cwd: project });
}

beforeAll(() => {
  expect(onetape(["init", "desk"], { cwd: scratch.path })).toMatchObject({ code: 0 });
  for (const line of [
    `data import data/demo-1m.csv ${like}`,
    "backtest backtest.yaml",
    "paper backtest.yaml --replay latest --session desk",
    "projections rebuild captures",
    "projections rebuild portfolio --log session/desk",
  ])
    expect([line, run(line)]).toEqual([line, expect.objectContaining({ code: 0 })]);
});
afterAll(scratch.remove);

/** Changes a log behind the triggers' back, as somebody with the file at hand can. */
function tamper(file: string, ...statements: readonly string[]): void {
  const database = new Database(join(home, file));
  const triggers: unknown[] = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all();
  for (const row of triggers)
    if (typeof row === "object" && row !== null && "name" in row) database.exec(`DROP TRIGGER ${String(row.name)}`);
  for (const statement of statements) database.exec(statement);
  database.close();
}

describe("looking at logs", () => {
  test("head names every log of the workspace and of its sessions, with position and hash, and a run by its word", () => {
    const heads = json(run("store head --json"));
    expect(heads).toMatchObject({ schema: "onetape.store-head/1" });
    expect(heads["items"]).toMatchObject([
      { log: "catalogue", layout: "rows" },
      { log: "session/desk", layout: "rows", hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(json(run("store head latest --json"))["items"]).toMatchObject([{ log: expect.stringMatching(/^run\//), layout: "segments" }]);
    const missing = run("store head sesion/desk --json");
    expect(missing.code).toBe(3);
    expect(json(missing)).toMatchObject({
      code: "NOT_FOUND",
      details: [{ message: expect.stringContaining("did you mean session/desk?") }],
    });
  });

  test("tail shows the newest events, oldest of them first, and of a type where one is asked for", () => {
    const { position } = (json(run("store head desk --json"))["items"] as { position: number }[])[0] ?? { position: 0 };
    const items = json(run("store tail desk --limit 3 --json"))["items"];
    expect(items).toMatchObject([{ position: position - 2 }, { position: position - 1 }, { position, type: "run.completed" }]);
    const fills = run("store tail desk --limit 2 --type order.filled --ndjson").stdout.trim().split("\n");
    expect(fills.map((line): unknown => JSON.parse(line))).toMatchObject([{ type: "order.filled" }, { type: "order.filled" }]);
  });

  test("tail --follow shows what is committed while it looks, and ends on a signal", async () => {
    const child = start(["store", "tail", "risk", "--follow", "--ndjson"], { cwd: project });
    expect((await once(child, "close"))[0]).toBe(3);
    expect(run("kill-switch trip --reason drill --lock-hours 0").code).toBe(0);
    const follower = start(["store", "tail", "risk", "--follow", "--ndjson"], { cwd: project });
    let said = "";
    let wake: () => void = () => {};
    follower.stdout?.on("data", (chunk) => {
      said += String(chunk);
      wake();
    });
    const until = async (text: string): Promise<void> => {
      while (!said.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
    };
    await until("drill");
    expect(run("kill-switch reset --approver ops-1 --reason over").code).toBe(0);
    await until("ops-1");
    follower.kill("SIGINT");
    expect((await once(follower, "close"))[0]).toBe(130);
  });

  test("stats count what the events themselves give", () => {
    const stats = json(run("store stats desk --json"));
    const events = run("store tail desk --limit 1000000 --ndjson")
      .stdout.trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; stream: string });
    const fills = events.filter(({ type }) => type === "order.filled").length;
    expect(fills).toBeGreaterThan(1);
    expect(stats).toMatchObject({ events: events.length, streams: new Set(events.map(({ stream }) => stream)).size });
    expect(stats["types"]).toContainEqual(expect.objectContaining({ type: "order.filled", events: fills, schema_versions: [1] }));
  });
});

describe("verifying logs", () => {
  test("L1 to L3 pass, L4 passes where nothing is decided, for a run and for a session; a strategy that is gone leaves that open", () => {
    for (const level of ["1", "L2", "3"]) expect(run(`store verify --level ${level}`).code).toBe(0);
    expect(json(run("store verify --level 3 --json"))["items"]).toMatchObject([
      { log: "catalogue", levels: [{ level: "L2" }, { level: "L3", checked: expect.any(Number), verdict: "passed" }] },
      { log: "risk" },
      {
        log: "session/desk",
        levels: [{ level: "L2" }, { level: "L3", message: expect.stringMatching(/recorded one at \d+ points; [2-9]\d* kept states/) }],
      },
    ]);
    expect(run("store verify catalogue --level 4").code).toBe(0);
    expect(run("store verify latest --level 4").code).toBe(0);
    expect(run("store verify desk --level 4").code).toBe(0);
    renameSync(join(home, "session-inputs"), join(home, "elsewhere"));
    const session = run("store verify desk --level 4 --json");
    renameSync(join(home, "elsewhere"), join(home, "session-inputs"));
    expect(session.code).toBe(2);
    expect(json(session)).toMatchObject({ verified: false, error: { code: "PARTIAL", details: [{ code: "NOT_SHOWN" }] } });
  });

  test("a kept state that was altered together with its hash is found at L3, not before", () => {
    const file = "sessions/session~desk.tape.db";
    const state = `'{"altered":true}'`;
    const before = new Database(join(home, file)).prepare("SELECT state, state_hash FROM projections WHERE name = 'portfolio'").get() as {
      state: string;
      state_hash: string;
    };
    tamper(file, `UPDATE projections SET state = ${state} WHERE name = 'portfolio'`);
    expect(run("store verify desk --level 2").code).toBe(0);
    const found = run("store verify desk --level 3 --json");
    expect(found.code).toBe(5);
    expect(JSON.stringify(json(found))).toContain("the projection portfolio does not have its hash");
    const database = new Database(join(home, file));
    database.prepare("UPDATE projections SET state = ?, state_hash = ? WHERE name = 'portfolio'").run(before.state, before.state_hash);
    database.close();
    expect(run("store verify desk --level 3").code).toBe(0);
  });

  test("a changed payload is found at L2 with its position", () => {
    const file = "store/catalogue.tape.db";
    const database = new Database(join(home, file));
    const { payload } = database.prepare("SELECT payload FROM events WHERE position = 1").get() as { payload: string };
    database.close();
    tamper(file, `UPDATE events SET payload = replace(payload, 'DEMO', 'OMED') WHERE position = 1`);
    const found = run("store verify catalogue --json");
    expect(found.code).toBe(5);
    expect(json(found)).toMatchObject({ error: { details: [{ message: expect.stringContaining("position 1 (payload)") }] } });
    expect(run("store verify catalogue --level 1").code).toBe(0);
    const again = new Database(join(home, file));
    again.prepare("UPDATE events SET payload = ? WHERE position = 1").run(payload);
    again.close();
    expect(run("store verify catalogue").code).toBe(0);
  });
});

describe("carrying logs", () => {
  test("a log goes to a file, into another workspace, and back to the same file but for its header", () => {
    const first = json(run("store export desk --output carried/one.ndjson --json"));
    expect(first).toMatchObject({ schema: "onetape.store-export/1", log: "session/desk", exported: true, resumed_from: 0 });
    expect(json(run("store import carried/one.ndjson --home other --json"))).toMatchObject({
      imported: true,
      head: first["head"],
    });
    expect(json(run("store import carried/one.ndjson --home other --json"))).toMatchObject({ imported: false, present: true });
    expect(run("store verify --home other --level 3").code).toBe(0);
    expect(run("runs show desk --home other").stdout).toContain("desk");
    expect(json(run("store export desk --home other --output carried/two.ndjson --json"))["head"]).toEqual(first["head"]);
    const [one, two] = ["one", "two"].map((name) =>
      readFileSync(join(project, `carried/${name}.ndjson`), "utf8")
        .split("\n")
        .slice(1, -2),
    );
    expect(two).toEqual(one);
    expect(run("store export desk --output carried/one.ndjson").stderr).toContain("exists already");
  });

  test("a file that is not whole, or was changed, is refused with its line, and nothing is imported", () => {
    const whole = readFileSync(join(project, "carried/one.ndjson"), "utf8");
    writeFileSync(join(project, "carried/cut.ndjson"), whole.slice(0, -200));
    writeFileSync(join(project, "carried/changed.ndjson"), whole.replace('"type":"order.filled"', '"type":"order.fillet"'));
    const cut = run("store import carried/cut.ndjson --home third --json");
    expect([cut.code, json(cut)["code"]]).toEqual([3, "DATA_INVALID"]);
    expect(cut.stdout).toContain("was cut off");
    const changed = run("store import carried/changed.ndjson --home third --json");
    expect([changed.code, json(changed)["code"]]).toEqual([5, "VERIFICATION_FAILED"]);
    expect(json(run("store head --home third --json"))["items"]).toEqual([]);
  });
});

describe("backup, restore and drill", () => {
  test("what was backed up is restored elsewhere to the same heads, and again without a change", () => {
    const backup = json(run("store backup backups/one --json"));
    const heads = json(run("store head --json"))["items"] as { log: string; position: number; hash: string }[];
    expect(backup["logs"]).toMatchObject(heads.map(({ log, position, hash }) => ({ log, head: { position, hash } })));
    expect(run("store backup backups/one").code).toBe(3);
    expect(run("store restore backups/none --home restored").code).toBe(3);
    expect(run("store restore backups/one --home restored").code).toBe(0);
    expect(json(run("store head --home restored --json"))["items"]).toMatchObject(heads.map(({ log, hash }) => ({ log, hash })));
    const again = json(run("store restore backups/one --home restored --json"));
    expect(again["items"]).toMatchObject(heads.map(() => ({ outcome: "present" })));
    expect(again["files"]).toMatchObject({ copied: 0, present: (backup["files"] as unknown[]).length });
    // Bars, strategies and texts came along: what was restored does again what it did.
    expect(run("replay latest --verify --home restored").code).toBe(0);
    expect(run("replay desk --verify --home restored").code).toBe(0);
  });

  test("a backup that is older than the workspace is refused in its place, and says how many events are missing", () => {
    expect(run("kill-switch trip --reason later --lock-hours 0").code).toBe(0);
    rmSync(join(home, "store/risk.tape.db"));
    const refused = run("store restore backups/one --json");
    expect(refused.code).toBe(5);
    expect(JSON.stringify(json(refused))).toContain("3 events are missing");
    expect(json(run("store head --json"))["items"]).toHaveLength(2);
    expect(run("store restore backups/one --accept-loss").code).toBe(0);
    expect(run("kill-switch trip --reason again --lock-hours 0").code).toBe(0);
  });

  test("a drill restores, compares and prints the times against the targets", () => {
    const drill = json(run("drill restore --json"));
    expect(drill).toMatchObject({
      drilled: true,
      missing_ms: 0,
      into: "sqlite",
      logs: [{ fault: null }, { fault: null }, { fault: null }],
    });
    const [catalogue, , session] = drill["logs"] as { head_hash: string; projections: { state_hash: string; live_hash: string }[] }[];
    expect(session?.projections).toHaveLength(7);
    for (const state of [...(catalogue?.projections ?? []), ...(session?.projections ?? [])])
      expect(state.live_hash).toBe(state.state_hash);
    const heads = json(run("store head --json"))["items"] as { log: string; hash: string }[];
    expect(catalogue?.head_hash).toBe(heads[0]?.hash);
    expect(drill["targets"]).toContainEqual({
      scenario: "overall objective",
      rto_minutes: 15,
      rpo_minutes: 5,
      rto_met: true,
      rpo_met: true,
    });
    const old = json(run("drill restore backups/one --json"));
    expect(old["logs"]).toContainEqual(expect.objectContaining({ log: "risk", missing_events: 3, fault: null }));
  });
});

describe("published anchors", () => {
  const env = { ONETAPE_ANCHORS: "kept/anchors.ndjson", ONETAPE_ANCHOR_KEY: "kept/key.pem" };

  test("signed anchors of every log hold, a writer publishes its own, and a tail that was cut off is found", () => {
    expect(run("store anchor --anchors kept/anchors.ndjson --key kept/key.pem").code).toBe(0);
    expect(run("store verify --anchors kept/anchors.ndjson --key kept/key.pem.pub").code).toBe(0);
    const before = readFileSync(join(home, "store/risk.tape.db"));
    const lines = readFileSync(join(home, "store/risk.tape.anchors.ndjson"));
    expect(onetape("kill-switch reset --approver ops-2 --reason over".split(" "), { cwd: project, env }).code).toBe(0);
    const published = readFileSync(join(project, "kept/anchors.ndjson"), "utf8").trim().split("\n");
    expect(JSON.parse(published.at(-1) ?? "")).toMatchObject({ log: "risk", signature: expect.any(String) });
    // Somebody puts an older copy in place, with the anchors beside it: the store alone cannot tell.
    writeFileSync(join(home, "store/risk.tape.db"), before);
    writeFileSync(join(home, "store/risk.tape.anchors.ndjson"), lines);
    expect(run("store verify risk").code).toBe(0);
    const found = run("store verify risk --anchors kept/anchors.ndjson --key kept/key.pem.pub --json");
    expect(found.code).toBe(5);
    expect(json(found)).toMatchObject({ error: { details: [{ code: "ANCHOR_TAIL_CUT", field: "risk" }] } });
  });

  test("an anchor that was changed, and a file or key that is none, are told", () => {
    const file = join(project, "kept/forged.ndjson");
    writeFileSync(
      file,
      readFileSync(join(project, "kept/anchors.ndjson"), "utf8").replace(
        /"hash":"(.)/,
        (_, digit: string) => `"hash":"${digit === "0" ? "1" : "0"}`,
      ),
    );
    const forged = run("store verify catalogue --anchors kept/forged.ndjson --key kept/key.pem.pub --json");
    expect(forged.code).toBe(5);
    expect(JSON.stringify(json(forged))).toMatch(/ANCHOR_FORGED|ANCHOR_HISTORY/);
    expect(run("store verify --anchors kept/none.ndjson").code).toBe(3);
    expect(run("store verify --anchors kept/anchors.ndjson --key kept/anchors.ndjson").code).toBe(3);
    expect(run("store anchor").code).toBe(3);
  });
});

test("the doctor finds a sound store sound, and triggers that are gone, with what to do", () => {
  const sound = json(run("store doctor --home restored --json"));
  expect(sound).toMatchObject({ ok: true, store: "sqlite" });
  tamper("store/catalogue.tape.db");
  const sick = run("store doctor --json");
  expect(sick.code).toBe(1);
  const findings = json(sick)["findings"] as { check: string; status: string; next: string }[];
  expect(findings).toContainEqual(expect.objectContaining({ check: "triggers of catalogue", status: "failed" }));
  for (const { status, next } of findings) expect(next === "").toBe(status === "ok");
  expect(run("store doctor").stdout).toContain("onetape store verify --level 3");
});
