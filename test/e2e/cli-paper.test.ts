import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { killedAt } from "../chaos/kill-cli.js";
import { cleanEnvironment, json, onetape, program } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "onetape-paper-"));
const cwd = join(folder, "examples/ema-cross");
const paper = ["paper", "backtest.yaml", "--replay", "latest"];

beforeAll(() => cpSync("examples", join(folder, "examples"), { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How a command was refused: its exit code beside its document. */
function refusal(args: readonly string[]): { readonly exit: number | null; readonly [key: string]: unknown } {
  const done = onetape([...args, "--json"], { cwd });
  return { ...json(done), exit: done.code };
}

describe("onetape paper", () => {
  test("trades what the backtest of its config trades, and runs show tells where it stands", () => {
    const backtest = json(onetape(["backtest", "backtest.yaml", "--json"], { cwd }));
    const session = json(onetape([...paper, "--json"], { cwd }));
    expect(session).toMatchObject({ status: "completed", session: "ema-cross", bars: backtest["bars"] });
    for (const count of ["signals", "orders", "fills"]) expect(session[count], count).toBe(backtest[count]);
    const shown = json(onetape(["runs", "show", "ema-cross", "--json"], { cwd }));
    const metrics = backtest["metrics"] as { readonly final_equity: { readonly value: string | number } };
    expect(shown).toMatchObject({ schema: "onetape.session/1", status: "completed", positions: [], position: session["events"] });
    expect(Number(shown["equity"])).toBe(Number(metrics.final_equity.value));
    expect(onetape(["runs", "show", "session/ema-cross"], { cwd }).stdout).toContain("ema-cross  paper, completed");
    const exported = (name: string): readonly string[] => onetape(["orders", "export", name], { cwd }).stdout.trim().split("\n");
    const [ofRun, ofSession] = [exported("latest"), exported("ema-cross")];
    expect(ofSession.length).toBe(Number(backtest["orders"]) + 1);
    // The run's id and the source are what differs.
    const plain = (line: string): string =>
      line.replace(String(backtest["run_id"]), "").replace("session/ema-cross", "").replace(",paper,", ",backtest,");
    expect(ofSession.map(plain)).toEqual(ofRun.map(plain));
  });

  test("is replayed, explained and measured like a run", () => {
    writeFileSync(join(cwd, "limited.yaml"), `${readFileSync(join(cwd, "backtest.yaml"), "utf8")}\nrisk: { policy: vibe }\n`);
    onetape(["paper", "limited.yaml", "--replay", "latest", "--session", "limited"], { cwd });
    const replayed = json(onetape(["replay", "limited", "--verify", "--json"], { cwd }));
    expect(replayed).toMatchObject({ schema: "onetape.replay/1", session: "limited", verified: true });
    const verified = onetape(["store", "verify", "limited", "--level", "L4", "--json"], { cwd });
    expect(verified.code).toBe(0);
    expect(json(verified)["items"]).toMatchObject([{ log: "session/limited", verdict: "passed" }]);
    const explained = json(onetape(["explain", "limited", "O1", "--json"], { cwd }));
    expect(explained).toMatchObject({ kind: "order", run: "limited", policy: "vibe", decisions: [{ decision: "approved" }] });
    const exposure = json(onetape(["risk", "exposure", "limited", "--json"], { cwd }));
    expect(exposure).toMatchObject({ run: "limited", policy: { name: "vibe" } });
    expect(refusal(["explain", "limited", "sharpe"])).toMatchObject({ exit: 3, details: [{ field: "WHAT" }] });
  });

  test("stops on Ctrl-C where it stands, and the same command goes on to the same tape", async () => {
    const named = [...paper, "--session", "stopped", "--json"];
    const child = spawn(process.execPath, [program, ...named, "--speed", "300000"], {
      cwd,
      env: cleanEnvironment(cwd),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let out = "";
    child.stdout.on("data", (text: Buffer) => {
      out += text.toString();
    });
    for (let waited = 0; waited < 20_000; waited += 50) {
      const shown = onetape(["runs", "show", "stopped", "--json"], { cwd });
      if (shown.code === 0 && Number(json(shown)["bars"]) > 100) break;
    }
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    expect(code).toBe(130);
    expect(JSON.parse(out)).toMatchObject({ status: "stopped", session: "stopped" });
    const gone = json(onetape(named, { cwd }));
    const calm = json(onetape([...paper, "--session", "calm", "--json"], { cwd }));
    expect(Number(gone["resumed_from"])).toBeGreaterThan(100);
    // The name is on the first event, so heads differ; what follows it is the same.
    expect(gone).toMatchObject({ status: "completed", events: calm["events"] });
    expect((gone["head"] as { content_hash: string }).content_hash).not.toBe("");
  });

  test("goes on only with what it was started with, and not after its end", () => {
    expect(refusal(paper)).toMatchObject({ exit: 3, details: [{ code: "SESSION_ENDED", field: "--session" }] });
    expect(refusal([...paper, "--param", "fast=13"])).toMatchObject({ exit: 3, details: [{ code: "SESSION_DIFFERS" }] });
  });

  test("refuses a command line that cannot deliver bars, each with its field", () => {
    expect(refusal(["paper", "backtest.yaml"])).toMatchObject({ exit: 3, details: [{ field: "--replay" }] });
    expect(refusal([...paper, "--speed", "0"])).toMatchObject({ exit: 3, details: [{ field: "--speed" }] });
    expect(refusal(["paper", "backtest.yaml", "--replay", "OTHER=abcdef"])).toMatchObject({
      exit: 3,
      details: [{ code: "REPLAY_CAPTURE" }],
    });
    expect(refusal([...paper, "--session", "no good"])).toMatchObject({ exit: 3, details: [{ code: "SESSION_NAME" }] });
  });

  test("refuses bars longer than a minute", () => {
    const text = readFileSync(join(cwd, "backtest.yaml"), "utf8")
      .replace("demo-1m.csv", "demo-5m.csv")
      .replace("timeframe: 1m", "timeframe: 5m");
    writeFileSync(join(cwd, "five.yaml"), text);
    writeFileSync(join(cwd, "strategy5.ts"), readFileSync(join(cwd, "strategy.ts"), "utf8").replace('timeframe: "1m"', 'timeframe: "5m"'));
    writeFileSync(join(cwd, "five.yaml"), text.replace("strategy: strategy.ts", "strategy: strategy5.ts"));
    expect(refusal(["paper", "five.yaml", "--replay", "latest"])).toMatchObject({
      exit: 3,
      details: [{ code: "PAPER_TIMEFRAME" }],
    });
  });

  test("follows only what is a session", () => {
    expect(refusal(["runs", "show", "latest", "--follow"])).toMatchObject({ exit: 3, details: [{ field: "--follow" }] });
    expect(onetape(["runs", "show", "ema-cross", "--follow"], { cwd }).stdout).toContain("completed");
  });

  test("obeys the workspace's kill switch: without a policy it does not start, under one it trades nothing until the switch is reset", () => {
    const halted = { ...{ cwd }, env: { ONETAPE_HOME: join(folder, "halted") } };
    writeFileSync(join(cwd, "gated.yaml"), `${readFileSync(join(cwd, "backtest.yaml"), "utf8")}\nrisk: { policy: vibe }\n`);
    expect(onetape(["kill-switch", "trip", "--reason", "drill", "--lock-hours", "0"], halted).code).toBe(0);
    const refused = onetape([...paper, "--json"], halted);
    expect(refused.code).toBe(4);
    expect(json(refused)).toMatchObject({ code: "HALTED", category: "GATE" });
    const gated = ["paper", "gated.yaml", "--replay", "latest", "--json", "--session"];
    const stopped = json(onetape([...gated, "stopped"], halted));
    expect(stopped).toMatchObject({ status: "completed", fills: 0 });
    expect(Number(stopped["orders"])).toBeGreaterThan(0);
    expect(json(onetape(["runs", "show", "stopped", "--json"], halted))).toMatchObject({
      kill_switch: { status: "tripped", reason: "drill" },
    });
    expect(onetape(["kill-switch", "reset", "--approver", "op-1", "--reason", "over"], halted).code).toBe(0);
    expect(Number(json(onetape([...gated, "going"], halted))["fills"])).toBeGreaterThan(10);
  });

  test("tells people what its events ask to be told, once each, also after it was killed", async () => {
    const env = { ONETAPE_HOME: join(folder, "told") };
    const policy = [
      "name: tight",
      "limits: { daily_loss: { kill: { amount: 100, currency: base } } }",
      "kill_switch: { enabled: true, actions: { notify: [log, pigeon] } }",
    ];
    writeFileSync(join(cwd, "tight.yaml"), `${policy.join("\n")}\n`);
    writeFileSync(join(cwd, "tight-run.yaml"), `${readFileSync(join(cwd, "backtest.yaml"), "utf8")}\nrisk: { policy: ./tight.yaml }\n`);
    const command = ["paper", "tight-run.yaml", "--replay", "latest", "--json", "--speed", "2000000"];
    for (const ms of [1_100, 1_300]) await killedAt(command, cwd, ms, env);
    expect(json(onetape(command, { cwd, env }))).toMatchObject({ status: "completed" });
    const lines = readFileSync(join(folder, "told/notifications.ndjson"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; channel: string });
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    expect(lines.every(({ channel }) => channel === "log")).toBe(true);
    // Orders leave the same way: each that was submitted, once.
    const tail = (log: string, type: string): readonly { readonly id: string; readonly payload: Record<string, unknown> }[] =>
      json(onetape(["store", "tail", log, "--type", type, "--limit", "100000", "--json"], { cwd, env }))["items"] as never;
    const submitted = tail("session/ema-cross", "order.submitted").map(({ id }) => id);
    const sent = tail("outbox/ema-cross", "outbox.resulted").filter(({ payload }) => payload["result"] === "delivered");
    const toBroker = sent.map(({ payload }) => String(payload["intent_id"])).filter((id) => !lines.some((line) => line.id === id));
    expect(submitted.length).toBeGreaterThan(0);
    expect(toBroker).toEqual(submitted);
  });
});
