import * as Type from "typebox";
import { describe, expect, test } from "vitest";
import { storedLog } from "../../../test/support/stored-log.js";
import type { EventCatalogue } from "./catalogue.js";
import type { TapeEvent } from "./event.js";
import { buildRegistry, type EventRegistry } from "./registry.js";
import { UpcastRefused, upcastEvent } from "./upcast.js";

const catalogue: EventCatalogue = {
  name: "prices",
  definitions: [
    { type: "price.quoted", schema_version: 3, kind: "input", pinned: false, schema: Type.Object({}, { additionalProperties: false }) },
  ],
  upcasters: [
    {
      type: "price.quoted",
      from: 1,
      upcast: () => {
        throw new Error("no unit");
      },
    },
    { type: "price.quoted", from: 2, upcast: (payload) => ({ ...payload, unit: "cent" }) },
  ],
};

const quoted = (schema_version: number, payload: string, type = "price.quoted"): TapeEvent =>
  storedLog([{ type, schema_version, payload }], 1).events[0] as TapeEvent;

function refusal(registry: EventRegistry, event: TapeEvent): unknown {
  try {
    upcastEvent(registry, event);
  } catch (error) {
    return error;
  }
  return null;
}

describe("an event is refused, with its place and the reason,", () => {
  test.each([
    [
      "of a type that the catalogue does not know",
      quoted(1, "{}", "price.lost"),
      "has the type price.lost, which the catalogue prices does not know",
    ],
    ["of a version newer than the catalogue's", quoted(4, "{}"), "has version 4 of price.quoted; this build knows versions up to 3"],
    ["whose payload is a list", quoted(2, "[1]"), "has a payload that is not an object"],
    ["whose payload is a number", quoted(3, "7"), "has a payload that is not an object"],
    ["whose payload is nothing", quoted(3, "null"), "has a payload that is not an object"],
    ["that its upcaster cannot lift", quoted(1, "{}"), "could not be lifted from version 1 of price.quoted"],
  ])("%s", (_, event, message) => {
    const error = refusal(buildRegistry(catalogue), event);
    expect(error).toBeInstanceOf(UpcastRefused);
    expect(String(error)).toBe(`UpcastRefused: the event at position 1 of run/one ${message}`);
  });

  test("with what the upcaster threw as its cause", () => {
    expect(refusal(buildRegistry(catalogue), quoted(1, "{}"))).toMatchObject({ cause: new Error("no unit") });
  });

  test("where a registry that nobody checked lacks a step", () => {
    const registry = { ...buildRegistry(catalogue), upcaster: () => null };
    expect(String(refusal(registry, quoted(2, "{}")))).toBe(
      "UpcastRefused: the event at position 1 of run/one cannot be lifted: no upcaster for price.quoted from version 2",
    );
  });
});
