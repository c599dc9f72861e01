import type { JsonSchema } from "./schema-check.js";

const preamble = `Generated from the schemas. Edit those, then run: \`ONETAPE_WRITE_DOCS=1 npx vitest run test/docs\`

Decimals (money, prices, quantities, rates) are text or numbers and are taken by the digits they were written with: \`0.1\`
is exactly a tenth. Unknown keys are refused with the nearest known one, and all faults of a file are told at once, each
with its line. Paths are relative to the file that names them.
`;

/** A page that describes each file's keys in the order of its schema. */
export function referencePage(title: string, files: readonly (readonly [string, JsonSchema])[]): string {
  const sections = files.map(([name, schema]) => `## ${name}\n\n${schema.description ?? ""}\n\n${table(rowsOf(schema, ""))}`);
  return [`# ${title}\n`, preamble, ...sections].join("\n");
}

interface Row {
  readonly key: string;
  readonly type: string;
  readonly standard: string;
  readonly says: string;
}

function table(rows: readonly Row[]): string {
  const cells = (...texts: readonly string[]): string => `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const lines = rows.map(({ key, type, standard, says }) => cells(`\`${key}\``, type, standard, says));
  return `${[cells("key", "value", "default", "meaning"), cells("---", "---", "---", "---"), ...lines].join("\n")}\n`;
}

function rowsOf(schema: JsonSchema, prefix: string): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (name === "$schema") return [];
    const key = `${prefix}${name}`;
    const required = schema.required?.includes(name) === true;
    const row: Row = {
      key,
      type: typeOf(property),
      standard: required ? "required" : property.default === undefined ? "" : `\`${String(property.default)}\``,
      says: property.description ?? "",
    };
    return [row, ...inner(property, key)];
  });
}

function inner(schema: JsonSchema, key: string): readonly Row[] {
  // What its words say whole needs no rows of its own.
  if (schema["x-onetape"] !== undefined) return [];
  if (schema.type === "array" && schema.items?.properties !== undefined) return rowsOf(schema.items, `${key}[].`);
  if (schema.properties !== undefined) return rowsOf(schema, `${key}.`);
  return (schema.anyOf ?? []).flatMap((member) => {
    const tag = Object.entries(member.properties ?? {}).find(([, { const: value }]) => value !== undefined);
    if (tag === undefined) return inner(member, key);
    const [name, { const: value }] = tag;
    const rest = Object.fromEntries(Object.entries(member.properties ?? {}).filter(([other]) => other !== name));
    const row: Row = { key: `${key}.${name}: ${String(value)}`, type: "", standard: "", says: member.description ?? "" };
    return [row, ...rowsOf({ ...member, properties: rest }, `${key}.`)];
  });
}

function typeOf(schema: JsonSchema): string {
  if (schema["x-onetape"] === "decimal") return schema["x-expected"] ?? "a decimal number";
  if (schema["x-expected"] !== undefined) return schema["x-expected"];
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.type === "object") return schema.patternProperties === undefined ? "a mapping" : "a mapping of names to values";
  const words: { readonly [type: string]: string } = {
    array: "a list",
    string: "text",
    integer: "a whole number",
    number: "a number",
    boolean: "`true` or `false`",
    null: "`null`",
  };
  return words[schema.type ?? ""] ?? "any value";
}
