/**
 * Onetape's HTTP server: what every route has in common. Routes come from areas.
 *
 * Every answer that is not a success is a problem with a fixed code, from the first byte that cannot be read to an exception: no HTML, no stack.
 */

import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from "fastify";
import type { Violation } from "../../core/quality/violation.js";
import { isOpaqueId, MAX_NAME_LENGTH } from "../../core/tape/names.js";
import { accessGuard, isLoopback, tokenFault } from "./access-guard.js";
import { type AccessLog, accessLine } from "./access-log.js";
import { API_PREFIX, answerWith, HEADERS } from "./answer-with.js";
import { describeApi, type OpenApi, withShared } from "./api-description.js";
import { generalRoutes } from "./general-routes.js";
import { PROBLEM_TYPE, type Problem, problem, problemText, REQUEST_PROBLEMS } from "./problem.js";
import { requestCheck } from "./request-checks.js";
import { RouteMethods } from "./route-methods.js";
import type { ServerApp, ServerArea } from "./server-area.js";

export { API_PREFIX };

export interface ServerLimits {
  /** Largest body, but for routes that say otherwise. */
  readonly body_bytes: number;
  /** From the first byte of a request to its last. */
  readonly request_ms: number;
  readonly headers_ms: number;
  /** From a request to its answer, event streams aside. */
  readonly answer_ms: number;
  /** How long requests that are under way may take once the server stops. */
  readonly drain_ms: number;
}

export const LIMITS: ServerLimits = { body_bytes: 1_048_576, request_ms: 30_000, headers_ms: 10_000, answer_ms: 120_000, drain_ms: 10_000 };

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Null only on an address that this machine alone can reach. */
  readonly token: string | null;
  readonly areas: readonly ServerArea[];
  /** Of the program, for the API's description. */
  readonly version: string;
  readonly accessLog: AccessLog | null;
  /** Told of exceptions, with the correlation id that their client was given. */
  readonly onBug: (error: unknown, correlation_id: string) => void;
  /** Wall clock in UTC milliseconds, for the access log. */
  readonly now: () => number;
  readonly limits?: Partial<ServerLimits>;
}

export interface RunningServer {
  readonly kind: "listening";
  /** With the port that was taken, without a slash at its end. */
  readonly url: string;
  /** Takes no more requests, ends event streams, answers what is under way, releases what areas hold. */
  close(): Promise<void>;
}

export type StartRefusal = { readonly kind: "refused"; readonly violations: readonly Violation[] };

/** Starts listening. @returns refused where the address cannot be taken, or would let strangers ask */
export async function startServer(options: ServerOptions): Promise<RunningServer | StartRefusal> {
  const violations = await addressFaults(options);
  if (violations.length > 0) return { kind: "refused", violations };
  const { host, port, areas } = options;
  const limits = { ...LIMITS, ...options.limits };
  const server = await buildServer(options);
  try {
    await server.app.listen({ host, port });
  } catch (error) {
    await server.app.close();
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!(code in LISTEN_FAULTS)) throw error;
    return { kind: "refused", violations: [listenFault(code, host, port)] };
  }
  let closing: Promise<void> | null = null;
  return {
    kind: "listening",
    url: urlOf(host, portOf(server.app.server.address()) ?? port),
    close() {
      closing ??= (async () => {
        server.stop();
        for (const area of areas) area.drain();
        const late = setTimeout(() => server.app.server.closeAllConnections(), limits.drain_ms);
        await server.app.close();
        clearTimeout(late);
        for (const area of areas) await area.close();
      })();
      return closing;
    },
  };
}

/** The description of the API that areas make together. */
export async function openApiOf(areas: readonly ServerArea[], version: string): Promise<OpenApi> {
  const { app } = await buildServer({
    host: "127.0.0.1",
    port: 0,
    token: null,
    areas,
    version,
    accessLog: null,
    onBug: () => {},
    now: () => 0,
  });
  await app.ready();
  const document = withShared(app.swagger());
  await app.close();
  return document;
}

async function buildServer(options: ServerOptions): Promise<{ readonly app: ServerApp; stop(): void }> {
  const { token, areas, accessLog, onBug, now } = options;
  const limits = { ...LIMITS, ...options.limits };
  let stopping = false;
  const guard = accessGuard(token);
  const methods = new RouteMethods();
  const app: ServerApp = fastify({
    bodyLimit: limits.body_bytes,
    requestTimeout: limits.request_ms,
    handlerTimeout: limits.answer_ms,
    routerOptions: { maxParamLength: MAX_NAME_LENGTH },
    http: { headersTimeout: limits.headers_ms, connectionsCheckingInterval: Math.min(limits.headers_ms, 5_000) },
    return503OnClosing: false,
    genReqId: ({ headers }) => {
      const given = headers["x-correlation-id"];
      return typeof given === "string" && isOpaqueId(given) ? given : randomUUID();
    },
    frameworkErrors: (_, request, reply) => {
      void answerWith(reply.headers(HEADERS), request, problem(REQUEST_PROBLEMS.MALFORMED_REQUEST));
    },
    clientErrorHandler: refuseUnread,
  });
  // Every part of a request is checked by one hook below, so that all faults are told together.
  app.setValidatorCompiler(() => (value: unknown) => ({ value }));
  app.setSerializerCompiler(() => (value: unknown) => JSON.stringify(value));
  app.decorate("tellBug", onBug);
  readJson(app);

  app.addHook("onRoute", (route) => {
    methods.add(route.url, [route.method].flat());
    const check = requestCheck(route.schema);
    const before = [route.preValidation ?? []].flat();
    route.preValidation = [
      async (request, reply) => {
        const refused = check(request);
        return refused === null ? undefined : answerWith(reply, request, refused);
      },
      ...before,
    ];
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ ...HEADERS, "x-correlation-id": request.id });
    if (stopping)
      return answerWith(reply, request, problem(REQUEST_PROBLEMS.STOPPING, [], { headers: { connection: "close", "retry-after": "1" } }));
    const refused = guard(request.headers, request.routeOptions.config?.open === true);
    return refused === null ? undefined : answerWith(reply, request, refused);
  });
  if (accessLog !== null) app.addHook("onResponse", async (request, reply) => accessLog(accessLine(request, reply, now())));
  const refuseRoute = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const allowed = methods.of(request.url);
    if (allowed.length === 0) return answerWith(reply, request, problem(REQUEST_PROBLEMS.ROUTE_NOT_FOUND));
    const details = [{ field: "/method", value: request.method, expected: allowed.join(", ") }];
    return answerWith(reply, request, problem(REQUEST_PROBLEMS.METHOD_NOT_ALLOWED, details, { headers: { allow: allowed.join(", ") } }));
  };
  app.setNotFoundHandler(refuseRoute);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // What is wrong with the body of a request that no route takes is not why it is refused.
    if (request.is404) return refuseRoute(request, reply);
    const known = knownProblem(error);
    if (known.code === "INTERNAL") onBug(error, request.id);
    return answerWith(reply, request, known);
  });

  await describeApi(app, areas, { version: options.version, prefix: API_PREFIX, withToken: token !== null });
  await app.register(
    (api: ServerApp, _, done) => {
      generalRoutes(
        api,
        areas.flatMap(({ problems }) => problems),
      );
      for (const area of areas) area.register(api);
      done();
    },
    { prefix: API_PREFIX },
  );
  return {
    app,
    stop() {
      stopping = true;
    },
  };
}

function readJson(app: ServerApp): void {
  const parse = app.getDefaultJsonParser("error", "error");
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    let text: string;
    try {
      text = utf8.decode(Buffer.from(body));
    } catch {
      done(Object.assign(new Error("not UTF-8"), { code: "FST_ERR_CTP_INVALID_JSON_BODY", statusCode: 400 }));
      return;
    }
    void parse(request, text, done);
  });
}

function knownProblem({ code, statusCode = 500 }: FastifyError): Problem {
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return problem(REQUEST_PROBLEMS.BODY_TOO_LARGE, [], { headers: { connection: "close" } });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return problem(REQUEST_PROBLEMS.UNSUPPORTED_MEDIA_TYPE, [
        { field: "/headers/content-type", value: "another", expected: "application/json" },
      ]);
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return problem(REQUEST_PROBLEMS.MALFORMED_JSON);
    case "FST_ERR_HANDLER_TIMEOUT":
      return problem(REQUEST_PROBLEMS.ANSWER_TIMEOUT);
    default:
      return problem(statusCode >= 400 && statusCode < 500 ? REQUEST_PROBLEMS.MALFORMED_REQUEST : REQUEST_PROBLEMS.INTERNAL);
  }
}

/** A request that cannot be read has no reply of its own: its answer is written on the bare connection. */
function refuseUnread(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const kind =
    error.code === "HPE_HEADER_OVERFLOW"
      ? REQUEST_PROBLEMS.HEADERS_TOO_LARGE
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? REQUEST_PROBLEMS.REQUEST_TIMEOUT
        : REQUEST_PROBLEMS.MALFORMED_REQUEST;
  const body = problemText(problem(kind), API_PREFIX, "");
  const headers = { ...HEADERS, "content-type": PROBLEM_TYPE, "content-length": String(Buffer.byteLength(body)), connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${kind.status} ${kind.code}\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

async function addressFaults({ host, port, token }: ServerOptions): Promise<readonly Violation[]> {
  const faults: Violation[] = [];
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    faults.push({ code: "PORT_INVALID", message: `${port} is no port`, field: "port", value: String(port), expected: "0 to 65535" });
  const weak = token === null ? null : tokenFault(token);
  if (weak !== null)
    faults.push({ code: "TOKEN_INVALID", message: `the token cannot be used: ${weak}`, field: "token", expected: "a long random text" });
  if (token === null && !(await isLoopback(host)))
    faults.push({
      code: "TOKEN_NEEDED",
      message: `${host} can be reached from other machines, and no token is set`,
      field: "host",
      value: host,
      expected: "a token, or an address of this machine alone such as 127.0.0.1",
    });
  return faults;
}

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken by another program",
  EADDRNOTAVAIL: "is no address of this machine",
  EACCES: "may not be taken by this user",
  ENOTFOUND: "is a name that cannot be found",
  EAI_AGAIN: "is a name that cannot be found now",
};

function listenFault(code: string, host: string, port: number): Violation {
  const message = `${urlOf(host, port).slice("http://".length)} ${LISTEN_FAULTS[code]}`;
  return { code, message, field: "port", value: String(port), expected: "an address that is free; port 0 takes any" };
}

function portOf(address: ReturnType<ServerApp["server"]["address"]>): number | null {
  return typeof address === "object" && address !== null ? address.port : null;
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
