/** Holds answers against the description that the server gives of itself. */
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Answer } from "./http-server.js";

interface Described {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: TSchema }>> }>> }
        >
      >
    >
  >;
}

/** A description with each reference replaced by what it refers to. */
export function dereferenced(document: { readonly components: { readonly schemas: Readonly<Record<string, unknown>> } }): Described {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    if ("$ref" in value) return walk(document.components.schemas[String(value.$ref).replace("#/components/schemas/", "")]);
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member)]));
  };
  return walk(document) as Described;
}

const compiled = new WeakMap<object, ReturnType<typeof Compile>>();

/** What an answer has that its route's description does not, or null. A path that is not described is answered by problems of no route. */
export function undescribed(document: Described, method: string, path: string, { status, headers, body }: Answer): string | null {
  const steps = (path.split("?", 1)[0] ?? "").split("/");
  const found = Object.keys(document.paths).find((pattern) => {
    const wanted = pattern.split("/");
    return wanted.length === steps.length && wanted.every((step, n) => step.startsWith("{") || step === steps[n]);
  });
  const operation = document.paths[found ?? ""]?.[method.toLowerCase()];
  if (operation === undefined) return [400, 401, 403, 404, 405].includes(status) ? null : `${method} ${path} is not described`;
  const told = operation.responses[String(status)];
  if (told === undefined) return `${method} ${found} does not say that it answers ${status} ${body?.code ?? ""}`;
  if (status === 304) return null;
  const type = headers["content-type"]?.split(";", 1)[0] ?? "";
  const schema = told.content?.[type]?.schema;
  if (schema === undefined) return `${method} ${found} does not say that ${status} is ${type}`;
  const check = compiled.get(schema) ?? Compile(schema);
  compiled.set(schema, check);
  const [error] = check.Errors(body);
  return error === undefined
    ? null
    : `${method} ${found} ${status}: ${error.instancePath} ${error.message}: ${JSON.stringify(body).slice(0, 300)}`;
}
