/** Answers that are functions of a log up to its end: the end's hash is their entity tag, and who has it already is told so. */
import type { FastifyReply, FastifyRequest } from "fastify";

/** @returns whether the client has the answer of this hash; then the reply is complete */
export function answeredBefore(request: FastifyRequest, reply: FastifyReply, hash: string): boolean {
  const tag = `"${hash}"`;
  reply.header("etag", tag).header("cache-control", "private, no-cache");
  const { "if-none-match": known } = request.headers;
  const has = known?.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === tag) === true;
  if (has) reply.code(304);
  return has;
}
