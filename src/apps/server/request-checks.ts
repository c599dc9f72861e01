/** Checks path, query, headers and body of a request against the schemas of its route, and tells every fault of all of them at once. */
import type { RouteOptions } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { type Problem, type ProblemDetail, problem, REQUEST_PROBLEMS } from "./problem.js";

/** Faults that a problem names one by one; all are counted. */
const NAMED = 50;
const SHOWN = 80;

interface Part {
  readonly name: "path" | "query" | "headers" | "body";
  readonly schema: TSchema;
  readonly check: ReturnType<typeof Compile>;
}

type CheckError = ReturnType<Part["check"]["Errors"]>[number];

/** A request as far as it is checked. */
export interface CheckedRequest {
  params: unknown;
  query: unknown;
  headers: unknown;
  body: unknown;
}

/** @returns checks a request and puts decoded values into its query; null where all is well */
export function requestCheck(schema: RouteOptions["schema"]): (request: CheckedRequest) => Problem | null {
  const parts = partsOf(schema);
  return (request) => {
    const details: ProblemDetail[] = [];
    for (const { name, schema: of, check } of parts) {
      const value = givenIn(name, of, request);
      if (check.Check(value)) {
        if (name === "query") request.query = value;
        continue;
      }
      const faults = new Map<string, string>();
      for (const error of check.Errors(value))
        for (const [path, expected] of placesOf(error)) if (!faults.has(path)) faults.set(path, expected);
      for (const [path, expected] of faults)
        details.push({ field: name === "body" ? path : `/${name}${path}`, value: shown(at(value, path)), expected });
    }
    return details.length === 0
      ? null
      : problem(REQUEST_PROBLEMS.REQUEST_INVALID, details.slice(0, NAMED), { error_count: details.length });
  };
}

/** Where an error is: a field that lacks or is too many has a place of its own. */
function placesOf({ keyword, instancePath, message, params }: CheckError): readonly (readonly [path: string, expected: string])[] {
  const named = (names: readonly string[], expected: string) => names.map((name) => [`${instancePath}/${name}`, expected] as const);
  if (keyword === "required" && "requiredProperties" in params) return named(params.requiredProperties, "a value");
  if (keyword === "additionalProperties" && "additionalProperties" in params)
    return named(params.additionalProperties, "no field of this name");
  // Said again, by name, by the error above.
  return keyword === "boolean" ? [] : [[instancePath, message]];
}

function partsOf(schema: RouteOptions["schema"]): readonly Part[] {
  const named = [
    ["path", schema?.params],
    ["query", schema?.querystring ?? NO_QUERY],
    ["headers", schema?.headers],
    ["body", schema?.body],
  ] as const;
  return named.flatMap(([name, of]) => (isSchema(of) ? [{ name, schema: of, check: Compile(of) }] : []));
}

/** A route that declares no query takes none. */
const NO_QUERY: TSchema = { type: "object", properties: {}, additionalProperties: false };

function isSchema(value: unknown): value is TSchema {
  return typeof value === "object" && value !== null && "type" in value;
}

function givenIn(name: Part["name"], schema: TSchema, { params, query, headers, body }: CheckedRequest): unknown {
  if (name === "path") return params;
  if (name === "headers") return headers;
  return name === "body" ? body : decoded(query, schema);
}

/** Whole numbers and booleans of a query, written in the one way in which JSON writes them; anything else stays the text that it is. */
function decoded(query: unknown, schema: TSchema): unknown {
  if (typeof query !== "object" || query === null) return {};
  const properties: unknown = "properties" in schema ? schema.properties : {};
  const entries = Object.entries(query).map(([name, value]: [string, unknown]) => {
    const type = typeOf(properties, name);
    if (typeof value !== "string") return [name, value] as const;
    if (type === "integer" && /^(?:0|-?[1-9][0-9]{0,15})$/.test(value)) return [name, Number(value)] as const;
    if (type === "boolean" && (value === "true" || value === "false")) return [name, value === "true"] as const;
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

function typeOf(properties: unknown, name: string): unknown {
  const schema = member(properties, name);
  return member(schema, "type");
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function at(value: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce((found, step) => member(found, step.replaceAll("~1", "/").replaceAll("~0", "~")), value);
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? typeof value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
