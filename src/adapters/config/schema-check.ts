/**
 * Checks a located YAML tree against a JSON Schema and collects every fault with its place.
 *
 * Knows the keywords that the schemas of this folder use, and three of its own: `x-onetape: "decimal"` takes a number by
 * the text it was written as, so 0.1 stays 0.1; `x-onetape: "keyed"` tells the members of a union by the first key that each
 * requires; `x-expected` words what a value should have been.
 */

import { nearestName } from "../../core/quality/nearest-name.js";
import type { Violation } from "../../core/quality/violation.js";
import type { Json } from "../../core/tape/event.js";
import type { LocatedNode, Place } from "./yaml-document.js";

/** The part of JSON Schema that the checker reads. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly patternProperties?: { readonly [pattern: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly "x-onetape"?: string;
  readonly "x-expected"?: string;
}

export interface Checked {
  /** Plain JSON with decimals as text in shortest form. What has a fault is left out, or null in a list. */
  readonly value: Json;
  readonly violations: readonly Violation[];
}

/** Checks `root`, which stands in `file`. */
export function checkTree(schema: JsonSchema, root: LocatedNode, file: string): Checked {
  const checker = new Checker(file);
  const value = checker.check(schema, root, "") ?? null;
  return { value, violations: checker.violations };
}

/** Decimal text without sign of zero, leading or trailing zeros; null when the text is no plain decimal. */
export function shortestDecimal(text: string): string | null {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const whole = (match[2] ?? "").replace(/^0+(?=\d)/, "");
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  const digits = fraction === "" ? whole : `${whole}.${fraction}`;
  return match[1] === "-" && digits !== "0" ? `-${digits}` : digits;
}

class Checker {
  readonly violations: Violation[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  check(schema: JsonSchema, node: LocatedNode, pointer: string): Json | undefined {
    if (schema["x-onetape"] === "decimal") return this.#decimal(schema, node, pointer);
    if (schema.anyOf !== undefined) return this.#union(schema, schema.anyOf, node, pointer);
    if (schema.enum !== undefined || schema.const !== undefined) return this.#choice(schema, node, pointer);
    if (schema.type === "object") return this.#object(schema, node, pointer);
    if (schema.type === "array") return this.#list(schema, node, pointer);
    if (schema.type === undefined) return this.#free(node, pointer);
    return this.#scalar(schema, node, pointer);
  }

  #report(
    code: string,
    message: string,
    pointer: string,
    place: Place,
    value: string | undefined,
    expected: string | undefined,
  ): undefined {
    this.violations.push({
      code,
      message,
      file: this.#file,
      line: place.line,
      column: place.column,
      field: pointer === "" ? "/" : pointer,
      ...(value === undefined ? {} : { value }),
      ...(expected === undefined ? {} : { expected }),
    });
    return undefined;
  }

  #wrongType(schema: JsonSchema, node: LocatedNode, pointer: string): Json | undefined {
    const expected = expectation(schema);
    return this.#report(
      "CONFIG_WRONG_TYPE",
      `${shown(node)} stands where ${expected} is expected`,
      pointer,
      node.place,
      shown(node),
      expected,
    );
  }

  #decimal(schema: JsonSchema, node: LocatedNode, pointer: string): Json | undefined {
    if (node.kind !== "scalar" || (typeof node.value !== "string" && typeof node.value !== "number"))
      return this.#wrongType(schema, node, pointer);
    const text = typeof node.value === "number" ? node.source : node.value;
    const decimal = shortestDecimal(text.trim());
    const pattern = schema.anyOf?.find((member) => member.type === "string")?.pattern ?? schema.pattern;
    if (decimal === null || (pattern !== undefined && !new RegExp(pattern).test(decimal))) {
      const expected = expectation(schema);
      return this.#report("CONFIG_VALUE", `${JSON.stringify(text)} is not ${expected}`, pointer, node.place, text, expected);
    }
    return decimal;
  }

  #union(schema: JsonSchema, members: readonly JsonSchema[], node: LocatedNode, pointer: string): Json | undefined {
    // Null is null wherever it may stand: a choice or a union beside it has no say.
    if (node.kind === "scalar" && node.value === null && members.some((member) => member.type === "null")) return null;
    const fitting = members.filter((member) => fits(member, node));
    const [only, other] = fitting;
    if (only === undefined) return this.#wrongType(schema, node, pointer);
    if (other === undefined) return this.check(only, node, pointer);
    return this.#tagged(schema, fitting, node, pointer);
  }

  /** Objects that differ in one constant property, such as `model`, or in the keys that they require. */
  #tagged(schema: JsonSchema, members: readonly JsonSchema[], node: LocatedNode, pointer: string): Json | undefined {
    if (schema["x-onetape"] === "keyed") return this.#keyed(schema, members, node, pointer);
    const tag = Object.keys(members[0]?.properties ?? {}).find((name) =>
      members.every((member) => member.properties?.[name]?.const !== undefined),
    );
    if (node.kind !== "map" || tag === undefined) throw new Error(`the schema at ${pointer} has members that nothing tells apart`);
    const given = node.entries.get(tag);
    const tagOf = (member: JsonSchema): unknown => member.properties?.[tag]?.const;
    const chosen = members.find((member) => given?.node.kind === "scalar" && given.node.value === tagOf(member));
    if (chosen !== undefined) return this.check(chosen, node, pointer);
    const choice: JsonSchema = { enum: members.map(tagOf) };
    if (given !== undefined) return this.#choice(choice, given.node, `${pointer}/${tag}`);
    return this.#report(
      "CONFIG_MISSING_KEY",
      `the key "${tag}" is missing`,
      `${pointer}/${tag}`,
      node.place,
      undefined,
      expectation(choice),
    );
  }

  #keyed(schema: JsonSchema, members: readonly JsonSchema[], node: LocatedNode, pointer: string): Json | undefined {
    if (node.kind !== "map") return this.#wrongType(schema, node, pointer);
    const firstKey = (member: JsonSchema): string => member.required?.[0] ?? "";
    const chosen = members.filter((member) => node.entries.has(firstKey(member)));
    const [only, other] = chosen;
    if (only !== undefined && other === undefined) return this.check(only, node, pointer);
    const keys = members.map(firstKey);
    if (only !== undefined) {
      const message = `${chosen.map((member) => `"${firstKey(member)}"`).join(" and ")} stand side by side`;
      return this.#report("CONFIG_VALUE", message, pointer, node.place, undefined, `one of them: ${expectation(schema)}`);
    }
    const known = members.flatMap((member) => Object.keys(member.properties ?? {}));
    for (const [name, entry] of node.entries)
      if (!known.includes(name)) this.#unknownKey(name, `${pointer}/${name}`, entry.keyPlace, known);
    const message = `neither ${keys.map((key) => `"${key}"`).join(" nor ")} is stated`;
    return this.#report("CONFIG_MISSING_KEY", message, pointer, node.place, undefined, expectation(schema));
  }

  #choice(schema: JsonSchema, node: LocatedNode, pointer: string): Json | undefined {
    const allowed = schema.enum ?? [schema.const];
    const given = node.kind === "scalar" ? node.value : undefined;
    if (given !== undefined && allowed.includes(given)) return given;
    const names = allowed.map(String);
    const text = node.kind === "scalar" ? node.source : "";
    const near = nearestName(text, names);
    const hint = near === null ? "" : `; did you mean ${near}?`;
    return this.#report(
      "CONFIG_VALUE",
      `${shown(node)} is not one of ${names.join(", ")}${hint}`,
      pointer,
      node.place,
      shown(node),
      expectation(schema),
    );
  }

  #object(schema: JsonSchema, node: LocatedNode, pointer: string): Json | undefined {
    if (node.kind !== "map") return this.#wrongType(schema, node, pointer);
    const properties = schema.properties ?? {};
    const free = Object.values(schema.patternProperties ?? {})[0];
    const result: { [name: string]: Json } = {};
    for (const [name, entry] of node.entries) {
      const inner = Object.hasOwn(properties, name) ? properties[name] : free;
      const path = `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (inner === undefined) this.#unknownKey(name, path, entry.keyPlace, Object.keys(properties));
      const value = inner === undefined ? undefined : this.check(inner, entry.node, path);
      // Not an assignment: a key may be named __proto__.
      if (value !== undefined) Object.defineProperty(result, name, { value, enumerable: true, configurable: true, writable: true });
    }
    for (const name of schema.required ?? []) {
      if (node.entries.has(name)) continue;
      const expected = expectation(properties[name] ?? {});
      this.#report("CONFIG_MISSING_KEY", `the key "${name}" is missing`, `${pointer}/${name}`, node.place, undefined, expected);
    }
    return result;
  }

  #unknownKey(name: string, pointer: string, place: Place, known: readonly string[]): void {
    const near = nearestName(name, known);
    const hint = near === null ? "" : `; did you mean "${near}"?`;
    this.#report(
      "CONFIG_UNKNOWN_KEY",
      `the key "${name}" is not known here${hint}`,
      pointer,
      place,
      name,
      `one of ${known.filter((key) => !key.startsWith("$")).join(", ")}`,
    );
  }

  #list(schema: JsonSchema, node: LocatedNode, pointer: string): Json | undefined {
    if (node.kind !== "list") return this.#wrongType(schema, node, pointer);
    if (node.items.length < (schema.minItems ?? 0)) {
      this.#report(
        "CONFIG_VALUE",
        `the list has ${node.items.length} entries`,
        pointer,
        node.place,
        undefined,
        `at least ${schema.minItems ?? 0}`,
      );
    }
    return node.items.map((item, index) => this.check(schema.items ?? {}, item, `${pointer}/${index}`) ?? null);
  }

  /** Any JSON, as parameters of strategies are. */
  #free(node: LocatedNode, pointer: string): Json | undefined {
    if (node.kind === "list") return node.items.map((item, index) => this.#free(item, `${pointer}/${index}`) ?? null);
    if (node.kind === "map") return this.#object({ patternProperties: { "": {} } }, node, pointer);
    if (typeof node.value !== "number" || Number.isFinite(node.value)) return node.value;
    return this.#report("CONFIG_VALUE", `${shown(node)} is not a finite number`, pointer, node.place, shown(node), "a finite number");
  }

  #scalar(schema: JsonSchema, node: LocatedNode, pointer: string): Json | undefined {
    if (!fits(schema, node) || node.kind !== "scalar") return this.#wrongType(schema, node, pointer);
    const { value } = node;
    const fine =
      typeof value === "string"
        ? value.length >= (schema.minLength ?? 0) && (schema.pattern === undefined || new RegExp(schema.pattern).test(value))
        : typeof value !== "number" || (value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity));
    if (fine) return value;
    const expected = expectation(schema);
    return this.#report("CONFIG_VALUE", `${shown(node)} is not ${expected}`, pointer, node.place, shown(node), expected);
  }
}

/** Whether a node is of the schema's type, its content aside. */
function fits(schema: JsonSchema, node: LocatedNode): boolean {
  if (schema["x-onetape"] === "decimal")
    return node.kind === "scalar" && (typeof node.value === "number" || typeof node.value === "string");
  if (schema.anyOf !== undefined) return schema.anyOf.some((member) => fits(member, node));
  if (schema.type === "object") return node.kind === "map";
  if (schema.type === "array") return node.kind === "list";
  if (node.kind !== "scalar") return schema.type === undefined && schema.enum === undefined && schema.const === undefined;
  if (schema.type === "integer") return typeof node.value === "number" && Number.isSafeInteger(node.value);
  if (schema.type === "null") return node.value === null;
  if (schema.type === undefined) return true;
  return typeof node.value === schema.type;
}

function expectation(schema: JsonSchema): string {
  if (schema["x-expected"] !== undefined) return schema["x-expected"];
  if (schema.enum !== undefined) return `one of ${schema.enum.map(String).join(", ")}`;
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(expectation))].join(" or ");
  if (schema.type === "integer") return `a whole number${range(schema)}`;
  const words: { readonly [type: string]: string } = {
    object: "a mapping of keys to values",
    array: "a list",
    string: "text",
    number: "a number",
    boolean: "true or false",
    null: "nothing",
  };
  return words[schema.type ?? ""] ?? "a value";
}

function range({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` from ${minimum}`;
  return maximum === undefined ? "" : ` up to ${maximum}`;
}

function shown(node: LocatedNode): string {
  if (node.kind === "map") return "a mapping";
  if (node.kind === "list") return "a list";
  if (node.source === "") return "nothing";
  const text = node.source.length > 80 ? `${node.source.slice(0, 77)}...` : node.source;
  return typeof node.value === "string" ? JSON.stringify(text) : text;
}
