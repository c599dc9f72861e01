/** Routes that change sessions: begin one, hand it commands, record its state. */
import type { FastifyReply, FastifyRequest } from "fastify";
import * as Type from "typebox";
import { COMMAND_VERSION } from "../../../core/session/risk-command.js";
import type { CommandOutcome, CommandOutcomes } from "../../../usecases/risk-session.js";
import { answerWith } from "../answer-with.js";
import { answers } from "../api-description.js";
import { type Problem, problem } from "../problem.js";
import type { ServerApp } from "../server-area.js";
import { Applied, BegunSession, CommandBody, KeyHeader, Outcomes, SessionId, SessionPath } from "./session-answers.js";
import type { SessionHost } from "./session-host.js";
import { openingDifferences, openingOf, type SessionOpening } from "./session-opening.js";
import { COMMAND_PROBLEMS, commandKind, commandProblem, OF_A_SESSION, refusalProblem, SESSION_PROBLEMS } from "./session-problems.js";
import { RISK_SESSIONS } from "./tag.js";

/** Commands of one request at most. */
const MOST_COMMANDS = 10_000;
const BATCH_BYTES = 16_777_216;

const NewSession = Type.Object(
  {
    session_id: Type.Optional(SessionId),
    base_currency: Type.String({ maxLength: 12, description: "currency of every report, such as ILS" }),
    fx_pivot: Type.String({ maxLength: 12, description: "currency that the rate set hangs on" }),
    opened_at: Type.Optional(Type.Integer({ description: "event time of its beginning, UTC milliseconds; required" })),
    snapshot_every: Type.Optional(
      Type.Integer({ minimum: 0, default: 50, description: "accepted commands between recorded hashes; 0 for none" }),
    ),
  },
  { additionalProperties: false },
);
const AnyCommand = Type.Object({}, { additionalProperties: true });
const SnapshotRequest = Type.Object(
  {
    ts: Type.Optional(Type.Unknown()),
    validation_mode: Type.Optional(Type.Unknown()),
    client_sequence: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);

export function commandRoutes(app: ServerApp, host: SessionHost): void {
  const { IDEMPOTENCY_KEY_MISMATCH, STORE_CORRUPT, STORE_UNAVAILABLE } = SESSION_PROBLEMS;
  app.post(
    "/sessions",
    {
      config: {
        described_body: Type.Object(
          { ...NewSession.properties, opened_at: Type.Integer({ description: "event time of its beginning, UTC milliseconds" }) },
          { additionalProperties: false },
        ),
      },
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "createSession",
        summary: "Begin a session",
        description: "Its name is `session_id`, or the idempotency key. The same name with the same settings is answered as before.",
        headers: KeyHeader,
        body: NewSession,
        response: answers({ 201: ["the session is there", BegunSession] }, [
          ...COMMAND_PROBLEMS.filter(({ code }) => BEGINNING.includes(code)),
          IDEMPOTENCY_KEY_MISMATCH,
          STORE_CORRUPT,
          STORE_UNAVAILABLE,
        ]),
      },
    },
    async (request, reply) => {
      const { session_id, opened_at, snapshot_every = 50, ...rest } = request.body;
      const key = request.headers["idempotency-key"];
      if (session_id !== undefined && key !== undefined && key !== session_id) return answerWith(reply, request, mismatch(key, session_id));
      const name = session_id ?? key;
      if (opened_at === undefined)
        return answerWith(
          reply,
          request,
          problem(commandKind("MISSING_EVENT_TS"), [
            { field: "/opened_at", value: "nothing", expected: "UTC milliseconds of the beginning" },
          ]),
        );
      if (name === undefined)
        return answerWith(
          reply,
          request,
          problem(commandKind("VALIDATION_ERROR"), [
            { field: "/session_id", value: "nothing", expected: "a name, here or as Idempotency-Key" },
          ]),
        );
      return begin(host, name, { ...rest, opened_at, snapshot_every }, request, reply);
    },
  );
  app.post(
    "/sessions/:id/events",
    {
      config: { described_body: CommandBody },
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "sendCommand",
        summary: "Hand over one command",
        description:
          "A command is known by `command_id`, which the idempotency key is; a quote by its source and sequence, `quote/SOURCE/SEQUENCE`. It is on the log, durable, before the answer is sent: who lost the answer sends the same again.",
        params: SessionPath,
        headers: KeyHeader,
        body: AnyCommand,
        response: answers({ 201: ["accepted, now or before", Applied] }, [...OF_A_SESSION, ...COMMAND_PROBLEMS, IDEMPOTENCY_KEY_MISMATCH]),
      },
    },
    (request, reply) => one(host, request.params.id, request.body, request, reply),
  );
  app.post(
    "/sessions/:id/snapshot",
    {
      config: {
        described_body: Type.Object(
          { ...SnapshotRequest.properties, ts: Type.Integer({ description: "UTC milliseconds" }) },
          { additionalProperties: false },
        ),
      },
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "recordSnapshot",
        summary: "Record the hash of the state",
        description: "The command SNAPSHOT_REQUEST, known by the idempotency key.",
        params: SessionPath,
        headers: KeyHeader,
        body: SnapshotRequest,
        response: answers({ 201: ["recorded, now or before", Applied] }, [
          ...OF_A_SESSION,
          ...COMMAND_PROBLEMS.filter(({ code }) => code !== "MARKET_SNAPSHOT_NOT_FOUND"),
        ]),
      },
    },
    (request, reply) => {
      const { ts, ...rest } = request.body;
      const command = { kind: "SNAPSHOT_REQUEST", schema_version: COMMAND_VERSION, ...rest, payload: ts === undefined ? {} : { ts } };
      return one(host, request.params.id, command, request, reply);
    },
  );
  app.post(
    "/sessions/:id/commands",
    {
      bodyLimit: BATCH_BYTES,
      config: {
        described_body: Type.Object(
          { commands: Type.Array(CommandBody, { minItems: 1, maxItems: MOST_COMMANDS }) },
          { additionalProperties: false },
        ),
      },
      schema: {
        tags: [RISK_SESSIONS],
        operationId: "sendCommands",
        summary: "Hand over a list of commands, in one transaction",
        description:
          "Each is known by its own `command_id`, quotes by source and sequence, and has an outcome of its own; one that is refused keeps no other back. All that is accepted becomes durable together.",
        params: SessionPath,
        body: Type.Object(
          { commands: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MOST_COMMANDS }) },
          { additionalProperties: false },
        ),
        response: answers({ 200: ["what each command came to", Outcomes] }, [
          ...OF_A_SESSION,
          ...COMMAND_PROBLEMS.filter(({ code }) => code === "VALIDATION_ERROR"),
          IDEMPOTENCY_KEY_MISMATCH,
        ]),
      },
    },
    async (request, reply) => {
      const key = request.headers["idempotency-key"];
      if (typeof key === "string") return answerWith(reply, request, mismatch(key, "the command_id of each command"));
      const executed = await host.execute(request.params.id, request.body.commands);
      if (executed.kind === "refused") return answerWith(reply, request, refusalProblem(executed));
      return told(request.params.id, executed, request.id);
    },
  );
}

const BEGINNING: readonly string[] = ["MISSING_EVENT_TS", "VALIDATION_ERROR", "IDEMPOTENCY_CONFLICT"];

/** Begins a session, or finds that the same one was begun before. */
async function begin(
  host: SessionHost,
  name: string,
  opening: SessionOpening,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const refused = await host.create({ name, ...opening });
  const taken = refused?.violations.some(({ code }) => code === "SESSION_EXISTS") === true;
  if (refused !== null && !taken) return answerWith(reply, request, refusalProblem(refused));
  const found = await host.read(name, async (session) => ({
    kind: "found" as const,
    known: await openingOf(session),
    version: session.version,
    hash: session.stateHash(),
  }));
  if (found.kind === "refused") return answerWith(reply, request, refusalProblem(found));
  const differences = openingDifferences(opening, found.known);
  if (differences.length > 0) return answerWith(reply, request, problem(commandKind("IDEMPOTENCY_CONFLICT"), differences));
  if (taken) reply.header("idempotent-replayed", "true");
  reply.code(201).header("location", `${request.url.split("?", 1)[0]}/${encodeURIComponent(name)}`);
  return { session_id: name, state_version: found.version, applied: !taken, state_hash: found.hash, correlation_id: request.id };
}

/** Hands over one command, whose identity may stand in the header. */
async function one(host: SessionHost, id: string, body: object, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const key = request.headers["idempotency-key"];
  const named = typeof key === "string" ? withKey(body, key) : { command: body };
  if ("refused" in named) return answerWith(reply, request, named.refused);
  const executed = await host.execute(id, [named.command]);
  if (executed.kind === "refused") return answerWith(reply, request, refusalProblem(executed));
  const outcome = executed.outcomes[0];
  if (outcome === undefined) throw new RangeError("a command came to nothing");
  if (outcome.error !== null) return answerWith(reply, request, commandProblem(outcome.error));
  if (outcome.status === "IDEMPOTENT_REPLAY") reply.header("idempotent-replayed", "true");
  reply.code(201);
  return applied(outcome, executed.state_hash, request.id);
}

function withKey(body: object, key: string): { readonly command: object } | { readonly refused: Problem } {
  const member = (name: string, of: unknown = body): unknown =>
    typeof of === "object" && of !== null ? Object.getOwnPropertyDescriptor(of, name)?.value : undefined;
  if (member("kind") === "INGEST_QUOTE") {
    const payload = member("payload");
    const identity = `quote/${String(member("source", payload))}/${String(member("sequence", payload))}`;
    return identity === key ? { command: body } : { refused: mismatch(key, identity) };
  }
  const command_id = member("command_id");
  if (command_id === undefined) return { command: { ...body, command_id: key } };
  return command_id === key ? { command: body } : { refused: mismatch(key, String(command_id)) };
}

function mismatch(key: string, expected: string): Problem {
  return problem(SESSION_PROBLEMS.IDEMPOTENCY_KEY_MISMATCH, [{ field: "/headers/idempotency-key", value: key, expected }]);
}

function applied(
  { session_id, command_id, state_version, status, diagnostics }: CommandOutcome,
  state_hash: string,
  correlation_id: string,
): object {
  return { session_id, command_id, state_version, applied: status === "ACCEPTED", state_hash, diagnostics, correlation_id };
}

function told(session_id: string, { outcomes, state_hash }: CommandOutcomes, correlation_id: string): object {
  const count = (status: CommandOutcome["status"]): number => outcomes.filter((outcome) => outcome.status === status).length;
  const counts = { accepted: count("ACCEPTED"), replayed: count("IDEMPOTENT_REPLAY"), rejected: count("REJECTED") };
  return { session_id, ...counts, state_hash, outcomes, correlation_id };
}
