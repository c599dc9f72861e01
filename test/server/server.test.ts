import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { accessGuard, isLoopback, tokenFault } from "../../src/apps/server/access-guard.js";
import type { ServerArea } from "../../src/apps/server/server-area.js";
import { startServer } from "../../src/apps/server/start-server.js";
import { readToken, TOKEN_VARIABLE } from "../../src/apps/server/token-file.js";
import { rawExchange, serving, type TestServer } from "../support/http-server.js";
import { OPENED } from "../support/risk-session.js";

const TOKEN = "a-token-of-more-than-twenty-characters";
const DESK = { session_id: "desk", base_currency: "ILS", fx_pivot: "USD", opened_at: OPENED };

const running: TestServer[] = [];
async function serve(options: Parameters<typeof serving>[1] = {}): Promise<TestServer> {
  const server = await serving(new MemoryEventStore({ sha256, now: () => 0 }), options);
  running.push(server);
  return server;
}
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

const portOf = ({ url }: TestServer): number => Number(new URL(url).port);
const code = ({ status, body }: { readonly status: number; readonly body: { readonly code: string } }): string => `${status} ${body.code}`;

describe("who may ask", () => {
  test("is whoever sends the token, where there is one, and on every route but that of health", async () => {
    const server = await serve({ token: TOKEN });
    const refused = await server.get("/sessions");
    expect([code(refused), refused.headers["www-authenticate"]]).toEqual(["401 UNAUTHENTICATED", 'Bearer realm="onetape"']);
    for (const authorization of [`Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, TOKEN, `Basic ${TOKEN}`, "Bearer", ""])
      expect(code(await server.get("/sessions", { authorization }))).toBe("401 UNAUTHENTICATED");
    for (const path of ["/openapi.json", "/problems", "/nowhere"]) expect(code(await server.get(path))).toBe("401 UNAUTHENTICATED");
    expect((await server.get("/sessions", { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    expect((await server.get("/sessions", { authorization: `bearer ${TOKEN}`, host: "desk.example" })).status).toBe(200);
    expect(await server.get("/health")).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(code(await server.post("/sessions", DESK))).toBe("401 UNAUTHENTICATED");
  });

  test("is this machine alone without a token: another name of it is refused, and a page of another origin", async () => {
    const server = await serve();
    const port = portOf(server);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, "127.8.9.1"])
      expect((await server.get("/sessions", { host })).status).toBe(200);
    for (const host of ["desk.example", `127.0.0.1.desk.example:${port}`, "10.0.0.1"])
      expect(code(await server.get("/sessions", { host }))).toBe("403 HOST_REFUSED");
    expect(code(await server.get("/sessions", { origin: "http://desk.example" }))).toBe("403 ORIGIN_REFUSED");
    expect(code(await server.get("/sessions", { origin: "null" }))).toBe("403 ORIGIN_REFUSED");
    expect((await server.get("/sessions", { origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  });

  test("cannot be everybody: an address of the network without a token, and a weak token, are refused before anything listens", async () => {
    const options = { port: 0, areas: [], version: "0", accessLog: null, onBug: () => {}, now: () => 0 };
    for (const host of ["0.0.0.0", "::", "10.1.2.3", "no-such-name.invalid"])
      expect(await startServer({ ...options, host, token: null })).toMatchObject({
        kind: "refused",
        violations: [{ code: "TOKEN_NEEDED" }],
      });
    expect(await startServer({ ...options, host: "0.0.0.0", token: "short", port: 70_000 })).toMatchObject({
      violations: [{ code: "PORT_INVALID" }, { code: "TOKEN_INVALID" }],
    });
    expect([await isLoopback("127.9.9.9"), await isLoopback("::1"), await isLoopback("localhost"), await isLoopback("8.8.8.8")]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    const open = await startServer({ ...options, host: "0.0.0.0", token: TOKEN });
    if (open.kind === "refused") throw new Error("was refused");
    await open.close();
    expect(tokenFault(TOKEN)).toBeNull();
    expect(tokenFault("twenty characters but spaces")).not.toBeNull();
  });

  test("compares tokens of any length without throwing", () => {
    const guard = accessGuard(TOKEN);
    for (const given of ["", "é", "x".repeat(100_000)])
      expect(guard({ authorization: `Bearer ${given}` }, false)?.code).toBe("UNAUTHENTICATED");
  });

  test("is told by a file of one line or by the environment", async () => {
    const folder = mkdtempSync(join(tmpdir(), "onetape-token-"));
    const file = join(folder, "token");
    writeFileSync(file, `${TOKEN}\n`, { mode: 0o600 });
    expect(await readToken(file, { [TOKEN_VARIABLE]: "other" })).toEqual({ kind: "read", token: TOKEN, warning: null });
    expect(await readToken(undefined, { [TOKEN_VARIABLE]: TOKEN })).toMatchObject({ token: TOKEN });
    expect(await readToken(undefined, {})).toMatchObject({ token: null });
    writeFileSync(join(folder, "shared"), TOKEN, { mode: 0o644 });
    expect(await readToken(join(folder, "shared"), {})).toMatchObject({ token: TOKEN, warning: expect.stringContaining("chmod 600") });
    writeFileSync(join(folder, "empty"), "\n");
    for (const name of ["empty", "nowhere"]) expect(await readToken(join(folder, name), {})).toMatchObject({ kind: "refused" });
    rmSync(folder, { recursive: true });
  });
});

describe("a request that no route takes", () => {
  test("is refused by path or by method, and the methods that there are stand in Allow", async () => {
    const server = await serve();
    expect(code(await server.get("/nowhere"))).toBe("404 ROUTE_NOT_FOUND");
    expect(code(await server.get("/sessions/desk/"))).toBe("404 ROUTE_NOT_FOUND");
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const refused = await server.send(method, "/sessions/desk/events");
      expect([code(refused), refused.headers["allow"]]).toEqual(["405 METHOD_NOT_ALLOWED", "GET, HEAD, POST"]);
    }
    expect(code(await server.send("POST", "/health"))).toBe("405 METHOD_NOT_ALLOWED");
    expect(code(await server.send("POST", "/health", { "content-type": "text/plain" }, "x"))).toBe("405 METHOD_NOT_ALLOWED");
    expect(code(await server.send("POST", "/nowhere", { "content-type": "application/json" }, "{"))).toBe("404 ROUTE_NOT_FOUND");
  });

  test("or that cannot be read is a problem too, from the first byte on", async () => {
    const server = await serve({ limits: { body_bytes: 1_000 } });
    const json = { "content-type": "application/json" };
    for (const body of ["{", "", "\u0000", '{"a":1}}', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{}}}'])
      expect([body, code(await server.send("POST", "/sessions", json, body))]).toEqual([body, "400 MALFORMED_JSON"]);
    expect(code(await server.send("POST", "/sessions", json, Buffer.from([0x22, 0xff, 0xfe, 0x22])))).toBe("400 MALFORMED_JSON");
    for (const body of ["null", "[]", "7", '"text"'])
      expect(code(await server.send("POST", "/sessions", json, body))).toBe("422 REQUEST_INVALID");
    expect(code(await server.send("POST", "/sessions", {}))).toBe("422 REQUEST_INVALID");
    expect(code(await server.send("POST", "/sessions", { "content-type": "text/plain" }, "x"))).toBe("415 UNSUPPORTED_MEDIA_TYPE");
    expect(code(await server.send("POST", "/sessions", { "content-type": "multipart/form-data; boundary=x" }, "x"))).toBe(
      "415 UNSUPPORTED_MEDIA_TYPE",
    );
    expect(code(await server.send("POST", "/sessions", json, JSON.stringify("x".repeat(2_000))))).toBe("413 BODY_TOO_LARGE");
    expect(code(await server.get("/sessions/%zz"))).toBe("400 MALFORMED_REQUEST");
    for (const bytes of ["NONSENSE\r\n\r\n", "GET / HTTP/1.1\r\nhost 127.0.0.1\r\n\r\n", "\u0000\u0001\r\n\r\n"])
      expect(await rawExchange(portOf(server), bytes)).toMatch(/^HTTP\/1\.1 400 MALFORMED_REQUEST\r\n[\s\S]*"code":"MALFORMED_REQUEST"/);
    const long = `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${"x".repeat(40_000)}\r\n\r\n`;
    expect(await rawExchange(portOf(server), long)).toMatch(/^HTTP\/1\.1 431 HEADERS_TOO_LARGE/);
    expect(server.bugs).toEqual([]);
  });

  test("or that does not arrive is given up", async () => {
    const server = await serve({ limits: { request_ms: 200, headers_ms: 100 } });
    const head = "POST /api/v2/sessions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    expect(await rawExchange(portOf(server), head)).toMatch(/^HTTP\/1\.1 408 REQUEST_TIMEOUT/);
  });
});

describe("every answer", () => {
  test("carries headers that keep it out of pages and caches, its correlation id, and no permission for other origins", async () => {
    const server = await serve();
    for (const answer of [await server.get("/sessions"), await server.get("/nowhere"), await server.get("/sessions/%zz")]) {
      expect(answer.headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-") || name === "server")).toEqual([]);
    }
    expect((await server.get("/sessions")).headers["x-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect((await server.get("/sessions", { "x-correlation-id": "trace 7" })).headers["x-correlation-id"]).toBe("trace 7");
    expect((await server.get("/sessions", { "x-correlation-id": "x".repeat(201) })).headers["x-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("leaves a line in the access log, without token, query or body", async () => {
    const server = await serve({ token: TOKEN });
    await server.post("/sessions?canary=1", { secret: "canary" }, { authorization: `Bearer ${TOKEN}`, "x-correlation-id": "one" });
    expect(JSON.parse(server.log[0] ?? "")).toEqual({
      time: "1970-01-01T00:00:00.000Z",
      method: "POST",
      path: "/api/v2/sessions",
      route: "/api/v2/sessions",
      status: 422,
      ms: expect.any(Number),
      remote: "127.0.0.1",
      correlation_id: "one",
    });
    expect(server.log.join("\n")).not.toMatch(new RegExp(`canary|${TOKEN}`));
  });

  test("explains its code where its type leads", async () => {
    const server = await serve();
    const { type, title } = (await server.get("/nowhere")).body;
    expect((await server.get(String(type).replace("/api/v2", ""))).body).toEqual({
      code: "ROUTE_NOT_FOUND",
      status: 404,
      category: "NOT_FOUND",
      title,
    });
    expect(code(await server.get("/problems/NO_SUCH"))).toBe("404 PROBLEM_NOT_FOUND");
    const codes = (await server.get("/problems")).body.items.map((kind: { code: string }) => kind.code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toEqual(expect.arrayContaining(["ILLEGAL_SEQUENCE", "SESSION_NOT_FOUND", "INTERNAL"]));
  });
});

describe("areas", () => {
  const area = (told: string[]): ServerArea => ({
    tag: "planted",
    says: "an area of a test",
    problems: [],
    register(app) {
      app.get("/planted/bug", () => {
        throw new Error("secret detail");
      });
      app.get("/planted/slow", () => new Promise((resolve) => setTimeout(() => resolve({ slow: told.push("answered") > 0 }), 300)));
      app.get("/planted/stuck", () => new Promise(() => {}));
    },
    drain: () => told.push("drain"),
    close: async () => {
      told.push("close");
    },
  });

  test("add routes of their own; a bug in one is told to the operator with the client's correlation id, and to the client by its code", async () => {
    const server = await serve({ areas: [area([])], limits: { answer_ms: 200 } });
    const answer = await server.get("/planted/bug");
    expect(code(answer)).toBe("500 INTERNAL");
    expect(answer.text).not.toContain("secret detail");
    expect(server.bugs).toMatchObject([{ message: "secret detail" }]);
    expect(code(await server.get("/planted/stuck"))).toBe("503 ANSWER_TIMEOUT");
  });

  test("are drained, then closed after the last answer; what is under way is answered, and nothing new is taken", async () => {
    const told: string[] = [];
    const server = await serve({ areas: [area(told)] });
    const slow = server.get("/planted/slow");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = server.close();
    expect(await slow).toMatchObject({ status: 200, body: { slow: true } });
    await closing;
    expect(told).toEqual(["drain", "answered", "close"]);
    await expect(server.get("/health")).rejects.toThrow();
  });

  test("cannot share a port with another program", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const options = { host: "127.0.0.1", port, token: null, areas: [], version: "0", accessLog: null, onBug: () => {}, now: () => 0 };
    expect(await startServer(options)).toMatchObject({ kind: "refused", violations: [{ code: "EADDRINUSE", value: String(port) }] });
    other.close();
  });
});
