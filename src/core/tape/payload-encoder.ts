/**
 * Encoders compiled from a payload's JSON Schema: the bytes of {@link canonicalJson} at a fraction of the time.
 *
 * Key order and literals are fixed at compile time. What a schema says about values beyond their JSON kind (patterns, bounds) is
 * left to validation; everything that would change or lose bytes is refused here.
 */
import type { TSchema } from "typebox";
import { canonicalJson, MAX_JSON_BYTES, quoteJson, utf8Length } from "./canonical-json.js";

/** Writes one payload as canonical JSON. @throws {PayloadRefused} */
export type PayloadEncoder = (payload: unknown) => string;

/** A payload does not fit the shape that its encoder was compiled for: a bug of whoever proposed the event. */
export class PayloadRefused extends Error {
  override readonly name = "PayloadRefused";
  /** JSON pointer of the schema position. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(`${field === "" ? "payload" : field}: ${message}`);
    this.field = field;
  }
}

/**
 * Compiles the encoder of one schema.
 *
 * ```ts
 * const encode = compileEncoder(Type.Object({ qty: Type.String(), at: Type.Integer() }));
 * encode({ qty: "1.5", at: 0 }); // {"at":0,"qty":"1.5"}
 * ```
 *
 * @throws {PayloadRefused} (the encoder) for a missing, unknown or wrongly typed field, a number that JSON cannot hold exactly, NUL, a lone surrogate, or a payload that is too deep or too large for verification.
 */
export function compileEncoder(schema: TSchema): PayloadEncoder {
  const program = new Program();
  const entry = program.encoderOf(view(schema), "");
  // Straight-line code per event type is four times as fast as a tree of closures, and this is the engine's hottest call.
  const build = new Function("table", "runtime", `"use strict";\n${program.source()}\nreturn ${entry};`);
  const encoder: unknown = build(program.table, runtime);
  if (!isEncoder(encoder)) throw new TypeError("the compiled encoder is not a function");
  return (payload) => withinSize(encoder(payload));
}

/** What verification would call too large must never get onto a tape. */
function withinSize(text: string): string {
  if (text.length * 3 <= MAX_JSON_BYTES) return text;
  const bytes = utf8Length(text);
  if (bytes <= MAX_JSON_BYTES) return text;
  throw new PayloadRefused("", `canonical JSON of ${bytes} bytes is longer than ${MAX_JSON_BYTES}`);
}

function isEncoder(value: unknown): value is PayloadEncoder {
  return typeof value === "function";
}

/** The part of JSON Schema that shapes code; anything else goes through the general canonicaliser. */
interface SchemaView {
  readonly type?: unknown;
  readonly const?: unknown;
  readonly enum?: unknown;
  readonly anyOf?: unknown;
  readonly items?: unknown;
  readonly properties?: unknown;
  readonly required?: unknown;
  readonly patternProperties?: unknown;
  readonly additionalProperties?: unknown;
  readonly $ref?: unknown;
  readonly allOf?: unknown;
}

function view(schema: unknown): SchemaView {
  return typeof schema === "object" && schema !== null ? schema : {};
}

/** Functions that compiled code calls. */
const runtime = {
  quote(text: unknown, field: string): string {
    if (typeof text !== "string") return refuse(field, text, "a string");
    const quoted = quoteJson(text);
    return quoted === null ? refuse(field, text, "text without NUL and lone surrogates") : quoted;
  },
  refuse,
  /** The general road, for values whose shape the schema leaves open. */
  general(value: unknown, field: string): string {
    const result = canonicalJson(value, field.split("/").length);
    if (result.ok) return result.text;
    const first = result.violations[0];
    throw new PayloadRefused(`${field}${first?.field ?? ""}`, result.violations.map((violation) => violation.message).join("; "));
  },
  literal(texts: ReadonlyMap<unknown, string>, value: unknown, field: string): string {
    return texts.get(value) ?? refuse(field, value, [...texts.values()].join(" or "));
  },
  list(values: unknown, encode: PayloadEncoder, field: string): string {
    if (!Array.isArray(values)) return refuse(field, values, "an array");
    let text = "[";
    for (let i = 0; i < values.length; i++) text += i === 0 ? encode(values[i]) : `,${encode(values[i])}`;
    return `${text}]`;
  },
  /** Names the keys that the schema does not know; called only where the count of keys is wrong. */
  strangers(value: object, known: ReadonlySet<string>, field: string): never {
    const strange = Object.entries(value).filter(([key, member]) => !known.has(key) || member === undefined);
    throw new PayloadRefused(
      field,
      `unknown or undefined ${strange.map(([key]) => JSON.stringify(key)).join(", ")}; expected only ${[...known].join(", ")}`,
    );
  },
} as const;

function refuse(field: string, value: unknown, expected: string): never {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new PayloadRefused(field, `${shown.slice(0, 100)} is not ${expected}`);
}

const SAFE = Number.MAX_SAFE_INTEGER;

class Program {
  readonly table: unknown[] = [];
  readonly #functions: string[] = [];
  #cached = 0;

  source(): string {
    return `const { quote, refuse, general, literal, list, strangers } = runtime;\n${this.#functions.join("\n")}`;
  }

  /** Name of a compiled function `(value) => text` for a schema. */
  encoderOf(schema: SchemaView, field: string): string {
    const name = `encode${this.#functions.length}`;
    const slot = this.#functions.push("") - 1;
    this.#functions[slot] =
      `function ${name}(value) {\n${this.#isClosedObject(schema) ? this.#objectBody(schema, field) : `return ${this.#expression(schema, "value", field)};`}\n}`;
    return name;
  }

  /** An expression that encodes the variable `value`. */
  #expression(schema: SchemaView, value: string, field: string): string {
    const at = JSON.stringify(field);
    const literals = literalTexts(schema);
    if (literals !== null) return `literal(table[${this.table.push(literals) - 1}], ${value}, ${at})`;
    if (schema.anyOf !== undefined) return this.#union(schema, value, field);
    if (this.#isClosedObject(schema)) return `${this.encoderOf(schema, field)}(${value})`;
    switch (schema.type) {
      case "string":
        return this.#quoted(value, at);
      case "number":
        return `(typeof ${value} === "number" && ${value} >= ${-SAFE} && ${value} <= ${SAFE} ? "" + ${value} : refuse(${at}, ${value}, "a finite number, exact if integer"))`;
      case "integer":
        return `(Number.isSafeInteger(${value}) ? "" + ${value} : refuse(${at}, ${value}, "an integer of at most 2^53-1 in magnitude"))`;
      case "boolean":
        return `(${value} === true ? "true" : ${value} === false ? "false" : refuse(${at}, ${value}, "a boolean"))`;
      case "null":
        return `(${value} === null ? "null" : refuse(${at}, ${value}, "null"))`;
      case "array":
        return `list(${value}, ${this.encoderOf(view(schema.items), `${field}/*`)}, ${at})`;
      default:
        return `general(${value}, ${at})`;
    }
  }

  /** Long texts are mostly the same from event to event (a policy's hash, a name): what was quoted last is kept. */
  #quoted(value: string, at: string): string {
    const n = this.#cached++;
    this.#functions.push(`let text${n} = "", quoted${n} = "";`);
    return `(typeof ${value} === "string" && ${value}.length > 15 ? (${value} === text${n} ? quoted${n} : (quoted${n} = quote(${value}, ${at}), text${n} = ${value}, quoted${n})) : quote(${value}, ${at}))`;
  }

  /** Alternatives are told apart by their JSON kind; two of one kind take the general road. */
  #union(schema: SchemaView, value: string, field: string): string {
    const alternatives = Array.isArray(schema.anyOf) ? schema.anyOf.map(view) : [];
    const kinds = alternatives.map(kindTest);
    const distinct = kinds.every((kind, i) => kind !== null && kinds.indexOf(kind) === i);
    if (!distinct) return `general(${value}, ${JSON.stringify(field)})`;
    const tail = `refuse(${JSON.stringify(field)}, ${value}, "any of its alternatives")`;
    return alternatives.reduceRight(
      (rest, alternative, i) => `(${kinds[i]?.replaceAll("$", value)} ? ${this.#expression(alternative, value, field)} : ${rest})`,
      tail,
    );
  }

  #isClosedObject(schema: SchemaView): boolean {
    return (
      schema.type === "object" &&
      typeof schema.properties === "object" &&
      schema.patternProperties === undefined &&
      schema.allOf === undefined &&
      schema.additionalProperties === false
    );
  }

  #objectBody(schema: SchemaView, field: string): string {
    const properties = new Map(Object.entries(view(schema.properties)));
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const keys = [...properties.keys()].sort();
    const known = `table[${this.table.push(new Set(keys)) - 1}]`;
    const at = JSON.stringify(field);
    const lines = [
      `if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(${at}, value, "an object");`,
      "let text = '{';",
      `let written = ${required.size};`,
    ];
    let separator: "none" | "unknown" | "comma" = "none";
    if (keys.length > 0 && !required.has(keys[0])) lines.push("let separator = '';");
    keys.forEach((key, i) => {
      const name = `member${i}`;
      const quoted = quoteJson(key);
      if (quoted === null) throw new PayloadRefused(field, `the key ${JSON.stringify(key)} has no canonical form`);
      const label = JSON.stringify(`${quoted}:`);
      const comma = separator === "comma" ? JSON.stringify(`,${quoted}:`) : separator === "none" ? label : `separator + ${label}`;
      const encoded = this.#expression(view(properties.get(key)), name, `${field}/${key}`);
      lines.push(`const ${name} = value[${JSON.stringify(key)}];`);
      if (required.has(key)) {
        lines.push(`text += ${comma} + ${encoded};`);
        separator = "comma";
      } else {
        const next = separator === "comma" ? "" : " separator = ',';";
        lines.push(`if (${name} !== undefined) { text += ${comma} + ${encoded}; written++;${next} }`);
        if (separator === "none") separator = "unknown";
      }
    });
    lines.push(
      "let present = 0;",
      "for (const key in value) present++;",
      `if (present !== written) strangers(value, ${known}, ${at});`,
      "return text + '}';",
    );
    return lines.join("\n");
  }
}

/** The canonical texts of a schema that names its values, or null. */
function literalTexts(schema: SchemaView): ReadonlyMap<unknown, string> | null {
  const values = literalValues(schema);
  if (values === null) return null;
  const texts = new Map<unknown, string>();
  for (const value of values) {
    const text = canonicalJson(value);
    if (!text.ok || typeof value === "object") return null;
    texts.set(value, text.text);
  }
  return texts;
}

function literalValues(schema: SchemaView): readonly unknown[] | null {
  if (schema.const !== undefined) return [schema.const];
  if (Array.isArray(schema.enum)) return schema.enum;
  if (!Array.isArray(schema.anyOf)) return null;
  const values = schema.anyOf.map((alternative) => view(alternative).const);
  return values.length > 0 && values.every((value) => value !== undefined) ? values : null;
}

/** A test on `$` that tells a schema's JSON kind from the others, or null where the schema leaves its kind open. */
function kindTest(schema: SchemaView): string | null {
  const literals = literalValues(schema);
  if (literals !== null) return literals.every((value) => typeof value === "string") ? 'typeof $ === "string"' : null;
  switch (schema.type) {
    case "string":
    case "boolean":
      return `typeof $ === "${schema.type}"`;
    case "number":
    case "integer":
      return 'typeof $ === "number"';
    case "null":
      return "$ === null";
    case "array":
      return "Array.isArray($)";
    case "object":
      return 'typeof $ === "object" && $ !== null && !Array.isArray($)';
    default:
      return null;
  }
}
