import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import type { StreamPace } from "../../src/apps/server/event-stream.js";
import { riskSessionArea } from "../../src/apps/server/risk-sessions/risk-session-area.js";
import type { RiskSessions } from "../../src/apps/server/risk-sessions/session-host.js";
import { API_PREFIX, type ServerOptions, startServer } from "../../src/apps/server/start-server.js";
import type { EventStore } from "../../src/ports/event-store.js";
import { newRiskSession, openRiskSession, riskSessionNames } from "../../src/usecases/risk-session.js";
import { portsOn } from "./risk-session.js";

export function sessionsOn(store: EventStore): RiskSessions {
  const ports = portsOn(store);
  return {
    list: () => riskSessionNames(store),
    create: (settings) => newRiskSession(ports, settings),
    open: (name, mode) => openRiskSession(ports, name, mode),
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a body of whatever route; each test says what it expects of it
  readonly body: any;
}

export interface TestServer {
  /** With the prefix. */
  readonly url: string;
  readonly bugs: unknown[];
  readonly log: string[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, path: string, headers?: Record<string, string>, body?: string | Buffer): Promise<Answer>;
  close(): Promise<void>;
}

/** A server on a free port of the loopback. */
export async function serving(store: EventStore, options: Partial<ServerOptions> = {}, pace?: StreamPace): Promise<TestServer> {
  const bugs: unknown[] = [];
  const log: string[] = [];
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    token: null,
    areas: [riskSessionArea(sessionsOn(store), pace)],
    version: "0.0.0",
    accessLog: (line) => log.push(line),
    onBug: (error) => bugs.push(error),
    now: () => 0,
    ...options,
  });
  if (server.kind === "refused") throw new Error(JSON.stringify(server.violations));
  const url = `${server.url}${API_PREFIX}`;
  const send: TestServer["send"] = (method, path, headers, body) => exchange(method, `${url}${path}`, headers ?? {}, body);
  return {
    url,
    bugs,
    log,
    send,
    get: (path, headers) => send("GET", path, headers),
    post: (path, body, headers = {}) => send("POST", path, { "content-type": "application/json", ...headers }, JSON.stringify(body)),
    close: () => server.close(),
  };
}

/** One request on a connection of its own, with exactly these headers. */
export function exchange(method: string, url: string, headers: Record<string, string>, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        const told = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
        const json = String(response.headers["content-type"]).includes("json") && text !== "";
        resolve({ status: response.statusCode ?? 0, headers: told, text, body: json ? JSON.parse(text) : null });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What a server answers to bytes that are no request. */
export function rawExchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.on("data", (part) => {
      text += part.toString("utf8");
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

export interface StreamedEvent {
  readonly id: number;
  readonly event: string;
  readonly data: { readonly position: number; readonly type: string; readonly payload: object; readonly [field: string]: unknown };
}

/** Listens to a stream until it ends, or has as many events: what came with them is thrown away, as a cut would. */
export function listen(
  url: string,
  {
    until = Number.POSITIVE_INFINITY,
    lastId,
    headers = {},
  }: { readonly until?: number; readonly lastId?: number; readonly headers?: Record<string, string> } = {},
): Promise<{
  readonly status: number;
  readonly events: readonly StreamedEvent[];
  readonly comments: readonly string[];
  readonly text: string;
}> {
  return new Promise((resolve, reject) => {
    const resume = lastId === undefined ? {} : { "last-event-id": String(lastId) };
    const sent = httpRequest(url, { headers: { ...headers, ...resume }, agent: false }, (response) => {
      const events: StreamedEvent[] = [];
      const comments: string[] = [];
      let text = "";
      let rest = "";
      const done = (): void => resolve({ status: response.statusCode ?? 0, events: events.slice(0, until), comments, text });
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        const frames = (rest + part).split("\n\n");
        rest = frames.pop() ?? "";
        for (const one of frames) {
          if (one.startsWith(":")) comments.push(one);
          const found = /^id: (\d+)\nevent: (.*)\ndata: (.*)$/.exec(one);
          if (found !== null) events.push({ id: Number(found[1]), event: found[2] ?? "", data: JSON.parse(found[3] ?? "") });
        }
        if (events.length >= until) {
          sent.destroy();
          done();
        }
      });
      response.on("end", done);
      response.on("error", done);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET") reject(error);
    });
    sent.end();
  });
}
