/** Routes that read sessions. Nothing of them is recorded, and each answer is a function of the session's log. */
import type { FastifyReply, FastifyRequest } from "fastify";
import * as Type from "typebox";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { reportText } from "../../../core/session/session-report.js";
import type { DataRefusal } from "../../../usecases/data-ports.js";
import { newestSnapshot, stateAt } from "../../../usecases/recorded-snapshot.js";
import type { RiskSession } from "../../../usecases/risk-session.js";
import { answerWith } from "../answer-with.js";
import { answers } from "../api-description.js";
import { answeredBefore } from "../as-of.js";
import { CURSOR_PROBLEMS, listQuery, nextCursor, pageStart } from "../page-cursor.js";
import { type Problem, problem } from "../problem.js";
import type { ServerApp } from "../server-area.js";
import {
  EventPage,
  eventText,
  ListedSessions,
  ReplayAnswer,
  ReportAnswer,
  RequestPage,
  SessionAnswer,
  SessionPath,
  SnapshotAnswer,
  SnapshotMetadata,
  SummaryAnswer,
} from "./session-answers.js";
import { eventsAfter, type LogEnd, type SessionHost } from "./session-host.js";
import { openingOf } from "./session-opening.js";
import { OF_A_SESSION, refusalProblem, SESSION_PROBLEMS } from "./session-problems.js";
import { RISK_SESSIONS } from "./tag.js";

/** Bytes of payloads on one page of events, but at least one event. */
const PAGE_BYTES = 4_194_304;

const closed = { additionalProperties: false } as const;
const { SNAPSHOT_NOT_FOUND, REPORT_NOT_FOUND, STORE_CORRUPT, STORE_UNAVAILABLE } = SESSION_PROBLEMS;

export function readRoutes(app: ServerApp, host: SessionHost): void {
  app.get(
    "/sessions",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "listSessions",
        summary: "Sessions of the workspace, by name",
        querystring: Type.Object(listQuery(200), closed),
        response: answers({ 200: ["a page of them", ListedSessions] }, [CURSOR_PROBLEMS.CURSOR_INVALID, STORE_UNAVAILABLE]),
      },
    },
    async (request, reply) => {
      const { limit = 200, cursor } = request.query;
      const start = pageStart(cursor, "sessions", "");
      if ("refused" in start) return answerWith(reply, request, start.refused);
      const later = (await host.list()).filter((name) => name > start.after);
      const items = later.slice(0, limit).map((session_id) => ({ session_id }));
      const last = items.at(-1);
      return { items, next: last === undefined || later.length === items.length ? null : nextCursor("sessions", 0, last.session_id) };
    },
  );
  app.get(
    "/sessions/:id",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "getSession",
        summary: "How a session stands",
        params: SessionPath,
        response: answers({ 200: ["settings, version, hash of the state, refused quotes", SessionAnswer], ...UNCHANGED }, OF_A_SESSION),
      },
    },
    (request, reply) =>
      asOf(host, request, reply, async (session, head) => {
        const { status, version, rejects } = session;
        const state = { state_version: version, state_hash: session.stateHash() };
        return answer({ session_id: session.name, status, ...(await openingOf(session)), ...state, head, rejects });
      }),
  );
  app.get(
    "/sessions/:id/snapshot",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "getSnapshot",
        summary: "The newest recorded state",
        description: "Folded from the log again, and compared with the hash that was recorded.",
        params: SessionPath,
        response: answers({ 200: ["the state, and its hash", SnapshotAnswer], ...UNCHANGED }, [...OF_A_SESSION, SNAPSHOT_NOT_FOUND]),
      },
    },
    (request, reply) =>
      asOf(host, request, reply, async (session) => {
        const recorded = await newestSnapshot(session);
        if (recorded === null) return refused(problem(SNAPSHOT_NOT_FOUND));
        const data = await stateAt(session, recorded, sha256);
        if (data !== null) return answer({ session_id: session.name, ...recorded, data });
        const details = [{ field: "state_hash", value: "another", expected: recorded.state_hash }];
        return refused(problem(STORE_CORRUPT, details));
      }),
  );
  app.get(
    "/sessions/:id/snapshot/metadata",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "getSnapshotMetadata",
        summary: "The newest recorded hash of the state, and when the next is due",
        params: SessionPath,
        response: answers({ 200: ["the hash and its place", SnapshotMetadata], ...UNCHANGED }, [...OF_A_SESSION, SNAPSHOT_NOT_FOUND]),
      },
    },
    (request, reply) =>
      asOf(host, request, reply, async (session) => {
        const recorded = await newestSnapshot(session);
        if (recorded === null) return refused(problem(SNAPSHOT_NOT_FOUND));
        const { snapshot_every } = await openingOf(session);
        const next_version = snapshot_every === 0 ? null : recorded.version + snapshot_every;
        return answer({ session_id: session.name, ...recorded, snapshot_every, next_version });
      }),
  );
  app.get(
    "/sessions/:id/events",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "listEvents",
        summary: "What stands on a session's log",
        description: "A first page fixes where the list ends: pages after it neither repeat nor skip what is appended meanwhile.",
        params: SessionPath,
        querystring: Type.Object(
          {
            ...listQuery(200),
            after: Type.Optional(
              Type.Integer({ minimum: 0, default: 0, description: "position of the last event that is known; for the first page" }),
            ),
            include_payload: Type.Optional(Type.Boolean({ default: false })),
          },
          closed,
        ),
        response: answers({ 200: ["a page of events", EventPage], ...UNCHANGED }, [...OF_A_SESSION, CURSOR_PROBLEMS.CURSOR_INVALID]),
      },
    },
    (request, reply) => {
      const { limit = 200, cursor, after = 0, include_payload = false } = request.query;
      return asOf(host, request, reply, async (session, head) => {
        const question = `events ${session.name} ${after} ${include_payload}`;
        const start = pageStart(cursor, question, after);
        if ("refused" in start) return refused(start.refused);
        const to = start.end ?? head.position;
        const events = await eventsAfter(session, start.after, { limit, most: PAGE_BYTES, to });
        const last = events.at(-1)?.position ?? to;
        const next = last < to ? nextCursor(question, to, last) : null;
        const items = events.map((event) => eventText(session.name, event, include_payload)).join(",");
        const told = JSON.stringify({ session_id: session.name, head, next });
        return json(`${told.slice(0, -1)},"items":[${items}]}`);
      });
    },
  );
  app.get(
    "/sessions/:id/compute/requests",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "listRequests",
        summary: "What was asked to be computed, in the order of the asking",
        params: SessionPath,
        querystring: Type.Object(listQuery(200), closed),
        response: answers({ 200: ["a page of requests", RequestPage], ...UNCHANGED }, [...OF_A_SESSION, CURSOR_PROBLEMS.CURSOR_INVALID]),
      },
    },
    (request, reply) => {
      const { limit = 200, cursor } = request.query;
      return asOf(host, request, reply, async (session) => {
        const question = `requests ${session.name}`;
        const start = pageStart(cursor, question, 0);
        if ("refused" in start) return refused(start.refused);
        const all = session.requests;
        const end = start.end ?? all.length;
        const upTo = Math.min(end, start.after + limit);
        const items = all.slice(start.after, upTo).map(({ command_id, kind, as_of, portfolio_id, run_id, superseded }) => {
          const state = run_id === null ? "requested" : session.runState(run_id);
          return { command_id, kind, as_of, portfolio_id, run_id, state, superseded };
        });
        return answer({ session_id: session.name, items, next: upTo < end ? nextCursor(question, end, upTo) : null });
      });
    },
  );
  app.get(
    "/sessions/:id/portfolio/summary",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "getSummary",
        summary: "What a portfolio is worth",
        params: SessionPath,
        querystring: Type.Object(
          {
            portfolio_id: Type.String({ minLength: 1, maxLength: 80 }),
            ts: Type.Optional(
              Type.Integer({
                minimum: -62_135_596_800_000,
                maximum: 140_737_488_355_327,
                description: "event time of the answer, UTC milliseconds; default: the newest",
              }),
            ),
          },
          closed,
        ),
        response: answers({ 200: ["value, exposures, limits", SummaryAnswer], ...UNCHANGED }, OF_A_SESSION),
      },
    },
    (request, reply) =>
      asOf(host, request, reply, async (session) => answer(await session.summary(request.query.portfolio_id, request.query.ts ?? null))),
  );
  app.get(
    "/sessions/:id/report",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "getReport",
        summary: "What a request came to",
        params: SessionPath,
        querystring: Type.Object(
          { command_id: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "the request; default: the last one" })) },
          closed,
        ),
        response: answers({ 200: ["figures, and all that they were made of", ReportAnswer], ...UNCHANGED }, [
          ...OF_A_SESSION,
          REPORT_NOT_FOUND,
        ]),
      },
    },
    (request, reply) =>
      asOf(host, request, reply, async (session) => {
        const report = await session.report(request.query.command_id ?? null);
        return report === null ? refused(problem(REPORT_NOT_FOUND)) : json(reportText(report));
      }),
  );
  app.get(
    "/sessions/:id/replay",
    {
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "replaySession",
        summary: "Build the session again from its log alone, and compare",
        params: SessionPath,
        response: answers({ 200: ["what was compared, and the first difference", ReplayAnswer], ...UNCHANGED }, OF_A_SESSION),
      },
    },
    (request, reply) =>
      asOf(host, request, reply, async (session) => {
        const { kind: _, ...replay } = await session.replay();
        return answer({ session_id: session.name, ...replay });
      }),
  );
}

const UNCHANGED: { readonly 304: readonly [string, Type.TSchema] } = { 304: ["as before: the entity tag still holds", Type.Null()] };

/** What a route makes of a session: an answer, one that is JSON already, or a refusal. */
type Made =
  | { readonly kind: "answer"; readonly body: object }
  | { readonly kind: "json"; readonly text: string }
  | { readonly kind: "problem"; readonly problem: Problem }
  | { readonly kind: "unchanged" };

const answer = (body: object): Made => ({ kind: "answer", body });
const json = (text: string): Made => ({ kind: "json", text });
const refused = (why: Problem): Made => ({ kind: "problem", problem: why });

/** Answers from a session as of the end of its log, which is the answer's entity tag. */
async function asOf(
  host: SessionHost,
  request: FastifyRequest<{ Params: { readonly id: string } }>,
  reply: FastifyReply,
  make: (session: RiskSession, head: LogEnd) => Promise<Made>,
): Promise<unknown> {
  const made: Made | DataRefusal = await host.read(request.params.id, async (session, head) =>
    answeredBefore(request, reply, head.hash) ? { kind: "unchanged" } : make(session, head),
  );
  switch (made.kind) {
    case "refused":
      return answerWith(reply, request, refusalProblem(made));
    case "problem":
      return answerWith(reply.removeHeader("etag"), request, made.problem);
    case "unchanged":
      return reply.send();
    case "json":
      return reply.type("application/json; charset=utf-8").send(made.text);
    case "answer":
      return made.body;
  }
}
