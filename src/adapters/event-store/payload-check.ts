import type { TSchema } from "typebox";
import type { Violation } from "../../core/quality/violation.js";
import type { EventCatalogue } from "../../core/tape/catalogue.js";
import type { Json } from "../../core/tape/event.js";

/** Checks one payload against its schema and reports everything wrong with it. */
export type PayloadCheck = (payload: { readonly [key: string]: Json }) => readonly Violation[];

/**
 * Compiled checks of a catalogue, by type.
 *
 * The compiler takes a tenth of a second to load, so it is loaded with the first append and never by readers.
 */
export async function compilePayloadChecks(catalogue: EventCatalogue): Promise<ReadonlyMap<string, PayloadCheck>> {
  const { Compile } = await import("typebox/compile");
  const checkOf = (schema: TSchema): PayloadCheck => {
    const validator = Compile(schema);
    return (payload) => {
      if (validator.Check(payload)) return [];
      return [...validator.Errors(payload)].map((error) => ({
        code: "PAYLOAD_SCHEMA",
        message: `${error.instancePath === "" ? "the payload" : error.instancePath} ${error.message}`,
        field: error.instancePath,
        expected: error.schemaPath,
      }));
    };
  };
  return new Map(catalogue.definitions.map((definition) => [definition.type, checkOf(definition.schema)]));
}
