/** Refusals as problem details (RFC 9457): one status, category and title per code, and what varies in `details`. */
import * as Type from "typebox";
import type { ErrorCategory } from "../../core/quality/error-category.js";

export interface ProblemKind {
  readonly code: string;
  readonly status: number;
  readonly category: ErrorCategory;
  /** Fixed text per code. */
  readonly title: string;
}

/** One place that is wrong. */
export interface ProblemDetail {
  /** JSON pointer into the body, or one that begins with `/query`, `/path` or `/headers`. */
  readonly field: string;
  readonly value: string;
  readonly expected: string;
}

/** A refusal, ready to be answered with. */
export interface Problem extends ProblemKind {
  readonly details: readonly ProblemDetail[];
  readonly error_count: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Status, category and title of each code. */
export type ProblemRows<Code extends string> = Readonly<Record<Code, readonly [status: number, category: ErrorCategory, title: string]>>;

/** Kinds by their code. */
export function problemKinds<Code extends string>(rows: ProblemRows<Code>): Readonly<Record<Code, ProblemKind>> {
  const kinds = (Object.keys(rows) as Code[]).map((code): [Code, ProblemKind] => {
    const [status, category, title] = rows[code];
    return [code, { code, status, category, title }];
  });
  // One for one the keys of `rows`.
  return Object.fromEntries(kinds) as Record<Code, ProblemKind>;
}

type RequestCode =
  | "MALFORMED_REQUEST"
  | "MALFORMED_JSON"
  | "REQUEST_INVALID"
  | "UNAUTHENTICATED"
  | "HOST_REFUSED"
  | "ORIGIN_REFUSED"
  | "ROUTE_NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "REQUEST_TIMEOUT"
  | "BODY_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "HEADERS_TOO_LARGE"
  | "INTERNAL"
  | "STOPPING"
  | "ANSWER_TIMEOUT";

/** What any request may come to, whatever its route. */
export const REQUEST_PROBLEMS: Readonly<Record<RequestCode, ProblemKind>> = problemKinds({
  MALFORMED_REQUEST: [400, "VALIDATION", "the request is not HTTP that this server reads"],
  MALFORMED_JSON: [400, "VALIDATION", "the body is not JSON in UTF-8"],
  REQUEST_INVALID: [422, "VALIDATION", "the request does not have the structure of its route"],
  UNAUTHENTICATED: [401, "GATE", "the request does not carry the server's token"],
  HOST_REFUSED: [403, "GATE", "the request was sent to another name than this machine's own"],
  ORIGIN_REFUSED: [403, "GATE", "the request comes from a page of another origin"],
  ROUTE_NOT_FOUND: [404, "NOT_FOUND", "there is no such route"],
  METHOD_NOT_ALLOWED: [405, "VALIDATION", "the route does not take this method"],
  REQUEST_TIMEOUT: [408, "IO", "the request did not arrive in time"],
  BODY_TOO_LARGE: [413, "VALIDATION", "the body is larger than the route takes"],
  UNSUPPORTED_MEDIA_TYPE: [415, "VALIDATION", "the body is of a type that the route does not take"],
  HEADERS_TOO_LARGE: [431, "VALIDATION", "the headers are larger than this server takes"],
  INTERNAL: [500, "IO", "something broke that should not have"],
  STOPPING: [503, "IO", "the server is stopping"],
  ANSWER_TIMEOUT: [503, "IO", "the answer took too long; what was asked may have been done"],
});

/** A problem of a kind. @param error_count all that is wrong, where `details` names only the first */
export function problem(
  kind: ProblemKind,
  details: readonly ProblemDetail[] = [],
  { error_count = details.length, headers = {} }: { readonly error_count?: number; readonly headers?: Problem["headers"] } = {},
): Problem {
  return { ...kind, details, error_count: Math.max(1, error_count), headers };
}

export const PROBLEM_TYPE = "application/problem+json";

/** The text of a problem. `instance` is the request's path, without its query. */
export function problemText({ code, status, category, title, details, error_count }: Problem, prefix: string, url: string): string {
  const instance = url.split("?", 1)[0] ?? "";
  return JSON.stringify({ type: `${prefix}/problems/${code}`, title, status, instance, category, code, details, error_count });
}

/** What {@link problemText} makes. */
const Problem = Type.Object(
  {
    type: Type.String({ description: "where the code is explained" }),
    title: Type.String({ description: "one fixed text per code" }),
    status: Type.Integer(),
    instance: Type.String({ description: "path of the request" }),
    category: Type.Enum(["VALIDATION", "SEMANTIC", "CONFLICT", "NOT_FOUND", "GATE", "IO"]),
    code: Type.String(),
    details: Type.Array(Type.Object({ field: Type.String(), value: Type.String(), expected: Type.String() }), {
      description: "every place that is wrong; the first fifty",
    }),
    error_count: Type.Integer({ minimum: 1 }),
  },
  { title: "Problem" },
);

/** A problem of some codes. */
export function problemSchema(codes: readonly string[]): Type.TSchema {
  return Type.Intersect([Problem, Type.Object({ code: Type.Enum([...codes]) })]);
}
