import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { COMMAND_CODES } from "../../src/core/session/command-firewall.js";
import { reportText } from "../../src/core/session/session-report.js";
import { canonicalJson } from "../../src/core/tape/canonical-json.js";
import { openRiskSession } from "../../src/usecases/risk-session.js";
import { dereferenced, undescribed } from "../support/documented-answers.js";
import { type Answer, serving, type TestServer } from "../support/http-server.js";
import { examplePositions } from "../support/risk-book.js";
import { askGrid, askRisk, type Command, MORNING, NOON, OPENED, portsOn, quoteCommand, upsert } from "../support/risk-session.js";

const DESK = { session_id: "desk", base_currency: "ILS", fx_pivot: "USD", opened_at: OPENED };

let store: MemoryEventStore;
let server: TestServer;
beforeEach(async () => {
  store = new MemoryEventStore({ sha256, now: () => 0 });
  const plain = await serving(store);
  const document = dereferenced((await plain.get("/openapi.json")).body);
  const checked = async (method: string, path: string, answer: Answer): Promise<Answer> => {
    expect(undescribed(document, method, `/api/v2${path}`, answer)).toBeNull();
    return answer;
  };
  server = {
    ...plain,
    get: async (path, headers) => checked("GET", path, await plain.get(path, headers)),
    post: async (path, body, headers) => checked("POST", path, await plain.post(path, body, headers)),
  };
});
afterEach(async () => {
  await server.close();
  expect(server.bugs).toEqual([]);
});

async function begin(settings: object = {}): Promise<void> {
  expect((await server.post("/sessions", { ...DESK, ...settings })).status).toBe(201);
}

async function morning(): Promise<void> {
  await begin();
  const { status, body } = await server.post("/sessions/desk/commands", { commands: MORNING });
  expect([status, body.accepted, body.rejected]).toEqual([200, MORNING.length, 0]);
}

const [first] = MORNING;
const quote: Command = first ?? quoteCommand(1, { kind: "fx", pair: "USD/ILS", rate: "3.65" });
const [held] = examplePositions;
if (held === undefined) throw new Error("the example holds nothing");
const hold = upsert("hold-1", held);

/** What a problem must be, whatever its route. */
function isProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.body?.code, answer.headers["content-type"]]).toEqual([
    status,
    code,
    "application/problem+json; charset=utf-8",
  ]);
  expect(Object.keys(answer.body)).toEqual(["type", "title", "status", "instance", "category", "code", "details", "error_count"]);
  expect(answer.body.type).toBe(`/api/v2/problems/${code}`);
  expect(answer.text).not.toMatch(/node_modules|\.[tj]s:|\\n +at /);
}

describe("POST /sessions", () => {
  test("begins a session, and answers the same again without beginning it twice", async () => {
    const one = await server.post("/sessions", DESK, { "x-correlation-id": "mine" });
    expect([one.status, one.headers["location"], one.headers["x-correlation-id"]]).toEqual([201, "/api/v2/sessions/desk", "mine"]);
    expect(one.body).toEqual({
      session_id: "desk",
      state_version: 0,
      applied: true,
      state_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      correlation_id: "mine",
    });
    const again = await server.post("/sessions", DESK);
    expect([again.status, again.headers["idempotent-replayed"]]).toEqual([201, "true"]);
    expect(again.body).toMatchObject({ applied: false, state_hash: one.body.state_hash });
    expect((await server.get("/sessions/desk/events")).body.items).toHaveLength(1);
  });

  test("takes the idempotency key for the name, and refuses a key that is another name", async () => {
    const { session_id: _, ...unnamed } = DESK;
    const key = "6f0c2f6e-53ab-4ac1-8d5e-4d1b1f0b7f11";
    expect((await server.post("/sessions", unnamed, { "idempotency-key": key })).body.session_id).toBe(key);
    expect((await server.post("/sessions", DESK, { "idempotency-key": "desk" })).status).toBe(201);
    isProblem(await server.post("/sessions", DESK, { "idempotency-key": "other" }), 400, "IDEMPOTENCY_KEY_MISMATCH");
    isProblem(await server.post("/sessions", unnamed), 400, "VALIDATION_ERROR");
  });

  test("refuses the same name with other settings, and says which differ", async () => {
    await begin();
    const other = await server.post("/sessions", { ...DESK, base_currency: "USD", snapshot_every: 7 });
    isProblem(other, 409, "IDEMPOTENCY_CONFLICT");
    expect(other.body.details).toEqual([
      { field: "/base_currency", value: "USD", expected: "ILS" },
      { field: "/snapshot_every", value: "7", expected: "50" },
    ]);
  });

  test("refuses a beginning without a time, an unknown currency, and whatever does not fit, all at once", async () => {
    const { opened_at: _, ...timeless } = DESK;
    isProblem(await server.post("/sessions", timeless), 400, "MISSING_EVENT_TS");
    const strange = await server.post("/sessions", { ...DESK, base_currency: "ZZZ", fx_pivot: "QQQ" });
    isProblem(strange, 400, "VALIDATION_ERROR");
    expect(strange.body.details.map(({ field }: { field: string }) => field)).toEqual(["/base_currency", "/fx_pivot"]);
    const wrong = await server.post("/sessions?x=1", { session_id: "a/b", base_currency: 7, opened_at: "now", colour: "red" });
    isProblem(wrong, 422, "REQUEST_INVALID");
    const fields = wrong.body.details.map(({ field }: { field: string }) => field).sort();
    expect(fields).toEqual(["/base_currency", "/colour", "/fx_pivot", "/opened_at", "/query/x", "/session_id"]);
    expect(wrong.body.error_count).toBe(6);
  });

  test("begins one session where two ask for it at once", async () => {
    const both = await Promise.all([server.post("/sessions", DESK), server.post("/sessions", DESK)]);
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    expect(both.map(({ body }) => body.applied).sort()).toEqual([false, true]);
  });
});

describe("POST /sessions/{id}/events", () => {
  test("D.3 3: applies a command once: true, then false with the version unchanged, and 409 with both hashes for other data", async () => {
    await begin();
    const one = await server.post("/sessions/desk/events", hold);
    expect(one.status).toBe(201);
    expect(one.body).toMatchObject({ session_id: "desk", command_id: "hold-1", state_version: 1, applied: true, diagnostics: [] });
    const again = await server.post("/sessions/desk/events", hold);
    expect([again.status, again.headers["idempotent-replayed"]]).toEqual([201, "true"]);
    expect(again.body).toMatchObject({ state_version: 1, applied: false, state_hash: one.body.state_hash });
    const other = await server.post("/sessions/desk/events", upsert("hold-1", { ...held, quantity: "7" }));
    isProblem(other, 409, "IDEMPOTENCY_CONFLICT");
    const [detail] = other.body.details;
    expect([detail.value, detail.expected].every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    expect(detail.value).not.toBe(detail.expected);
  });

  test("takes the idempotency key for the command's id", async () => {
    await begin();
    const { command_id: _, ...unnamed } = hold;
    const one = await server.post("/sessions/desk/events", unnamed, { "idempotency-key": "key 1" });
    expect(one.body).toMatchObject({ command_id: "key 1", applied: true });
    expect((await server.post("/sessions/desk/events", unnamed, { "idempotency-key": "key 1" })).body.applied).toBe(false);
    expect((await server.post("/sessions/desk/events", hold, { "idempotency-key": "hold-1" })).body.applied).toBe(true);
    isProblem(await server.post("/sessions/desk/events", hold, { "idempotency-key": "other" }), 400, "IDEMPOTENCY_KEY_MISMATCH");
    expect((await server.post("/sessions/desk/events", quote, { "idempotency-key": "quote/feed/1" })).status).toBe(201);
    isProblem(await server.post("/sessions/desk/events", quote, { "idempotency-key": "q1" }), 400, "IDEMPOTENCY_KEY_MISMATCH");
    const keyless = await server.post("/sessions/desk/events", unnamed);
    isProblem(keyless, 400, "VALIDATION_ERROR");
    expect(keyless.body.details[0].field).toBe("/command_id");
  });

  test("refuses by the firewall's codes, each with its status and fixed text", async () => {
    await begin();
    await server.post("/sessions/desk/events", { ...hold, client_sequence: 5 });
    const cases: readonly (readonly [object, number, string])[] = [
      [{ ...quote, kind: "ROUTE_ORDER" }, 400, "UNKNOWN_COMMAND_KIND"],
      [{ ...quote, schema_version: undefined }, 400, "MISSING_SCHEMA_VERSION"],
      [{ ...quote, schema_version: 2 }, 400, "UNSUPPORTED_SCHEMA_VERSION"],
      [{ ...quote, payload: { ...quote.payload, ts: undefined } }, 400, "MISSING_EVENT_TS"],
      [{ ...quote, payload: { ...quote.payload, source: "a b" } }, 400, "VALIDATION_ERROR"],
      [askRisk("r", NOON), 422, "ILLEGAL_SEQUENCE"],
      [{ ...upsert("hold-2", held), client_sequence: 4 }, 422, "OUT_OF_ORDER"],
      [upsert("hold-1", { ...held, quantity: "7" }), 409, "IDEMPOTENCY_CONFLICT"],
    ];
    for (const [command, status, code] of cases) {
      const answer = await server.post("/sessions/desk/events", command);
      isProblem(answer, status, code);
      expect(answer.body.title).toBe(COMMAND_CODES.find((one) => one.code === code)?.message);
    }
    await server.post("/sessions/desk/events", quote);
    const parameters = { market_snapshot_id: "0".repeat(64), totals: "whole" };
    const payload = { compute: "SNAPSHOT", ts: NOON, portfolio_id: "main", parameters };
    const compute = { kind: "COMPUTE_REQUEST", schema_version: 1, command_id: "c", payload };
    isProblem(await server.post("/sessions/desk/events", compute), 404, "MARKET_SNAPSHOT_NOT_FOUND");
  });

  test("refuses text that has no canonical form, and numbers that are not exact, as faults of the command", async () => {
    await begin();
    const spoilt: readonly Command[] = [
      {
        ...quote,
        payload: { ...quote.payload, quote: { kind: "spot", symbol: "A\u0000", currency: "USD", price: "1", dividend_yield: "0" } },
      },
      {
        ...quote,
        payload: { ...quote.payload, quote: { kind: "spot", symbol: "A\ud800", currency: "USD", price: "1", dividend_yield: "0" } },
      },
      { ...quote, payload: { ...quote.payload, sequence: 1e300 } },
    ];
    for (const command of spoilt) isProblem(await server.post("/sessions/desk/events", command), 400, "VALIDATION_ERROR");
    expect((await server.get("/sessions/desk")).body.state_version).toBe(0);
  });

  test("of a closed session answers what was accepted before, and refuses what is new", async () => {
    await begin();
    const close = {
      kind: "INGEST_EVENT",
      schema_version: 1,
      command_id: "end",
      payload: { event_type: "SESSION_CLOSED", ts: NOON, data: {} },
    };
    expect((await server.post("/sessions/desk/events", close)).body.applied).toBe(true);
    expect((await server.post("/sessions/desk/events", close)).body.applied).toBe(false);
    isProblem(await server.post("/sessions/desk/events", hold), 422, "ILLEGAL_SEQUENCE");
    expect((await server.get("/sessions/desk")).body.status).toBe("closed");
  });

  test("of a session that is not there is refused, and makes none", async () => {
    isProblem(await server.post("/sessions/nobody/events", quote), 404, "SESSION_NOT_FOUND");
    isProblem(await server.post("/sessions/nobody/commands", { commands: [quote] }), 404, "SESSION_NOT_FOUND");
    isProblem(await server.post("/sessions/nobody/snapshot", { ts: NOON }, { "idempotency-key": "s" }), 404, "SESSION_NOT_FOUND");
    expect(await store.logs()).toEqual([]);
  });
});

describe("POST /sessions/{id}/commands", () => {
  test("gives each command its outcome, and a refused one keeps no other back", async () => {
    await begin();
    const bad = { ...quote, payload: { ...quote.payload, sequence: 99, quote: { kind: "fx", pair: "USD/ILS", rate: "NaN" } } };
    const { status, body } = await server.post("/sessions/desk/commands", { commands: [quote, bad, quote, hold] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ accepted: 2, replayed: 1, rejected: 1 });
    expect(body.outcomes.map(({ status: one }: { status: string }) => one)).toEqual([
      "ACCEPTED",
      "REJECTED",
      "IDEMPOTENT_REPLAY",
      "ACCEPTED",
    ]);
    expect(body.outcomes[1].error).toMatchObject({ category: "VALIDATION", code: "VALIDATION_ERROR", error_count: 1 });
    expect((await server.get("/sessions/desk")).body.rejects).toEqual([{ source: "feed", code: "VALIDATION_ERROR", count: 1 }]);
  });

  test("refuses an empty list, a list of ten thousand and one, and a key that would name them all", async () => {
    await begin();
    isProblem(await server.post("/sessions/desk/commands", { commands: [] }), 422, "REQUEST_INVALID");
    isProblem(await server.post("/sessions/desk/commands", { commands: Array(10_001).fill(0) }), 422, "REQUEST_INVALID");
    isProblem(
      await server.post("/sessions/desk/commands", { commands: [quote] }, { "idempotency-key": "k" }),
      400,
      "IDEMPOTENCY_KEY_MISMATCH",
    );
  });
});

describe("snapshots", () => {
  test("are recorded by command, and read with the state that their hash covers", async () => {
    await morning();
    const made = await server.post("/sessions/desk/snapshot", { ts: NOON }, { "idempotency-key": "noon" });
    expect([made.status, made.body.applied, made.body.state_version]).toEqual([201, true, MORNING.length]);
    expect((await server.post("/sessions/desk/snapshot", { ts: NOON }, { "idempotency-key": "noon" })).body.applied).toBe(false);
    const { body } = await server.get("/sessions/desk/snapshot");
    expect(body).toMatchObject({ session_id: "desk", version: MORNING.length, created_at: NOON });
    const text = canonicalJson(body.data, 1, Number.MAX_SAFE_INTEGER);
    expect(text.ok && sha256(text.text)).toBe(body.state_hash);
    expect(body.data.positions).toHaveLength(examplePositions.length);
    expect(body.data.quotes.every(({ quote: told }: { quote: unknown }) => told !== null)).toBe(true);
    expect((await server.get("/sessions/desk/snapshot/metadata")).body).toEqual({
      session_id: "desk",
      version: MORNING.length,
      created_at: NOON,
      state_hash: body.state_hash,
      position: body.position,
      snapshot_every: 50,
      next_version: MORNING.length + 50,
    });
  });

  test("of nothing are refused, without a key too, and where none was recorded there is none", async () => {
    await begin();
    isProblem(await server.post("/sessions/desk/snapshot", { ts: NOON }, { "idempotency-key": "s" }), 422, "ILLEGAL_SEQUENCE");
    isProblem(await server.post("/sessions/desk/snapshot", {}, { "idempotency-key": "s" }), 400, "MISSING_EVENT_TS");
    isProblem(await server.post("/sessions/desk/snapshot", { ts: NOON }), 400, "VALIDATION_ERROR");
    isProblem(await server.post("/sessions/desk/snapshot", { ts: NOON, when: 1 }, { "idempotency-key": "s" }), 422, "REQUEST_INVALID");
    isProblem(await server.get("/sessions/desk/snapshot"), 404, "SNAPSHOT_NOT_FOUND");
    isProblem(await server.get("/sessions/desk/snapshot/metadata"), 404, "SNAPSHOT_NOT_FOUND");
  });
});

describe("reading", () => {
  test("D.3 1: gives summary, requests and the library's own report byte for byte, and a replica of the log is equal", async () => {
    await morning();
    await server.post("/sessions/desk/events", askRisk("noon", NOON));
    await server.post("/sessions/desk/events", askGrid("grid", NOON));
    const report = await server.get("/sessions/desk/report?command_id=noon");
    const summary = await server.get("/sessions/desk/portfolio/summary?portfolio_id=main");
    const replay = await server.get("/sessions/desk/replay");
    expect(replay.body).toMatchObject({ session_id: "desk", jobs: 2, difference: null });
    const opened = await openRiskSession(portsOn(store), "desk", "read");
    if (opened.kind === "refused") throw new Error("no session");
    const own = await opened.session.report("noon");
    if (own === null) throw new Error("no report");
    expect(report.text).toBe(reportText(own));
    expect(summary.body).toEqual(JSON.parse(JSON.stringify(await opened.session.summary("main"))));
    expect(summary.body.pv.currency).toBe("ILS");
    const { items, next } = (await server.get("/sessions/desk/compute/requests")).body;
    expect(next).toBeNull();
    expect(items.map(({ command_id, kind, state }: Record<string, string>) => [command_id, kind, state])).toEqual([
      ["noon", "PORTFOLIO_RISK", "completed"],
      ["grid", "SCENARIO_GRID", "completed"],
    ]);
    expect((await server.get("/sessions/desk/report")).body.request).toBe("grid");
    isProblem(await server.get("/sessions/desk/report?command_id=never"), 404, "REPORT_NOT_FOUND");
    await opened.session.close();
  });

  test("of events goes by pages that neither repeat nor skip while events come", async () => {
    await morning();
    const positions: number[] = [];
    let path = "/sessions/desk/events?limit=7&include_payload=true";
    const { head } = (await server.get(path)).body;
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { body } = await server.get(cursor === "" ? path : `${path}&cursor=${cursor}`);
      positions.push(...body.items.map(({ position }: { position: number }) => position));
      await server.post("/sessions/desk/events", quoteCommand(1000 + positions.length, { kind: "fx", pair: "USD/ILS", rate: "3.6" }));
      cursor = body.next;
    }
    expect(positions).toEqual(Array.from({ length: head.position }, (_, n) => n + 1));
    path = "/sessions/desk/events?after=2&limit=1";
    const { items } = (await server.get(path)).body;
    expect(items).toEqual([expect.objectContaining({ position: 3, session_id: "desk", type: "quote.ingested", ts: expect.any(Number) })]);
    expect(items[0]).not.toHaveProperty("payload");
  });

  test("refuses a cursor of another list, and queries that a route does not have", async () => {
    await morning();
    const { next } = (await server.get("/sessions/desk/events?limit=1")).body;
    for (const cursor of [next, "x", Buffer.from("{}").toString("base64url"), "%00"]) {
      isProblem(await server.get(`/sessions/desk/compute/requests?cursor=${cursor}`), 400, "CURSOR_INVALID");
      isProblem(await server.get(`/sessions?cursor=${cursor}`), 400, "CURSOR_INVALID");
    }
    for (const query of ["limit=0", "limit=1001", "limit=1.5", "limit=1e2", "limit=1&limit=2", "include_payload=1", "colour=red"])
      isProblem(await server.get(`/sessions/desk/events?${query}`), 422, "REQUEST_INVALID");
    isProblem(await server.get("/sessions/desk/portfolio/summary"), 422, "REQUEST_INVALID");
    isProblem(await server.get("/sessions/desk/portfolio/summary?portfolio_id=main&ts=noon"), 422, "REQUEST_INVALID");
    isProblem(await server.get("/sessions/..%2F..%2Fetc"), 422, "REQUEST_INVALID");
  });

  test("of sessions that are not there is refused on every route", async () => {
    const routes = [
      "",
      "/snapshot",
      "/snapshot/metadata",
      "/events",
      "/compute/requests",
      "/portfolio/summary?portfolio_id=p",
      "/report",
      "/replay",
      "/stream",
    ];
    for (const route of routes) isProblem(await server.get(`/sessions/nobody${route}`), 404, "SESSION_NOT_FOUND");
  });

  test("lists sessions by name, page by page", async () => {
    for (const session_id of ["c", "a", "b"]) await begin({ session_id });
    const one = (await server.get("/sessions?limit=2")).body;
    expect(one.items).toEqual([{ session_id: "a" }, { session_id: "b" }]);
    expect((await server.get(`/sessions?limit=2&cursor=${one.next}`)).body).toEqual({ items: [{ session_id: "c" }], next: null });
  });

  test("answers 304 while the log has not moved, and not after", async () => {
    await morning();
    const one = await server.get("/sessions/desk");
    expect(one.headers["etag"]).toMatch(/^"[0-9a-f]{64}"$/);
    const known = { "if-none-match": one.headers["etag"] ?? "" };
    const same = await server.get("/sessions/desk", known);
    expect([same.status, same.text]).toEqual([304, ""]);
    await server.post("/sessions/desk/events", quoteCommand(500, { kind: "fx", pair: "USD/ILS", rate: "3.6" }));
    expect((await server.get("/sessions/desk", known)).status).toBe(200);
  });

  test("shows what another program appended, though the server had the session open", async () => {
    await begin();
    await server.post("/sessions/desk/events", quote);
    const other = await openRiskSession(portsOn(store), "desk");
    if (other.kind === "refused") throw new Error("no session");
    await other.session.execute([hold]);
    expect((await server.get("/sessions/desk")).body.state_version).toBe(2);
    // The other program is fenced by the next command, and the server goes on from what it wrote.
    expect((await server.post("/sessions/desk/events", upsert("hold-2", held))).body.state_version).toBe(3);
    expect((await other.session.execute([upsert("hold-3", held)])).kind).toBe("refused");
    await other.session.close();
  });

  test("takes its writing back where another program took it, at the second asking", async () => {
    await begin();
    await server.post("/sessions/desk/events", quote);
    const other = await openRiskSession(portsOn(store), "desk");
    if (other.kind === "refused") throw new Error("no session");
    await other.session.execute([hold]);
    const refused = await server.post("/sessions/desk/events", upsert("hold-2", held));
    isProblem(refused, 503, "STORE_UNAVAILABLE");
    expect(refused.headers["retry-after"]).toBe("1");
    expect((await server.post("/sessions/desk/events", upsert("hold-2", held))).body).toMatchObject({ applied: true, state_version: 3 });
    await other.session.close();
  });
});
