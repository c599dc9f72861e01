import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { killedAt } from "../chaos/kill-cli.js";
import { cleanEnvironment, type Finished, json, onetape, program, scratchFolder } from "./cli-process.js";

const scratch = scratchFolder("session");
const cwd = scratch.path;
const run = (...args: readonly string[]): Finished => onetape(args, { cwd });
const BOOK = ["--positions", "risk/positions.csv", "--quotes", "risk/prices.csv", "--at", "2026-03-31"];
/** Every day of the sample, so that both ways see the same moves. */
const RISK = ["--history", "520", "--scenarios", "risk/scenarios.yaml", "--limits", "risk/limits.csv", "--request", "close"];

function begin(name: string): void {
  expect(run("session", "new", name, "--base-currency", "USD", "--at", "2026-01-02")).toMatchObject({ code: 0 });
}

beforeAll(() => {
  expect(run("risk", "sample", "risk")).toMatchObject({ code: 0 });
  begin("desk");
  expect(run("session", "ingest", "desk", ...BOOK)).toMatchObject({ code: 0 });
});
afterAll(scratch.remove);

interface Figured {
  readonly report: {
    readonly market_snapshot_id: string;
    readonly figures: readonly { readonly name: string; readonly outcome: { readonly value: { readonly var: number } } }[];
  };
}

describe("a session over files", () => {
  test("gives the VaR that the same files give by themselves, to the bit and on the same snapshot, and proves itself", () => {
    const computed = run("session", "compute", "desk", ...RISK, "--json");
    expect(computed.code).toBe(0);
    const { report } = json(computed) as unknown as Figured;
    const files = json(
      run("risk", "var", "--positions", "risk/positions.csv", "--prices", "risk/prices.csv", "--base-currency", "USD", "--json"),
    );
    const figure = files["figure"] as { readonly value: number; readonly snapshot: string };
    expect(report.figures.find(({ name }) => name === "var/0.99")?.outcome.value.var).toBe(figure.value);
    expect(report.market_snapshot_id).toBe(figure.snapshot);
    const proof = run("session", "replay", "desk", "--json");
    expect([proof.code, json(proof)["verified"]]).toEqual([0, true]);
  });

  test("writes a report that is the same to the byte in another process, zone and language, and a page of the same figures", () => {
    run("session", "compute", "desk", ...RISK);
    const write = (file: string, env: NodeJS.ProcessEnv): Buffer => {
      expect(onetape(["session", "report", "desk", "--request", "close", "--output", file], { cwd, env })).toMatchObject({ code: 0 });
      return readFileSync(join(cwd, file));
    };
    for (const form of ["json", "html"]) {
      const one = write(`one.${form}`, { TZ: "Pacific/Auckland", LANG: "de_DE.UTF-8" });
      expect(write(`two.${form}`, { TZ: "America/St_Johns", LANG: "ko_KR.UTF-8" }).equals(one)).toBe(true);
    }
    expect(readFileSync(join(cwd, "one.html"), "utf8")).toContain("VaR of record");
  });

  test("knows the same files again: nothing is taken, the state stays", () => {
    const state = json(run("session", "show", "desk", "--json"))["state_hash"];
    const again = run("session", "ingest", "desk", ...BOOK, "--json");
    expect([again.code, json(again)]).toEqual([
      0,
      expect.objectContaining({ accepted: 0, repeated: 4_177, rejected: 0, state_hash: state }),
    ]);
  });

  test("answers the same question from the tape", () => {
    run("session", "compute", "desk", "--kind", "grid");
    const again = run("session", "compute", "desk", "--kind", "grid", "--json");
    expect([again.code, json(again)["status"]]).toEqual([0, "IDEMPOTENT_REPLAY"]);
  });
});

describe("what is wrong", () => {
  test("a quote that is wrong is counted with its line and keeps no other back: exit code 2; nothing but wrong ones: 3", () => {
    begin("wrong");
    const head = "ts,kind,name,value,currency\n";
    writeFileSync(
      join(cwd, "some.csv"),
      `${head}2026-03-02T10:00:00Z,spot,ACME,100,USD\n2026-03-02T10:00:01Z,spot,ACME,NaN,USD\n,spot,ACME,101,USD\n`,
    );
    const some = run("session", "ingest", "wrong", "--quotes", "some.csv", "--json");
    expect(some.code).toBe(2);
    expect(json(some)).toMatchObject({
      accepted: 1,
      rejected: 2,
      refused: [
        { file: "some.csv", line: 3, code: "VALIDATION_ERROR" },
        { file: "some.csv", line: 4, code: "MISSING_EVENT_TS" },
      ],
    });
    expect(json(run("session", "show", "wrong", "--json"))).toMatchObject({
      rejects: [
        { source: "some", count: 1 },
        { source: "some", count: 1 },
      ],
    });
    writeFileSync(join(cwd, "all.csv"), `${head}yesterday,spot,ACME,100,USD\n`);
    const all = run("session", "ingest", "wrong", "--quotes", "all.csv");
    expect([all.code, all.stderr]).toEqual([3, expect.stringContaining("all.csv:2")]);
  });

  test("positions without an event time are refused, and nothing of the command is taken", () => {
    begin("timeless");
    const done = run("session", "ingest", "timeless", "--positions", "risk/positions.csv", "--quotes", "risk/prices.csv", "--json");
    expect([done.code, json(done)]).toEqual([
      3,
      expect.objectContaining({ details: [expect.objectContaining({ code: "MISSING_EVENT_TS", field: "--at" })] }),
    ]);
    expect(json(run("session", "show", "timeless", "--json"))).toMatchObject({ quotes: 0, state_version: 0 });
  });

  test("another quantity for the same time is a conflict, not a matter of which came last", () => {
    const text = readFileSync(join(cwd, "risk", "positions.csv"), "utf8").replace("acme-shares,stock,2000", "acme-shares,stock,2001");
    writeFileSync(join(cwd, "other.csv"), text);
    const done = run("session", "ingest", "desk", "--positions", "other.csv", "--at", "2026-03-31", "--json");
    expect([done.code, json(done)]).toEqual([2, expect.objectContaining({ codes: [{ code: "IDEMPOTENCY_CONFLICT", count: 1 }] })]);
  });

  test("asking before any quote is illegal, and says what to do", () => {
    begin("early");
    const done = run("session", "compute", "early");
    expect([done.code, done.stderr]).toEqual([3, expect.stringMatching(/ILLEGAL_SEQUENCE[\s\S]*next: onetape session ingest early/)]);
  });

  test("commands of stdin are taken one a line; a line that is no JSON is told by its number", () => {
    begin("piped");
    const quote = { kind: "spot", symbol: "ACME", currency: "USD", price: "100", dividend_yield: "0" };
    const lines = [
      JSON.stringify({ kind: "INGEST_QUOTE", schema_version: 1, payload: { ts: 1_772_445_600_000, source: "feed", sequence: 1, quote } }),
      "",
      "{oops",
      "7",
    ];
    const done = onetape(["session", "ingest", "piped", "--commands", "-", "--json"], { cwd, input: `${lines.join("\n")}\n` });
    expect(done.code).toBe(2);
    expect(json(done)).toMatchObject({
      accepted: 1,
      refused: [
        { file: "-", line: 3, code: "JSON_INVALID" },
        { file: "-", line: 4, code: "UNKNOWN_COMMAND_KIND" },
      ],
    });
  });

  test("a tape that was changed ends the replay with exit code 5", () => {
    begin("forged");
    run("session", "ingest", "forged", ...BOOK);
    run("session", "compute", "forged", "--kind", "grid");
    const database = new Database(join(cwd, ".onetape", "store", "risk-session~forged.tape.db"));
    database.exec("DROP TRIGGER events_no_update");
    database.exec('UPDATE events SET payload = replace(payload, \'"price":"\', \'"price":"1\') WHERE position = 20');
    database.close();
    const done = run("session", "replay", "forged");
    expect([done.code, done.stderr]).toEqual([5, expect.stringContaining("position 20")]);
  });
});

describe("a session that is stopped", () => {
  test("killed in the middle of taking in, ends in the same state as one that never was, once the same command has run again", async () => {
    begin("killed");
    let killed = 0;
    for (const ms of [450, 600, 750, 900]) killed += (await killedAt(["session", "ingest", "killed", ...BOOK], cwd, ms)) ? 1 : 0;
    expect(killed).toBeGreaterThan(0);
    expect(run("session", "ingest", "killed", ...BOOK).code).toBe(0);
    expect(run("session", "compute", "killed", ...RISK).code).toBe(0);
    begin("calm");
    run("session", "ingest", "calm", ...BOOK);
    run("session", "compute", "calm", ...RISK);
    const [one, two] = ["killed", "calm"].map((name) => json(run("session", "show", name, "--json"))["state_hash"]);
    expect(one).toBe(two);
    expect(run("session", "replay", "killed").code).toBe(0);
  }, 120_000);

  test("by Ctrl-C while it waits for more, keeps what it took and says so", async () => {
    begin("listening");
    const child = spawn(process.execPath, [program, "session", "ingest", "listening", "--commands", "-"], {
      cwd,
      env: cleanEnvironment(cwd),
      stdio: ["pipe", "ignore", "pipe"],
    });
    let told = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      told += chunk.toString();
    });
    const quote = { kind: "spot", symbol: "ACME", currency: "USD", price: "100", dividend_yield: "0" };
    child.stdin?.write(
      `${JSON.stringify({ kind: "INGEST_QUOTE", schema_version: 1, payload: { ts: 1_772_445_600_000, source: "feed", sequence: 1, quote } })}\n`,
    );
    while (json(run("session", "show", "listening", "--json"))["quotes"] !== 1);
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    expect([code, told]).toEqual([130, expect.stringContaining("1 taken; all of it is kept")]);
  });
});
