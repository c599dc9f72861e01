/** Renders the reference page of the HTTP API from its own description. */
import type { OpenApi } from "../../src/apps/server/api-description.js";
import { PROBLEM_TYPE, type ProblemKind } from "../../src/apps/server/problem.js";

export interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: object }[];
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

/** Routes in the order of the description. */
export function operationsOf(
  document: OpenApi,
): readonly { readonly method: string; readonly path: string; readonly operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation: operation as Operation })),
  );
}

export function httpApiPage(document: OpenApi, kinds: readonly ProblemKind[]): string {
  const operations = operationsOf(document);
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const groups = tags.map((tag) => {
    const rows = operations.filter(({ operation }) => operation.tags.includes(tag)).map(row);
    return `### ${tag}\n\n| route | does | query and headers | answers |\n| --- | --- | --- | --- |\n${rows.join("\n")}`;
  });
  const problems = kinds.map(({ code, status, category, title }) => `| \`${code}\` | ${status} | ${category} | ${title} |`);
  return `<!-- Generated from the code by test/docs. Edit the declarations, then run: ONETAPE_WRITE_DOCS=1 npx vitest run test/docs -->

# HTTP API

\`onetape serve\` answers these routes; how to use them is in the [guide](../guide/http-api.md). The whole description is [openapi.json](openapi.json), OpenAPI 3.1, which the server has at
\`/api/v2/openapi.json\`.

## Routes

${groups.join("\n\n")}

## Problems

Refusals are \`${PROBLEM_TYPE}\` with \`type\`, \`title\` (fixed per code), \`status\`, \`instance\`, \`category\`, \`code\`, \`details\` (\`field\`, \`value\`, \`expected\`; the first fifty) and
\`error_count\`. \`type\` is a route that explains the code. Beside those of the firewall and of sessions, every route may answer with those of any request.

| code | status | category | title |
| --- | --- | --- | --- |
${problems.join("\n")}
`;
}

function row({ method, path, operation }: { readonly method: string; readonly path: string; readonly operation: Operation }): string {
  const told = (operation.parameters ?? []).filter((parameter) => parameter.in !== "path");
  const parameters = told.map(({ name, required }) => `\`${name}\`${required === true ? " (required)" : ""}`).join(", ");
  const successes = Object.keys(operation.responses).filter((status) => Number(status) < 400);
  return `| \`${method} ${path}\` | ${operation.summary} | ${parameters} | ${successes.join(", ")} |`;
}
