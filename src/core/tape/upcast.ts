import type { JsonObject, TapeEvent } from "./event.js";
import type { EventRegistry } from "./registry.js";

/** An event as readers see it: its payload lifted to the newest schema version. Hashes stay those of the stored form. */
export interface CurrentEvent {
  readonly stored: TapeEvent;
  readonly type: string;
  /** Newest schema version of the type. */
  readonly schema_version: number;
  readonly payload: JsonObject;
}

/** A stored event cannot be read by this catalogue. */
export class UpcastRefused extends Error {
  override readonly name = "UpcastRefused";
}

/**
 * Lifts a stored event step by step to its newest schema version. Verify before: hashes cover the stored form.
 *
 * @throws {UpcastRefused} for an unknown type, a version newer than the catalogue's, or an upcaster that throws.
 */
export function upcastEvent(registry: EventRegistry, stored: TapeEvent): CurrentEvent {
  const where = `the event at position ${stored.position} of ${stored.log}`;
  const definition = registry.definition(stored.type);
  if (definition === null)
    throw new UpcastRefused(`${where} has the type ${stored.type}, which the catalogue ${registry.catalogue.name} does not know`);
  const newest = definition.schema_version;
  if (stored.schema_version > newest) {
    throw new UpcastRefused(`${where} has version ${stored.schema_version} of ${stored.type}; this build knows versions up to ${newest}`);
  }
  let payload = parsePayload(stored.payload, where);
  for (let from = stored.schema_version; from < newest; from++) {
    const upcaster = registry.upcaster(stored.type, from);
    if (upcaster === null) throw new UpcastRefused(`${where} cannot be lifted: no upcaster for ${stored.type} from version ${from}`);
    try {
      payload = upcaster.upcast(payload);
    } catch (cause) {
      throw new UpcastRefused(`${where} could not be lifted from version ${from} of ${stored.type}`, { cause });
    }
  }
  return { stored, type: stored.type, schema_version: newest, payload };
}

function parsePayload(text: string, where: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) throw new UpcastRefused(`${where} has a payload that is not an object`);
  return value;
}

/** Whether a parsed JSON value is an object. Parsed JSON holds JSON values only. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
