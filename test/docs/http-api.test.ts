import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { OpenApi } from "../../src/apps/server/api-description.js";
import type { ProblemKind } from "../../src/apps/server/problem.js";
import { riskSessionArea } from "../../src/apps/server/risk-sessions/risk-session-area.js";
import { openApiOf } from "../../src/apps/server/start-server.js";
import { serving, sessionsOn } from "../support/http-server.js";
import { httpApiPage, operationsOf } from "./http-api-page.js";
import { root } from "./markdown-page.js";

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
const store = new MemoryEventStore({ sha256, now: () => 0 });

let document: OpenApi;
let kinds: readonly ProblemKind[];
beforeAll(async () => {
  document = await openApiOf([riskSessionArea(sessionsOn(store))], version);
  const server = await serving(store);
  kinds = (await server.get("/problems")).body.items;
  await server.close();
});

test("the description is OpenAPI 3.1 as its own schema has it", async () => {
  const checked = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect([checked.valid, checked.errors ?? []]).toEqual([true, []]);
  expect(document.openapi).toBe("3.1.0");
});

test("has every route of risk sessions once, each with a summary, a name and the problems of any request", () => {
  const operations = operationsOf(document);
  const routes = operations.map(({ method, path }) => `${method} ${path.replace("/api/v2", "")}`);
  for (const route of [
    "POST /sessions",
    "POST /sessions/{id}/events",
    "POST /sessions/{id}/snapshot",
    "GET /sessions/{id}/snapshot",
    "GET /sessions/{id}/events",
    "GET /sessions/{id}/compute/requests",
    "GET /sessions/{id}/snapshot/metadata",
    "GET /sessions/{id}/portfolio/summary",
    "GET /sessions/{id}/stream",
  ])
    expect(routes).toContain(route);
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(routes.length);
  for (const { operation } of operations) {
    expect(operation.summary).not.toBe("");
    for (const status of ["403", "422", "500", "503"]) expect(Object.keys(operation.responses)).toContain(status);
  }
});

test.each([
  ["openapi.json", () => `${JSON.stringify(document, null, 1)}\n`],
  ["http-api.md", () => httpApiPage(document, kinds)],
])("docs/reference/%s is what the server has", (name, render) => {
  const path = join(root, "docs/reference", name);
  if (process.env["ONETAPE_WRITE_DOCS"] === "1") writeFileSync(path, render());
  expect(readFileSync(path, "utf8")).toBe(render());
});
