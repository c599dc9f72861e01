import type { FastifyReply, FastifyRequest } from "fastify";
import { PROBLEM_TYPE, type Problem, problemText } from "./problem.js";

/** Where all routes are. */
export const API_PREFIX = "/api/v2";

/** Answers with a problem. */
export function answerWith(reply: FastifyReply, request: FastifyRequest, refused: Problem): FastifyReply {
  return reply
    .code(refused.status)
    .headers({ ...refused.headers, "cache-control": "no-store" })
    .type(PROBLEM_TYPE)
    .send(problemText(refused, API_PREFIX, request.url));
}

/** Nothing of an answer is for a page: none may frame, sniff, keep or forward it. */
export const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
