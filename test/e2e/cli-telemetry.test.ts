import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTelemetry } from "../support/telemetry-file.js";
import { json, onetape, start } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "onetape-telemetry-"));
const cwd = join(folder, "examples/ema-cross");
const paper = ["paper", "backtest.yaml", "--replay", "latest", "--json"];

beforeAll(() => cpSync("examples", join(folder, "examples"), { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const told = (name: string): ReturnType<typeof readTelemetry> => readTelemetry(readFileSync(join(cwd, name), "utf8"));
const files = (): readonly string[] => readdirSync(folder, { recursive: true }).map(String).sort();

describe("--telemetry", () => {
  test("a backtest tells of its tape and writes the same one as without; its output is its own", () => {
    const plain = json(onetape(["backtest", "backtest.yaml", "--json"], { cwd }));
    const watched = onetape(["backtest", "backtest.yaml", "--json", "--telemetry", "run.ndjson"], { cwd });
    expect(json(watched)).toMatchObject({ identical: true, run_id: plain["run_id"], tape: plain["tape"] });
    expect(watched.stderr).not.toMatch(/telemetry|otel/i);
    const { metrics, spans, logs } = told("run.ndjson");
    const head = (plain["tape"] as { head_position: number }).head_position;
    const events = metrics.get("onetape.append.events");
    expect(events?.total).toBeGreaterThanOrEqual(head);
    for (const name of ["append.duration", "append.batch.size", "append.durable.duration", "append.queue.ahead"] as const)
      expect(metrics.get(`onetape.${name}`)?.count, name).toBeGreaterThan(0);
    expect(metrics.get("onetape.append.queue.depth")?.total).toBe(0);
    const appends = spans.filter(
      ({ name, attributes }) => name === "append events" && String(attributes["onetape.log"]).startsWith("run/"),
    );
    expect(appends.reduce((sum, { attributes }) => sum + Number(attributes["db.operation.batch.size"]), 0)).toBe(head);
    const root = spans.find(({ name }) => name === "onetape backtest");
    expect(root?.attributes).toMatchObject({ "process.exit.code": 0 });
    expect(spans.every(({ parent }, n) => parent === (spans[n] === root ? "" : root?.id))).toBe(true);
    expect(logs.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["onetape.command.started", "onetape.log.opened", "onetape.command.ended"]),
    );
  });

  test("a paper session tells of every append and has the tape of one that nobody watched", () => {
    const calm = json(onetape([...paper, "--session", "desk"], { cwd }));
    const other = join(folder, "other");
    // The same name in another workspace, so that every byte can be the same.
    cpSync(join(cwd, ".onetape"), other, { recursive: true });
    rmSync(join(other, "sessions"), { recursive: true, force: true });
    const watched = json(onetape([...paper, "--session", "desk", "--home", other, "--telemetry", "session.ndjson"], { cwd }));
    expect(watched).toMatchObject({ status: "completed", head: calm["head"], events: calm["events"] });
    const { metrics, spans } = told("session.ndjson");
    expect(metrics.get("onetape.append.events")?.total).toBeGreaterThanOrEqual(Number(calm["events"]));
    expect(spans.filter(({ name }) => name === "append events").length).toBe(metrics.get("onetape.append.batch.size")?.count);
  });

  test("a replay tells how fast each level went, and a projection how far behind it is", () => {
    onetape(["replay", "latest", "--verify", "--telemetry", "replay.ndjson"], { cwd });
    const { metrics, spans, logs } = told("replay.ndjson");
    expect(metrics.get("onetape.replay.rate")).toMatchObject({ unit: "{event}/s", count: 4 });
    expect(metrics.get("onetape.verify.duration")?.count).toBe(2);
    expect(spans.map(({ name }) => name)).toContain("replay run");
    expect(logs.filter(({ event }) => event === "onetape.replay.level")).toHaveLength(4);
    const [projection] = (json(onetape(["projections", "list", "--json"], { cwd }))["items"] as { name: string; log: string }[]).filter(
      ({ log }) => log === "session/desk",
    );
    onetape(["projections", "rebuild", projection?.name ?? "", "--log", "session/desk", "--telemetry", "rebuild.ndjson"], { cwd });
    const rebuilt = told("rebuild.ndjson").metrics;
    expect(rebuilt.get("onetape.projection.lag.events")).toMatchObject({ total: 0, unit: "{event}" });
    expect(rebuilt.get("onetape.projection.lag.duration")).toMatchObject({ total: 0, unit: "s" });
    expect(rebuilt.get("onetape.projection.events")?.total).toBeGreaterThan(1_000);
  });

  test("a session that is stopped by Ctrl-C hands over what it has", async () => {
    const args = [...paper, "--session", "stopped", "--speed", "300000", "--telemetry", "stopped.ndjson"];
    const child = start(args, { cwd });
    const file = join(cwd, "stopped.ndjson");
    // Spans are written in lots: the first lot shows that the session is under way.
    for (let waited = 0; waited < 20_000 && !(existsSync(file) && statSync(file).size > 20_000); waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    expect(code).toBe(130);
    const { metrics, spans } = told("stopped.ndjson");
    expect(spans.find(({ name }) => name === "onetape paper")?.attributes).toMatchObject({ "process.exit.code": 130 });
    expect(metrics.get("onetape.append.batch.size")?.count).toBe(spans.filter(({ name }) => name === "append events").length);
  });

  test("off writes nothing, whatever the variables of OpenTelemetry say", () => {
    onetape(["verify", "latest"], { cwd });
    const before = files();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_TRACES_EXPORTER: "console", OTEL_METRICS_EXPORTER: "console" };
    for (const args of [[], ["--telemetry", "off"]]) {
      const done = onetape(["verify", "latest", ...args], { cwd, env });
      expect([done.code, done.stderr]).toEqual([0, onetape(["verify", "latest"], { cwd }).stderr]);
    }
    expect(files()).toEqual(before);
    onetape(["verify", "latest", "--telemetry", "disabled.ndjson"], { cwd, env: { OTEL_SDK_DISABLED: "true" } });
    expect(files()).toEqual(before);
  });

  test("a password and an API key of the environment are in no record", () => {
    const dsn = ["postgresql", "//ann:hunter-2-hunter@127.0.0.1:9/tapes"].join(":");
    const env = { POSTGRES_DSN: dsn, KIS_APP_KEY: "PSkey-0815", ONETAPE_TELEMETRY: "refused.ndjson" };
    const refused = onetape(["store", "head"], { cwd, env });
    expect(refused.code).not.toBe(0);
    const sound = onetape(["verify", "latest", "--store", "sqlite"], { cwd, env });
    expect(sound.code).toBe(0);
    const written = readFileSync(join(cwd, "refused.ndjson"), "utf8");
    for (const secret of ["hunter-2-hunter", "PSkey-0815"]) expect(written).not.toContain(secret);
    expect(readTelemetry(written).spans.map(({ name }) => name)).toEqual(expect.arrayContaining(["onetape store head", "onetape verify"]));
  });

  test("a project asks for it in its settings; what cannot be used is refused by name before any work", () => {
    const project = join(folder, "project");
    mkdirSync(project);
    writeFileSync(join(project, "onetape.yaml"), "telemetry: logs.ndjson\n");
    expect(json(onetape(["config", "show", "--json"], { cwd: project }))["values"]).toMatchObject({
      telemetry: join(project, "logs.ndjson"),
    });
    expect(existsSync(join(project, "logs.ndjson"))).toBe(true);
    const refused = (args: readonly string[], env: NodeJS.ProcessEnv = {}): unknown => {
      const done = onetape(["config", "show", "--json", ...args], { cwd: project, env });
      return [done.code, json(done)["code"], (json(done)["details"] as { field: string }[])[0]?.field];
    };
    expect(refused(["--telemetry", "no/such/folder/x.ndjson"])).toEqual([3, "SETTINGS_INVALID", "--telemetry"]);
    expect(refused(["--telemetry", "otlp"], { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).toEqual([
      3,
      "SETTINGS_INVALID",
      "OTEL_EXPORTER_OTLP_PROTOCOL",
    ]);
    expect(refused(["--telemetry", "otlp"], { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" })).toEqual([
      3,
      "SETTINGS_INVALID",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
    ]);
  });

  test("a collector that is not there is told of in one line, and changes neither answer nor exit code", () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_EXPORTER_OTLP_TIMEOUT: "500" };
    const done = onetape(["verify", "latest", "--json", "--telemetry", "otlp"], { cwd, env });
    expect(done.code).toBe(0);
    expect(json(done)).toEqual(json(onetape(["verify", "latest", "--json"], { cwd })));
    expect(done.stderr.match(/telemetry was not handed over in full/g)).toHaveLength(1);
  });
});
