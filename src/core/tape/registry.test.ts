import * as Type from "typebox";
import { describe, expect, test } from "vitest";
import type { EventCatalogue, EventDefinition } from "./catalogue.js";
import type { TapeEvent } from "./event.js";
import { buildRegistry, CatalogueRefused, catalogueViolations } from "./registry.js";
import { UpcastRefused, upcastEvent } from "./upcast.js";

const closed = { additionalProperties: false } as const;

function define(type: string, schema_version: number, schema: EventDefinition["schema"] = Type.Object({}, closed)): EventDefinition {
  return { type, schema_version, kind: "input", pinned: false, schema };
}

function catalogue(definitions: readonly EventDefinition[], upcasters: EventCatalogue["upcasters"] = []): EventCatalogue {
  return { name: "test", definitions, upcasters };
}

describe("a catalogue", () => {
  test("everything wrong with it is told at once", () => {
    const broken = catalogue(
      [
        define("a b", 1),
        define("twice", 1),
        define("twice", 1),
        define("old", 3),
        define("open", 1, Type.Object({ x: Type.Object({ y: Type.String() }) }, closed)),
        define("text", 1, Type.String()),
      ],
      [
        { type: "unknown", from: 1, upcast: (payload) => payload },
        { type: "old", from: 3, upcast: (payload) => payload },
        { type: "old", from: 1, upcast: (payload) => payload },
        { type: "old", from: 1, upcast: (payload) => payload },
      ],
    );
    expect(catalogueViolations(broken).map(({ code, field }) => `${code} ${field}`)).toEqual([
      "EVENT_TYPE_NAME a b",
      "EVENT_TYPE_TWICE twice",
      "SCHEMA_OPEN_OBJECT open/x",
      "SCHEMA_NOT_OBJECT text",
      "UPCASTER_UNKNOWN_TYPE unknown",
      "UPCASTER_OUT_OF_RANGE old",
      "UPCASTER_TWICE old",
      "UPCASTER_MISSING old",
    ]);
    expect(() => buildRegistry(broken)).toThrow(CatalogueRefused);
  });

  test.each([
    ["email", "/email"],
    ["account_holder", "/account_holder"],
    ["dateOfBirth", "/dateOfBirth"],
    ["phone_number", "/phone_number"],
    ["home_address", "/home_address"],
    ["name", "/name"],
    ["approver_name", "/approver_name"],
    ["firstName", "/firstName"],
    ["username", "/username"],
    ["emails", "/emails"],
    ["client_names", "/client_names"],
    ["home_addresses", "/home_addresses"],
  ])("a field %s is refused as personal data", (field, pointer) => {
    const schema = Type.Object({ [field]: Type.String() }, closed);
    expect(catalogueViolations(catalogue([define("a", 1, schema)]))).toMatchObject([
      { code: "SCHEMA_PERSONAL_DATA", field: `a${pointer}` },
    ]);
  });

  test("personal data is found in lists, alternatives and optional parts", () => {
    const person = Type.Object({ email: Type.String() }, closed);
    const schema = Type.Object(
      { list: Type.Array(person), either: Type.Union([Type.Null(), person]), maybe: Type.Optional(person) },
      closed,
    );
    expect(catalogueViolations(catalogue([define("a", 1, schema)])).map((violation) => violation.field)).toEqual([
      "a/list/email",
      "a/either/email",
      "a/maybe/email",
    ]);
  });

  test("the names of things are not names of persons", () => {
    const named = Type.Object({ name: Type.String() }, closed);
    const schema = Type.Object({ strategy: named, instrument: named, calc_name: Type.String(), trip: Type.String() }, closed);
    expect(catalogueViolations(catalogue([define("a", 1, schema)]))).toEqual([]);
  });
});

describe("upcasting", () => {
  const versions = catalogue(
    [define("price.quoted", 3, Type.Object({ bid: Type.String(), unit: Type.String() }, closed))],
    [
      { type: "price.quoted", from: 1, upcast: ({ cents }) => ({ bid: String(cents) }) },
      { type: "price.quoted", from: 2, upcast: (payload) => ({ ...payload, unit: "cent" }) },
    ],
  );
  const stored = (changes: Partial<TapeEvent>): TapeEvent => ({
    log: "l",
    position: 7,
    stream: "l/s",
    version: 1,
    id: "018cc251-f400-879f-bd6d-08b091e94d52",
    type: "price.quoted",
    schema_version: 1,
    occurred_at: 0,
    source_at: null,
    causation_id: null,
    correlation_id: null,
    payload: '{"cents":5}',
    payload_hash: "",
    event_hash: "",
    recorded_at: 0,
    epoch: 1,
    ...changes,
  });

  test("an old event is lifted step by step, and the stored form stays at hand", () => {
    const event = stored({});
    expect(upcastEvent(buildRegistry(versions), event)).toEqual({
      stored: event,
      type: "price.quoted",
      schema_version: 3,
      payload: { bid: "5", unit: "cent" },
    });
  });

  test("an event of the newest version passes unchanged", () => {
    expect(upcastEvent(buildRegistry(versions), stored({ schema_version: 3, payload: '{"bid":"1","unit":"x"}' })).payload).toEqual({
      bid: "1",
      unit: "x",
    });
  });

  test.each([
    ["a type that the catalogue does not know", { type: "price.unknown" }, /does not know/],
    ["a version newer than the catalogue's", { schema_version: 4 }, /knows versions up to 3/],
  ])("%s is refused", (_, changes, message) => {
    expect(() => upcastEvent(buildRegistry(versions), stored(changes))).toThrow(UpcastRefused);
    expect(() => upcastEvent(buildRegistry(versions), stored(changes))).toThrow(message);
  });
});
