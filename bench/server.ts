/**
 * What HTTP adds to a risk session: summaries read, commands that are durable before each answer, quotes in lists, and events streamed to fifty
 * clients, all through the loopback, clients in the same process.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256, sha256Bytes } from "../src/adapters/node-hash/sha256.js";
import { logFilesIn } from "../src/adapters/sqlite/log-files.js";
import { SqliteEventStore } from "../src/adapters/sqlite/sqlite-event-store.js";
import { riskSessionArea } from "../src/apps/server/risk-sessions/risk-session-area.js";
import { API_PREFIX, startServer } from "../src/apps/server/start-server.js";
import { newRiskSession, openRiskSession, riskSessionNames } from "../src/usecases/risk-session.js";
import type { Trial, TrialLine } from "./trial.js";
import type { BenchOptions } from "./workload.js";

const CLIENTS = 50;
const CALLERS = 16;
const LIST = 1_000;
const OPENED = 1_772_445_600_000;

export function serverTrial(): Trial {
  return {
    id: "SERVER",
    says: `risk sessions over HTTP: reads, durable commands, quotes in lists, events to ${CLIENTS} streams`,
    onRequest: true,
    missing: () => null,
    measure,
  };
}

async function measure({ quick }: BenchOptions): Promise<readonly TrialLine[]> {
  const scale = quick ? 1 : 5;
  const folder = mkdtempSync(join(tmpdir(), "onetape-bench-"));
  const store = new SqliteEventStore({ files: logFilesIn(folder), sha256, sha256Bytes, now: () => 0 });
  const ports = { store, hash: sha256, cache: null };
  const area = riskSessionArea({
    list: () => riskSessionNames(store),
    create: (settings) => newRiskSession(ports, settings),
    open: (name, mode) => openRiskSession(ports, name, mode),
  });
  const options = { host: "127.0.0.1", port: 0, token: null, version: "0", accessLog: null, now: () => 0 };
  const server = await startServer({
    ...options,
    areas: [area],
    onBug: (error) => {
      throw error;
    },
  });
  if (server.kind === "refused") throw new Error(server.violations[0]?.message);
  const url = `${server.url}${API_PREFIX}`;
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  const call = (method: string, path: string, body?: object) => exchange(agent, method, `${url}${path}`, body);
  try {
    await call("POST", "/sessions", { session_id: "bench", base_currency: "USD", fx_pivot: "USD", opened_at: OPENED, snapshot_every: 0 });
    await call("POST", "/sessions/bench/events", quote(0));
    const reads = await rate(2_000 * scale, CALLERS, () => call("GET", "/sessions/bench/portfolio/summary?portfolio_id=main"));
    let sequence = 1;
    const commands = await rate(400 * scale, CALLERS, () => call("POST", "/sessions/bench/events", quote(sequence++)));
    const listed = await rate(4 * scale, 1, () =>
      call("POST", "/sessions/bench/commands", { commands: Array.from({ length: LIST }, () => quote(sequence++)) }),
    );
    const stands = JSON.parse(await call("GET", "/sessions/bench")) as {
      readonly state_version: number;
      readonly head: { readonly position: number };
    };
    const expected = 1 + 400 * scale + 4 * scale * LIST;
    if (stands.state_version !== expected) throw new Error(`SERVER: ${stands.state_version} commands were accepted, ${expected} were sent`);
    const start = performance.now();
    const heard = await Promise.all(Array.from({ length: CLIENTS }, () => listen(`${url}/sessions/bench/stream`, stands.head.position)));
    const seconds = (performance.now() - start) / 1000;
    const messages = heard.reduce((sum, count) => sum + count, 0);
    if (messages !== CLIENTS * stands.head.position)
      throw new Error(`SERVER: ${messages} messages came, not ${CLIENTS * stands.head.position}`);
    const figures = {
      reads_per_s: reads,
      durable_commands_per_s: commands,
      listed_quotes_per_s: listed * LIST,
      streamed_messages_per_s: messages / seconds,
    };
    return [{ trial: "SERVER", of: null, figures, output_hash: null }];
  } finally {
    agent.destroy();
    await server.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function quote(sequence: number): object {
  const fact = { kind: "spot", symbol: `S${sequence % 100}`, currency: "USD", price: `1${sequence % 1000}.25`, dividend_yield: "0" };
  return { kind: "INGEST_QUOTE", schema_version: 1, payload: { ts: OPENED + sequence, source: "bench", sequence, quote: fact } };
}

/** Calls a second, of so many callers that each wait for their answers. */
async function rate(calls: number, callers: number, work: () => Promise<unknown>): Promise<number> {
  let left = calls;
  const start = performance.now();
  const caller = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (calls * 1000) / (performance.now() - start);
}

/** @throws {Error} for an answer that is not a success */
function exchange(agent: Agent, method: string, url: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const sent = request(url, { method, headers, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        if ((response.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`));
      });
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Reads a stream until the event of a position. @returns how many events came */
function listen(url: string, last: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false }, (response) => {
      let count = 0;
      let tail = "";
      response.setEncoding("latin1");
      response.on("data", (part: string) => {
        const text = tail + part;
        const end = text.lastIndexOf("\n\n");
        for (let at = text.indexOf("id: "); at !== -1 && at < end; at = text.indexOf("\n\nid: ", at + 4)) count += 1;
        tail = end === -1 ? text : text.slice(end + 2);
        if (count < last) return;
        sent.destroy();
        resolve(count);
      });
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET") reject(error);
    });
    sent.end();
  });
}
