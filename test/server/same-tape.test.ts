import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256, sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../../src/adapters/sqlite/sqlite-event-store.js";
import type { TapeEvent } from "../../src/core/tape/event.js";
import type { EventStore } from "../../src/ports/event-store.js";
import { newRiskSession, openRiskSession } from "../../src/usecases/risk-session.js";
import { bundleChild } from "../support/bundle-child.js";
import { type Answer, exchange, serving } from "../support/http-server.js";
import { askGrid, askRisk, DESK, MORNING, NOON, OPENED, portsOn, quoteCommand } from "../support/risk-session.js";

const { name: session_id, ...settings } = DESK;
const BEGIN = { ...settings, session_id };
const late = quoteCommand(900, { kind: "fx", pair: "USD/ILS", rate: "3.9" }, OPENED + 60_000);
const COMMANDS = [
  ...MORNING,
  askRisk("noon", NOON),
  late,
  askGrid("grid", NOON),
  late,
  quoteCommand(901, { kind: "fx", pair: "USD/ILS", rate: "NaN" }),
];

async function tapeOf(store: EventStore): Promise<readonly Omit<TapeEvent, "epoch">[]> {
  const opened = await openRiskSession(portsOn(store), "desk", "read");
  if (opened.kind === "refused") throw new Error("no session");
  const events: Omit<TapeEvent, "epoch">[] = [];
  for await (const { epoch: _, ...event } of opened.session.events()) events.push(event);
  await opened.session.close();
  return events;
}

async function byLibrary(): Promise<readonly Omit<TapeEvent, "epoch">[]> {
  const store = new MemoryEventStore({ sha256, now: () => 0 });
  const opened = await newRiskSession(portsOn(store), DESK);
  if (opened.kind === "refused") throw new Error("no session");
  for (const command of COMMANDS) await opened.session.execute([command]);
  await opened.session.close();
  return tapeOf(store);
}

test("a session that is driven over HTTP has the tape of one that the library drives, byte for byte", async () => {
  const store = new MemoryEventStore({ sha256, now: () => 0 });
  const server = await serving(store);
  await server.post("/sessions", BEGIN);
  for (const command of COMMANDS) await server.post("/sessions/desk/events", command);
  await server.close();
  const tape = await tapeOf(store);
  expect(tape.length).toBeGreaterThan(COMMANDS.length);
  expect(tape).toEqual(await byLibrary());
});

let program: string;
const children = new Set<ChildProcess>();
const folders: string[] = [];
beforeAll(async () => {
  program = await bundleChild("test/server/killing-server.child.ts");
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
afterAll(() => rmSync(program, { force: true }));

async function start(folder: string, dies: number): Promise<string> {
  const child = spawn(process.execPath, [program, folder, String(dies)], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  const [line] = await once(child.stdout, "data");
  return String(line).trim();
}

const post = (url: string, path: string, body: object): Promise<Answer> =>
  exchange("POST", `${url}${path}`, { "content-type": "application/json" }, JSON.stringify(body));

test("a server that is killed between each command and its answer gives every retry the one outcome, and the same tape", async () => {
  const folder = mkdtempSync(join(tmpdir(), "onetape-killed-"));
  folders.push(folder);
  let url = await start(folder, 1);
  let kills = 0;
  /** Asks until there is an answer; after each death the next server dies a little later. */
  const insist = async (path: string, body: object): Promise<Answer> => {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        return await post(url, path, body);
      } catch {
        kills += 1;
        url = await start(folder, 1 + (kills % 4));
      }
    }
    throw new Error("no answer after ten deaths");
  };
  expect(await insist("/sessions", BEGIN)).toMatchObject({ status: 201, body: { applied: false } });
  const statuses: number[] = [];
  for (const command of COMMANDS) statuses.push((await insist("/sessions/desk/events", command)).status);
  expect(statuses.slice(0, -1).every((status) => status === 201)).toBe(true);
  expect(kills).toBeGreaterThan(5);
  for (const child of children) child.kill("SIGKILL");
  const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => 0 });
  const plain = (events: readonly Omit<TapeEvent, "epoch">[]) => events.filter(({ type }) => type !== "quotes.rejected");
  const tape = await tapeOf(store);
  // A refused quote is counted at least once: its refusal is no command that was accepted, and has no identity.
  const wanted = plain(await byLibrary()).map(({ id, payload }) => [id, payload]);
  expect(plain(tape).map(({ id, payload }) => [id, payload])).toEqual(wanted);
  await store.close();
}, 120_000);
