import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ProblemKind } from "./problem.js";

/** The application that areas add their routes to, below the prefix of the API. */
export type ServerApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

/** A part of the server: its routes, and what they hold open. The server knows areas by this alone. */
export interface ServerArea {
  /** Groups its routes in the API's description. */
  readonly tag: string;
  readonly says: string;
  /** Every problem of its own that a route may answer with. */
  readonly problems: readonly ProblemKind[];
  register(app: ServerApp): void;
  /** The server is stopping: ends what would never end by itself. Requests that are under way go on. */
  drain(): void;
  /** After the last answer: releases what is open. */
  close(): Promise<void>;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Tells an exception that no answer can tell any more. */
    tellBug(error: unknown, correlation_id: string): void;
  }
  interface FastifyContextConfig {
    /** Answers without the server's token. */
    readonly open?: boolean;
    /** What the body is described as, where more is told than is checked here. */
    readonly described_body?: object;
  }
}
