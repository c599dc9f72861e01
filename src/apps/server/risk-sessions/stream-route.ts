/** The route that streams a session: every event of its log, from any position on, as it is appended. */
import type { FastifyReply } from "fastify";
import * as Type from "typebox";
import { answerWith } from "../answer-with.js";
import { answers } from "../api-description.js";
import { EventStream, type StreamPace } from "../event-stream.js";
import { problem } from "../problem.js";
import type { ServerApp } from "../server-area.js";
import { SessionPath } from "./session-answers.js";
import { SessionFeed } from "./session-feed.js";
import type { SessionHost } from "./session-host.js";
import { OF_A_SESSION, refusalProblem, SESSION_PROBLEMS } from "./session-problems.js";
import { RISK_SESSIONS } from "./tag.js";

const POSITION = /^(?:0|[1-9][0-9]{0,14})$/;

/** Streams that are open, so that a server that stops can end them. */
export class SessionStreams {
  readonly #host: SessionHost;
  readonly #pace: StreamPace;
  readonly #feeds = new Map<string, SessionFeed>();
  readonly #open = new Set<EventStream>();
  #stopped = false;

  constructor(host: SessionHost, pace: StreamPace) {
    this.#host = host;
    this.#pace = pace;
  }

  /** Takes a reply over and streams into it until its client leaves. */
  async serve(name: string, after: number, reply: FastifyReply): Promise<void> {
    const feed = this.#feeds.get(name) ?? new SessionFeed(this.#host, name);
    this.#feeds.set(name, feed);
    reply.headers({ "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" });
    for (const [header, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(header, value);
    reply.hijack();
    reply.raw.writeHead(200);
    const stream = new EventStream(reply.raw, feed, this.#pace);
    this.#open.add(stream);
    if (this.#stopped) stream.stop();
    try {
      await stream.run(after);
    } catch (error) {
      // The status was sent: a cut connection is all that can still be told, and the client comes again with its last id.
      reply.raw.destroy();
      reply.server.tellBug(error, reply.request.id);
    } finally {
      this.#open.delete(stream);
      if (feed.listeners === 0 && this.#feeds.get(name) === feed) this.#feeds.delete(name);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const stream of this.#open) stream.stop();
  }
}

export function streamRoute(app: ServerApp, host: SessionHost, streams: SessionStreams): void {
  const { POSITION_AHEAD } = SESSION_PROBLEMS;
  app.get(
    "/sessions/:id/stream",
    {
      exposeHeadRoute: false,
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "streamEvents",
        summary: "Every event of a session as it comes, as server-sent events",
        description:
          "The id of an event is its position on the log, its name the event's type, its data the event as `listEvents` has it, with its payload. `Last-Event-ID`, or `after` where there is none, is the last event that the client has; without either the stream begins with the first event. Comments come every 15 seconds.",
        params: SessionPath,
        headers: Type.Object({
          "last-event-id": Type.Optional(
            Type.String({ pattern: POSITION.source, description: "position of the last event that was received" }),
          ),
        }),
        querystring: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }, { additionalProperties: false }),
        response: answers({ 200: ["events, until the client leaves", Type.String(), "text/event-stream"] }, [
          ...OF_A_SESSION,
          POSITION_AHEAD,
        ]),
      },
    },
    async (request, reply) => {
      const last = request.headers["last-event-id"];
      const after = last === undefined ? (request.query.after ?? 0) : Number(last);
      const found = await host.read(request.params.id, async (_, end) => ({ kind: "found" as const, end: end.position }));
      if (found.kind === "refused") return answerWith(reply, request, refusalProblem(found));
      if (after > found.end) {
        const field = last === undefined ? "/query/after" : "/headers/last-event-id";
        return answerWith(reply, request, problem(POSITION_AHEAD, [{ field, value: String(after), expected: `at most ${found.end}` }]));
      }
      await streams.serve(request.params.id, after, reply);
      return reply;
    },
  );
}
