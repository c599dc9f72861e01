import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { EventStore } from "../../src/ports/event-store.js";
import { openRiskSession } from "../../src/usecases/risk-session.js";
import { listen, type StreamedEvent, serving, type TestServer } from "../support/http-server.js";
import { askRisk, MORNING, NOON, OPENED, portsOn, quoteCommand } from "../support/risk-session.js";

const DESK = { session_id: "desk", base_currency: "ILS", fx_pivot: "USD", opened_at: OPENED };
const rate = (sequence: number) => quoteCommand(sequence, { kind: "fx", pair: "USD/ILS", rate: `3.${1000 + (sequence % 1000)}` });

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function serve(
  store: EventStore = new MemoryEventStore({ sha256, now: () => 0 }),
  pace?: Parameters<typeof serving>[2],
): Promise<TestServer> {
  const server = await serving(store, {}, pace);
  endings.push(() => server.close());
  return server;
}

const ids = (events: readonly StreamedEvent[]): readonly number[] => events.map(({ id }) => id);
const upTo = (last: number, first: number = 1): readonly number[] => Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe("a stream of a session", () => {
  test("gives every event that is on the log, then each as it comes, with the position as its id", async () => {
    const server = await serve();
    await server.post("/sessions", DESK);
    await server.post("/sessions/desk/commands", { commands: MORNING });
    const heard = listen(`${server.url}/sessions/desk/stream`, { until: MORNING.length + 6 });
    await server.post("/sessions/desk/events", askRisk("noon", NOON));
    const { events, text } = await heard;
    expect(text.startsWith("retry: 1000\n\n")).toBe(true);
    expect(ids(events)).toEqual(upTo(MORNING.length + 6));
    expect(events.map(({ event }) => event).slice(-5)).toEqual([
      "compute.requested",
      "market_snapshot.created",
      "portfolio_snapshot.taken",
      "compute_run.requested",
      "compute_job.finished",
    ]);
    const { items } = (await server.get("/sessions/desk/events?include_payload=true&limit=1000")).body;
    expect(events.map(({ data }) => data)).toEqual(items);
  });

  test("resumes by Last-Event-ID, or by ?after, and refuses positions that the log does not have", async () => {
    const server = await serve();
    await server.post("/sessions", DESK);
    await server.post("/sessions/desk/commands", { commands: [1, 2, 3, 4].map(rate) });
    const url = `${server.url}/sessions/desk/stream`;
    expect(ids((await listen(url, { lastId: 3, until: 2 })).events)).toEqual([4, 5]);
    expect(ids((await listen(`${url}?after=4`, { until: 1 })).events)).toEqual([5]);
    expect(ids((await listen(`${url}?after=1`, { lastId: 4, until: 1 })).events)).toEqual([5]);
    const ahead = await server.get("/sessions/desk/stream", { "last-event-id": "6" });
    expect([ahead.status, ahead.body.code, ahead.body.details]).toEqual([
      409,
      "POSITION_AHEAD",
      [{ field: "/headers/last-event-id", value: "6", expected: "at most 5" }],
    ]);
    for (const id of ["-1", "1.5", "x", "01", "9".repeat(16)])
      expect((await server.get("/sessions/desk/stream", { "last-event-id": id })).body.code).toBe("REQUEST_INVALID");
  });

  test("loses nothing and doubles nothing over cuts at any point, restarts of the server, and a writer outside", async () => {
    const folder = mkdtempSync(join(tmpdir(), "onetape-stream-"));
    const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => 0 });
    endings.push(
      () => rmSync(folder, { recursive: true, force: true }),
      () => store.close(),
    );
    let server = await serving(store);
    await server.post("/sessions", DESK);
    const got: StreamedEvent[] = [];
    let sent = 0;
    // Sizes of the stretches are chosen so that cuts fall within lists of commands, at their edges, and where nothing is new.
    for (const [round, take] of [1, 7, 30, 2, 90, 11, 40, 3].entries()) {
      const heard = listen(`${server.url}/sessions/desk/stream`, { until: take, lastId: got.at(-1)?.id ?? 0 });
      const commands = upTo(sent + 30, sent + 1).map(rate);
      sent += 30;
      if (round % 3 === 2) {
        const outside = await openRiskSession(portsOn(store), "desk");
        if (outside.kind === "refused") throw new Error("no session");
        await outside.session.execute(commands);
        await outside.session.close();
      } else {
        const answer = await server.post("/sessions/desk/commands", { commands });
        if (answer.status === 503) await server.post("/sessions/desk/commands", { commands });
      }
      if (round % 2 === 1) {
        // The stream ends with the server, wherever it is by then.
        const closing = server.close();
        got.push(...(await heard).events);
        await closing;
        server = await serving(store);
      } else got.push(...(await heard).events);
    }
    const { head } = (await server.get("/sessions/desk/events?limit=1")).body;
    if ((got.at(-1)?.id ?? 0) < head.position) {
      const rest = await listen(`${server.url}/sessions/desk/stream`, {
        until: head.position - (got.at(-1)?.id ?? 0),
        lastId: got.at(-1)?.id ?? 0,
      });
      got.push(...rest.events);
    }
    expect(sent).toBe(240);
    expect(ids(got)).toEqual(upTo(head.position));
    expect(got.filter(({ event }) => event === "quote.ingested")).toHaveLength(240);
    await server.close();
  });

  test("ends with a word when the server stops, and tells that it is there while nothing happens", async () => {
    const server = await serve(undefined, { heartbeat_ms: 20, stall_ms: 1_000 });
    await server.post("/sessions", DESK);
    const heard = listen(`${server.url}/sessions/desk/stream`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.close();
    const { comments, events } = await heard;
    expect(ids(events)).toEqual([1]);
    expect(comments.filter((one) => one === ": still here").length).toBeGreaterThan(1);
    expect(comments.at(-1)).toBe(": the server is stopping; come again with the last id");
  });

  test("cuts off who takes nothing, keeps nothing for it, and goes on where it stopped", async () => {
    const server = await serve(undefined, { heartbeat_ms: 50, stall_ms: 300 });
    await server.post("/sessions", DESK);
    // More than a connection's buffers hold.
    const wide = (sequence: number) => ({
      kind: "INGEST_EVENT",
      schema_version: 1,
      command_id: `wide-${sequence}-${"x".repeat(180)}`,
      payload: { event_type: "PORTFOLIO_CREATED", ts: OPENED, data: { portfolio_id: `p${sequence}` } },
    });
    for (let n = 0; n < 3; n++)
      expect(
        (await server.post("/sessions/desk/commands", { commands: upTo((n + 1) * 10_000, n * 10_000 + 1).map(wide) })).body.accepted,
      ).toBe(10_000);
    const { head } = (await server.get("/sessions/desk/events?limit=1")).body;
    const url = `${server.url}/sessions/desk/stream`;
    let text = "";
    await new Promise<void>((resolve) => {
      const slow = request(url, { agent: false }, (response) => {
        response.once("readable", () => {
          // Takes what has come, then nothing for longer than the server waits.
          text += String(response.read());
          setTimeout(() => {
            response.on("data", (part) => {
              text += String(part);
            });
            response.on("error", () => resolve());
            response.on("close", () => resolve());
          }, 1_000);
        });
      });
      slow.on("error", () => resolve());
      slow.end();
    });
    const whole = [...text.slice(0, text.lastIndexOf("\n\n")).matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(whole).toEqual(upTo(whole.length));
    expect(whole.length).toBeLessThan(head.position);
    const rest = await listen(url, { lastId: whole.length, until: head.position - whole.length });
    expect(ids(rest.events)).toEqual(upTo(head.position, whole.length + 1));
  });

  test("serves fifty clients the same bytes", async () => {
    const server = await serve();
    await server.post("/sessions", DESK);
    const heard = upTo(50).map(() => listen(`${server.url}/sessions/desk/stream`, { until: 101 }));
    for (let n = 0; n < 10; n++) await server.post("/sessions/desk/commands", { commands: upTo(n * 10 + 10, n * 10 + 1).map(rate) });
    for (const { events } of await Promise.all(heard)) expect(ids(events)).toEqual(upTo(events.length));
  });
});
