/** The API as an OpenAPI 3.1 document, made from the schemas that check requests. */
import swagger from "@fastify/swagger";
import type { RouteOptions } from "fastify";
import type { TSchema } from "typebox";
import { PROBLEM_TYPE, type ProblemKind, problemSchema, REQUEST_PROBLEMS } from "./problem.js";
import type { ServerApp, ServerArea } from "./server-area.js";

/** An OpenAPI document, as far as this program looks into it. */
export interface OpenApi {
  readonly openapi: string;
  /** By path, then method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: Readonly<Record<string, object>>;
}

type Answers = Readonly<Record<string, object>>;

/** What a route answers with: a description and schema by status, and the problems of its own. */
export function answers(
  successes: Readonly<Record<number, readonly [description: string, schema: TSchema, type?: string]>>,
  problems: readonly ProblemKind[] = [],
): Answers {
  const told = Object.entries(successes).map(([status, [description, schema, type = "application/json"]]) => [
    status,
    { description, content: { [type]: { schema } } },
  ]);
  return { ...Object.fromEntries(told), ...problemAnswers(problems) };
}

function problemAnswers(problems: readonly ProblemKind[]): Answers {
  const statuses = [...new Set(problems.map(({ status }) => status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const kinds = problems.filter((kind) => kind.status === status);
      const description = kinds.map(({ code, title }) => `\`${code}\`: ${title}`).join("; ");
      return [status, { description, content: { [PROBLEM_TYPE]: { schema: problemSchema(kinds.map(({ code }) => code)) } } }];
    }),
  );
}

export async function describeApi(
  app: ServerApp,
  areas: readonly ServerArea[],
  { version, prefix, withToken }: { readonly version: string; readonly prefix: string; readonly withToken: boolean },
): Promise<void> {
  const tags = [{ name: "server", description: "the server itself" }, ...areas.map(({ tag, says }) => ({ name: tag, description: says }))];
  await app.register(swagger, {
    convertConstToEnum: false,
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Onetape",
        version,
        description: `Every route is below \`${prefix}\`. Refusals are problem details (RFC 9457) with a fixed code; \`${prefix}/problems\` lists all of them. Times are whole UTC milliseconds, money and quantities that come in are decimal text.`,
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      tags,
      components: {
        securitySchemes: { token: { type: "http", scheme: "bearer", description: "the token that the server was started with" } },
      },
      security: withToken ? [{ token: [] }] : [{ token: [] }, {}],
    },
    transform: ({ schema, url, route }) => ({ schema: described(schema, route), url }),
  });
}

/** A route's schema as it is told: its body in full, and the problems that any request of its shape can come to. */
function described(schema: RouteOptions["schema"] | undefined, route: RouteOptions): NonNullable<RouteOptions["schema"]> {
  const known = schema ?? {};
  const body = route.config?.described_body ?? known.body;
  const { UNAUTHENTICATED, HOST_REFUSED, ORIGIN_REFUSED, REQUEST_TIMEOUT, INTERNAL, STOPPING, ANSWER_TIMEOUT, ...rest } = REQUEST_PROBLEMS;
  const common = [UNAUTHENTICATED, HOST_REFUSED, ORIGIN_REFUSED, REQUEST_TIMEOUT, rest.REQUEST_INVALID, INTERNAL, STOPPING, ANSWER_TIMEOUT];
  const ofBody = body === undefined ? [] : [rest.MALFORMED_JSON, rest.BODY_TOO_LARGE, rest.UNSUPPORTED_MEDIA_TYPE];
  const own = (known.response ?? {}) as Answers;
  const ownCodes = new Set(Object.keys(own));
  const general = problemAnswers([...common, ...ofBody]);
  const merged: Record<string, object> = { ...general, ...own };
  for (const status of Object.keys(general)) if (ownCodes.has(status)) merged[status] = both(own[status], general[status]);
  return { ...known, ...(body === undefined ? {} : { body }), response: merged, ...(route.config?.open === true ? { security: [] } : {}) };
}

interface Told {
  readonly description: string;
  readonly content: {
    readonly [PROBLEM_TYPE]?: {
      readonly schema: { readonly allOf: readonly { readonly properties: { readonly code: { readonly enum?: readonly string[] } } }[] };
    };
  };
}

/** One answer of the codes of two. Both were made by {@link problemAnswers}. */
function both(one: object | undefined, other: object | undefined): object {
  const told = [one, other] as readonly Told[];
  const codes = told.flatMap(
    ({ content }) => content[PROBLEM_TYPE]?.schema.allOf.flatMap(({ properties }) => properties.code.enum ?? []) ?? [],
  );
  return {
    description: told.map(({ description }) => description).join("; "),
    content: { [PROBLEM_TYPE]: { schema: problemSchema(codes) } },
  };
}

/** Schemas that stand once in the description, by their title. */
const SHARED: ReadonlySet<unknown> = new Set(["Problem", "Command"]);

/** The description with what is said in many places said once. */
export function withShared(document: ReturnType<ServerApp["swagger"]>): OpenApi {
  const schemas: Record<string, object> = {};
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    const copy: Record<string, unknown> = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member)]));
    const { title } = copy;
    if (typeof title !== "string" || !SHARED.has(title)) return copy;
    schemas[title] = copy;
    return { $ref: `#/components/schemas/${title}` };
  };
  // The plugin makes an object unless it is asked for YAML.
  const walked = walk(document) as OpenApi;
  return { ...walked, components: { ...walked.components, schemas } };
}
