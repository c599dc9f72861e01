import type { Violation } from "../quality/violation.js";
import type { EventCatalogue, EventDefinition, Upcaster } from "./catalogue.js";
import { isTapeName, NAME_EXPECTATION } from "./names.js";
import { personalDataFields } from "./personal-data.js";

/** A catalogue that was checked, with its definitions and upcasters at hand. */
export interface EventRegistry {
  readonly catalogue: EventCatalogue;
  /** Index of a type in the catalogue and in blocks, or -1. */
  indexOf(type: string): number;
  definition(type: string): EventDefinition | null;
  /** The step from one schema version of a type to the next, or null. */
  upcaster(type: string, from: number): Upcaster | null;
}

/** A catalogue breaks its own rules: a bug that shows at start. */
export class CatalogueRefused extends Error {
  override readonly name = "CatalogueRefused";
  readonly violations: readonly Violation[];

  constructor(catalogue: string, violations: readonly Violation[]) {
    super(`the event catalogue ${catalogue} is refused: ${violations.map((violation) => violation.message).join("; ")}`);
    this.violations = violations;
  }
}

/** @throws {CatalogueRefused} with everything that {@link catalogueViolations} finds. */
export function buildRegistry(catalogue: EventCatalogue): EventRegistry {
  const violations = catalogueViolations(catalogue);
  if (violations.length > 0) throw new CatalogueRefused(catalogue.name, violations);
  const indices = new Map(catalogue.definitions.map((definition, i) => [definition.type, i]));
  const upcasters = new Map(catalogue.upcasters.map((upcaster) => [`${upcaster.type} ${upcaster.from}`, upcaster]));
  return {
    catalogue,
    indexOf: (type) => indices.get(type) ?? -1,
    definition: (type) => catalogue.definitions[indices.get(type) ?? -1] ?? null,
    upcaster: (type, from) => upcasters.get(`${type} ${from}`) ?? null,
  };
}

/** Everything wrong with a catalogue: types, versions, gaps in upcasters, open objects and fields of personal data. */
export function catalogueViolations(catalogue: EventCatalogue): readonly Violation[] {
  const found: Violation[] = [];
  const say = (code: string, field: string, message: string): void => {
    found.push({ code, field, message });
  };
  const versions = new Map<string, number>();
  for (const { type, schema_version, schema } of catalogue.definitions) {
    if (!isTapeName(type)) say("EVENT_TYPE_NAME", type, `the event type ${JSON.stringify(type)} is not ${NAME_EXPECTATION}`);
    if (versions.has(type)) say("EVENT_TYPE_TWICE", type, `the event type ${type} is defined twice`);
    if (!Number.isInteger(schema_version) || schema_version < 1 || schema_version > 0xffff) {
      say("SCHEMA_VERSION", type, `the schema version ${schema_version} of ${type} is not an integer from 1 to 65535`);
    }
    versions.set(type, schema_version);
    if (!hasType(schema, "object")) say("SCHEMA_NOT_OBJECT", type, `the payload of ${type} is not described as an object`);
    for (const field of openObjects(schema))
      say("SCHEMA_OPEN_OBJECT", `${type}${field}`, `${type}${field} lets unknown fields in; set additionalProperties to false`);
    for (const field of personalDataFields(schema))
      say("SCHEMA_PERSONAL_DATA", `${type}${field}`, `${type}${field} would put personal data on the tape; use an opaque id`);
  }
  const steps = new Set<string>();
  for (const { type, from } of catalogue.upcasters) {
    const newest = versions.get(type);
    if (newest === undefined) say("UPCASTER_UNKNOWN_TYPE", type, `an upcaster names the unknown event type ${type}`);
    else if (!Number.isInteger(from) || from < 1 || from >= newest)
      say("UPCASTER_OUT_OF_RANGE", type, `the upcaster of ${type} from version ${from} leads nowhere; the newest is ${newest}`);
    if (steps.has(`${type} ${from}`)) say("UPCASTER_TWICE", type, `two upcasters lift ${type} from version ${from}`);
    steps.add(`${type} ${from}`);
  }
  for (const [type, newest] of versions) {
    for (let from = 1; from < newest && newest <= 0xffff; from++) {
      if (!steps.has(`${type} ${from}`)) say("UPCASTER_MISSING", type, `no upcaster lifts ${type} from version ${from} to ${from + 1}`);
    }
  }
  return found;
}

/** JSON pointers of objects that list their properties and yet admit others. */
function openObjects(schema: unknown, path: string = ""): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const open = "properties" in schema && !("additionalProperties" in schema && schema.additionalProperties === false) ? [path] : [];
  const inner = Object.entries(schema).flatMap(([keyword, value]) => {
    if (keyword === "const" || keyword === "enum" || typeof value !== "object" || value === null) return [];
    if (keyword === "properties") return Object.entries(value).flatMap(([name, member]) => openObjects(member, `${path}/${name}`));
    return Array.isArray(value)
      ? value.flatMap((member) => openObjects(member, path))
      : openObjects(value, keyword === "items" ? `${path}/*` : path);
  });
  return [...open, ...inner];
}

function hasType(schema: unknown, type: string): boolean {
  return typeof schema === "object" && schema !== null && "type" in schema && schema.type === type;
}
