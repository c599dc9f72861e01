/** Renders docs/reference/events.md from the event catalogues. What a schema cannot say, units and meanings, stands in `event-meanings.ts`. */

import { calcCatalogue } from "../../src/core/calc/calc-event-schemas.js";
import { runCatalogue } from "../../src/core/engine/run-event-schemas.js";
import { dataCatalogue } from "../../src/core/market/catalogue-events.js";
import { opsCatalogue } from "../../src/core/ops/ops-events.js";
import { qualityCatalogue } from "../../src/core/quality/sla-events.js";
import { outboxCatalogue } from "../../src/core/session/outbox-events.js";
import { riskSessionCatalogue } from "../../src/core/session/risk-session-events.js";
import type { EventCatalogue, EventDefinition } from "../../src/core/tape/catalogue.js";
import { type Meaning, meanings } from "./event-meanings.js";

const NOTICE =
  "<!-- Generated from the code by test/docs. Edit the declarations, then run: ONETAPE_WRITE_DOCS=1 npx vitest run test/docs -->";

/** One row of a payload's table. Fields of a list's members are written `list[].field`. */
export interface FieldRow {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
}

interface SchemaView {
  readonly type?: unknown;
  readonly const?: unknown;
  readonly pattern?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly minLength?: unknown;
  readonly anyOf?: readonly SchemaView[];
  readonly items?: SchemaView;
  readonly properties?: { readonly [name: string]: SchemaView };
  readonly required?: readonly string[];
}

/** Every field of a payload schema, in the order in which the schema states them. */
export function fieldRows(schema: SchemaView, prefix: string = ""): readonly FieldRow[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    const row = { path, type: typeOf(member), required: required.has(name) };
    const object = [member, ...(member.anyOf ?? [])].find((part) => part.properties !== undefined);
    if (object !== undefined) return [row, ...fieldRows(object, `${path}.`)];
    return member.items?.properties === undefined ? [row] : [row, ...fieldRows(member.items, `${path}[].`)];
  });
}

function typeOf(schema: SchemaView): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(", ");
  switch (schema.type) {
    case "string":
      return textType(schema);
    case "integer":
      return schema.minimum === -8.64e15 ? "time" : `integer${bounds(schema)}`;
    case "number":
      return `number${bounds(schema)}`;
    case "array":
      return `list of ${typeOf(schema.items ?? {})}`;
    default:
      return typeof schema.type === "string" ? schema.type : "any JSON";
  }
}

function textType({ pattern, minLength }: SchemaView): string {
  if (pattern === "^[0-9a-f]{64}$") return "sha256";
  if (typeof pattern === "string" && pattern.includes("[1-9][0-9]*")) return pattern.includes("-?") ? "decimal" : "decimal, not negative";
  return typeof minLength === "number" && minLength > 1 ? `text of ${minLength} or more` : "text";
}

function bounds({ minimum, maximum }: SchemaView): string {
  if (minimum === undefined) return maximum === undefined ? "" : ` to ${String(maximum)}`;
  return maximum === undefined ? ` from ${String(minimum)}` : ` ${String(minimum)} to ${String(maximum)}`;
}

/** Types of a catalogue whose meanings are missing, incomplete or left over; the page is whole when there are none. */
export function meaningFaults(catalogue: EventCatalogue): readonly string[] {
  return catalogue.definitions.flatMap(({ type, schema }) => {
    const known = meanings[type];
    if (known === undefined) return [`${type} has no meaning`];
    const paths = fieldRows(schema as SchemaView).map(({ path }) => path);
    return [
      ...paths.filter((path) => known.fields[path] === undefined).map((path) => `${type} ${path} has no meaning`),
      ...Object.keys(known.fields)
        .filter((path) => !paths.includes(path))
        .map((path) => `${type} has no field ${path}`),
    ];
  });
}

export function eventsPage(): string {
  return `${NOTICE}

# Events

The closed sets of events, at their newest schema versions. The envelope around each payload and the hashes over it: [tape format](tape-format.md).

- **kind**: replay feeds *inputs* and compares *decisions*.
- **pinned**: later commands may name the event as their cause. A bar is no event of a backtest; what it triggers names the \`bars.attached\` that brought it.
- Payloads are closed: a field that is not listed is refused. None carries personal data; those of runs carry no run id and no wall clock either.

| type of a field | form |
| --- | --- |
| decimal | exact decimal text in its shortest form, for example \`-12.5\` |
| time | UTC milliseconds since 1970, an integer |
| sha256 | 64 lower-case hexadecimal digits |
| integer, number | a JSON number, at most 2^53 - 1 in magnitude |
| text, boolean, object | as in JSON |

Prices are per unit of quantity in the instrument's currency; money is in the account's currency. Positions and versions count from 1.
${catalogueSection("Runs", "The log `run/ID` of a backtest. The order of types below is frozen: stored blocks refer to it by number.", runCatalogue)}
${catalogueSection("Data catalogue", "The log `catalogue` of a workspace: what was imported, and what is known of instruments.", dataCatalogue)}
${catalogueSection("Operations", "The log `ops` of a workspace: what was noticed beside the tapes. The same facts are one event, at the time when they were first noticed.", opsCatalogue)}
${catalogueSection("Outboxes", "The log `outbox/NAME` of a session: what was attempted outside, and what came of it. Restarts show here, never on the session's own tape.", outboxCatalogue)}
${catalogueSection("Calculations", "The log `calculations` of a workspace: captures of sources, what was computed of them, and how good it is.", calcCatalogue)}
${catalogueSection("Quality of bars", "The log `quality` of a workspace: what was measured of bars where they enter, what a gate made of it, and what people said to it. Nothing of it is part of a run.", qualityCatalogue)}
${catalogueSection("Risk sessions", "The log `risk-session/NAME`: quotes, positions, what was asked, and what was computed. Names of commands stand in brackets.", riskSessionCatalogue)}`;
}

function catalogueSection(title: string, says: string, catalogue: EventCatalogue): string {
  const rows = catalogue.definitions.map(
    ({ type, kind, pinned, schema_version }) =>
      `| [\`${type}\`](#${anchorOf(type)}) | ${kind} | ${pinned ? "yes" : ""} | ${schema_version} | \`${meanings[type]?.stream ?? ""}\` |`,
  );
  return `
## ${title}

${says}

| type | kind | pinned | schema version | stream |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
${catalogue.definitions.map(typeSection).join("")}`;
}

/** The anchor that Markdown renderers give a heading of code. */
function anchorOf(type: string): string {
  return type.replaceAll(".", "");
}

function typeSection({ type, schema }: EventDefinition): string {
  const meaning: Meaning | undefined = meanings[type];
  const rows = fieldRows(schema as SchemaView).map(({ path, type: kind, required }) => {
    const [unit, says] = meaning?.fields[path] ?? ["", ""];
    return `| \`${path}\` | ${kind} | ${unit} | ${required ? "" : "may be"} | ${says} |`;
  });
  return `
### ${type}

${meaning?.says ?? ""}

| field | type | unit | absent | meaning |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}
