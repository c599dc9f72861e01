/** Routes that belong to no area: whether the server is there, what it can do, and what its refusals mean. */
import * as Type from "typebox";
import { answerWith } from "./answer-with.js";
import { answers, type OpenApi, withShared } from "./api-description.js";
import { CURSOR_PROBLEMS } from "./page-cursor.js";
import { type ProblemKind, problem, problemKinds, REQUEST_PROBLEMS } from "./problem.js";
import type { ServerApp } from "./server-area.js";

const GENERAL = "server";

const { PROBLEM_NOT_FOUND } = problemKinds({ PROBLEM_NOT_FOUND: [404, "NOT_FOUND", "there is no problem of this code"] });

const Kind = Type.Object({ code: Type.String(), status: Type.Integer(), category: Type.String(), title: Type.String() });

/** @param more problems of areas */
export function generalRoutes(app: ServerApp, more: readonly ProblemKind[]): void {
  let description: OpenApi | null = null;
  const kinds = [...Object.values(REQUEST_PROBLEMS), ...Object.values(CURSOR_PROBLEMS), PROBLEM_NOT_FOUND, ...more];
  app.get(
    "/health",
    {
      config: { open: true },
      schema: {
        tags: [GENERAL],
        operationId: "getHealth",
        summary: "Whether the server answers",
        response: answers({ 200: ["it does", Type.Object({ status: Type.Literal("ok") })] }),
      },
    },
    () => ({ status: "ok" }),
  );
  app.get(
    "/openapi.json",
    {
      schema: {
        tags: [GENERAL],
        operationId: "getOpenApi",
        summary: "This description",
        response: answers({ 200: ["OpenAPI 3.1", Type.Object({ openapi: Type.String() }, { additionalProperties: true })] }),
      },
    },
    () => (description ??= withShared(app.swagger())),
  );
  app.get(
    "/problems",
    {
      schema: {
        tags: [GENERAL],
        operationId: "listProblems",
        summary: "Every code with which a request can be refused",
        response: answers({ 200: ["by status, then code", Type.Object({ items: Type.Array(Kind) })] }),
      },
    },
    () => ({ items: [...kinds].sort((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1)) }),
  );
  app.get(
    "/problems/:code",
    {
      schema: {
        tags: [GENERAL],
        operationId: "getProblem",
        summary: "What a code means: where `type` of a problem leads",
        params: Type.Object({ code: Type.String({ pattern: "^[A-Z_]{1,60}$" }) }),
        response: answers({ 200: ["the code", Kind] }, [PROBLEM_NOT_FOUND]),
      },
    },
    (request, reply) => {
      const kind = kinds.find(({ code }) => code === request.params.code);
      return kind ?? answerWith(reply, request, problem(PROBLEM_NOT_FOUND));
    },
  );
}
