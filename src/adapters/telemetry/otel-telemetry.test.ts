import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTelemetry } from "../../../test/support/telemetry-file.js";
import { instruments } from "../../ports/telemetry.js";
import { type OpenTelemetry, startOtel } from "./otel-telemetry.js";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "onetape-telemetry-"));
  path = join(folder, "telemetry.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const root = { name: "onetape test", attributes: {} };
const toFile = (environment: NodeJS.ProcessEnv = {}): Promise<OpenTelemetry> =>
  startOtel({ destination: { kind: "file", path }, version: "1.2.3", environment, root });

test("a file holds figures, spans below one root, and log records, in the words of OTLP", async () => {
  const telemetry = await toFile();
  telemetry.record("onetape.append.events", 3, { "onetape.log.kind": "run" });
  telemetry.record("onetape.append.events", 4, { "onetape.log.kind": "run" });
  telemetry.record("onetape.append.duration", 0.02, {});
  telemetry.record("onetape.append.queue.depth", 1, {});
  telemetry.record("onetape.projection.lag.events", 12, {});
  telemetry.span("append events", { "db.system.name": "sqlite" }).end({ "onetape.append.outcome": "fenced" }, "fenced");
  telemetry.log("warn", "onetape.append.refused", "an append was answered with fenced", { "onetape.log": "run/1" });
  expect(await telemetry.close({ "process.exit.code": 0 }, null)).toBeNull();
  const { metrics, spans, logs, resources } = readTelemetry(readFileSync(path, "utf8"));
  expect(resources[0]).toMatchObject({ "service.name": "onetape", "service.version": "1.2.3" });
  const events = metrics.get("onetape.append.events");
  expect(events).toMatchObject({ unit: "{event}", description: instruments["onetape.append.events"].says, total: 7 });
  expect(metrics.get("onetape.append.duration")).toMatchObject({ unit: "s", count: 1, total: 0.02 });
  expect(metrics.get("onetape.projection.lag.events")).toMatchObject({ total: 12 });
  const [append, top] = spans;
  // 3: client. 2: error.
  expect(append).toMatchObject({ name: "append events", kind: 3, status: 2, parent: top?.id, attributes: { "error.type": "fenced" } });
  expect(top).toMatchObject({ name: "onetape test", kind: 1, parent: "" });
  expect(logs).toMatchObject([
    { event: "onetape.append.refused", severity: "WARN", body: "an append was answered with fenced", trace: top?.trace },
  ]);
});

test("no secret of the environment is in any record, whichever way it comes", async () => {
  const dsn = ["postgresql", "//ann:hunter-2@db.example/tapes"].join(":");
  const secrets = ["hunter-2", "PSkey-0815", "hdr-4711"];
  const telemetry = await toFile({ POSTGRES_DSN: dsn, KIS_APP_KEY: "PSkey-0815", OTEL_EXPORTER_OTLP_HEADERS: "api-key=hdr-4711" });
  const said = `cannot reach ${dsn} with PSkey-0815 and hdr-4711`;
  telemetry.record("onetape.append.events", 1, { where: said });
  telemetry.span("append events", { "onetape.log": said, password: "anything-at-all" }).end({ cause: said }, said);
  telemetry.log("error", "onetape.append.refused", said, { "exception.message": said });
  await telemetry.close({ note: said }, said);
  const written = readFileSync(path, "utf8");
  for (const secret of [...secrets, "anything-at-all"]) expect(written).not.toContain(secret);
  expect(written.split("[redacted]").length).toBeGreaterThan(8);
});

test("thousands of spans are all there: a file drops none", async () => {
  const telemetry = await toFile();
  for (let n = 0; n < 5_000; n++) telemetry.span("append events", {}).end({}, null);
  await telemetry.close({}, null);
  expect(readTelemetry(readFileSync(path, "utf8")).spans).toHaveLength(5_001);
});

test("OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES name the service", async () => {
  process.env["OTEL_SERVICE_NAME"] = "desk-7";
  process.env["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=paper";
  try {
    await (await toFile()).close({}, null);
  } finally {
    delete process.env["OTEL_SERVICE_NAME"];
    delete process.env["OTEL_RESOURCE_ATTRIBUTES"];
  }
  const { resources } = readTelemetry(readFileSync(path, "utf8"));
  expect(resources[0]).toMatchObject({ "service.name": "desk-7", "deployment.environment.name": "paper" });
});

test("a file that cannot be written is an error at the start, not a loss at the end", async () => {
  const lost = startOtel({
    destination: { kind: "file", path: join(folder, "no/such/folder/t.ndjson") },
    version: "1",
    environment: {},
    root,
  });
  await expect(lost).rejects.toMatchObject({ code: "ENOENT" });
});

async function withServer<T>(status: number, work: (seen: string[], url: string) => Promise<T>): Promise<T> {
  const seen: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString("utf8");
    });
    request.on("end", () => {
      seen.push(`${request.url} ${request.headers["content-type"]} ${request.headers["api-key"]} ${body}`);
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(seen, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function toCollector(url: string): Promise<string | null> {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=hdr-4711",
  };
  Object.assign(process.env, environment);
  try {
    const telemetry = await startOtel({ destination: { kind: "otlp" }, version: "1", environment, root });
    telemetry.record("onetape.append.events", 1, {});
    telemetry.log("info", "onetape.log.opened", "the header is hdr-4711", {});
    return await telemetry.close({}, null);
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name];
  }
}

test("a collector gets all three signals by the standard variables, its key in the header and nowhere else", async () => {
  await withServer(200, async (seen, url) => {
    expect(await toCollector(url)).toBeNull();
    expect(seen.map((line) => line.split(" ").slice(0, 3).join(" ")).sort()).toEqual([
      "/v1/logs application/json hdr-4711",
      "/v1/metrics application/json hdr-4711",
      "/v1/traces application/json hdr-4711",
    ]);
    expect(seen.map((line) => line.slice(line.indexOf("{"))).join("\n")).not.toContain("hdr-4711");
  });
});

test("a collector that refuses is told of in words, and holds up nothing", async () => {
  await withServer(400, async (_, url) => {
    expect(await toCollector(url)).toContain("400");
  });
});
