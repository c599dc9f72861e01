/** One line of JSON for each answer: what was asked and how it ended. No query, no header and no body, so no secret. */
import type { FastifyReply, FastifyRequest } from "fastify";

/** Takes a line without its end. */
export type AccessLog = (line: string) => void;

/** @param now wall clock in UTC milliseconds */
export function accessLine(request: FastifyRequest, reply: FastifyReply, now: number): string {
  return JSON.stringify({
    time: new Date(now).toISOString(),
    method: request.method,
    path: request.url.split("?", 1)[0],
    route: request.routeOptions.url ?? null,
    status: reply.raw.statusCode,
    ms: Math.round(reply.elapsedTime * 1000) / 1000,
    remote: request.ip,
    correlation_id: request.id,
  });
}
