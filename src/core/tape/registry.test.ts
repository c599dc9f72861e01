import * as Type from "typebox";
import { describe, expect, test } from "vitest";
import type { EventCatalogue, EventDefinition } from "./catalogue.js";
import type { JsonObject, TapeEvent } from "./event.js";
import { NAME_EXPECTATION } from "./names.js";
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

  test("is refused with its name and the message of everything wrong with it", () => {
    const broken = { ...catalogue([define("a b", 1), define("text", 1, Type.String())]), name: "ledger" };
    expect(() => buildRegistry(broken)).toThrow(
      expect.objectContaining({
        name: "CatalogueRefused",
        message: `the event catalogue ledger is refused: the event type "a b" is not ${NAME_EXPECTATION}; the payload of text is not described as an object`,
        violations: catalogueViolations(broken),
      }),
    );
  });

  const open = Type.Object({ x: Type.String() });
  const lift = (payload: JsonObject): JsonObject => payload;
  test.each<[string, EventCatalogue, readonly string[]]>([
    ["a type defined twice", catalogue([define("a", 1), define("a", 1)]), ["EVENT_TYPE_TWICE a: the event type a is defined twice"]],
    ...[0, 1.5, -1, 65_536].map((version): [string, EventCatalogue, readonly string[]] => [
      `a schema version of ${version}`,
      catalogue([define("a", version)], version === 1.5 ? [{ type: "a", from: 1, upcast: lift }] : []),
      [`SCHEMA_VERSION a: the schema version ${version} of a is not an integer from 1 to 65535`],
    ]),
    ["a payload without a kind", catalogue([define("a", 1, {})]), ["SCHEMA_NOT_OBJECT a: the payload of a is not described as an object"]],
    [
      "an open object",
      catalogue([define("a", 1, open)]),
      ["SCHEMA_OPEN_OBJECT a: a lets unknown fields in; set additionalProperties to false"],
    ],
    [
      "an object that says of itself that it is open",
      catalogue([define("a", 1, Type.Object({}, { additionalProperties: true }))]),
      ["SCHEMA_OPEN_OBJECT a: a lets unknown fields in; set additionalProperties to false"],
    ],
    [
      "open objects in lists and alternatives",
      catalogue([
        define(
          "a",
          1,
          Type.Object({ l: Type.Array(open), m: Type.Record(Type.String(), open), u: Type.Union([Type.Null(), open]) }, closed),
        ),
      ]),
      [
        "SCHEMA_OPEN_OBJECT a/l/*: a/l/* lets unknown fields in; set additionalProperties to false",
        "SCHEMA_OPEN_OBJECT a/m: a/m lets unknown fields in; set additionalProperties to false",
        "SCHEMA_OPEN_OBJECT a/u: a/u lets unknown fields in; set additionalProperties to false",
      ],
    ],
    [
      "personal data",
      catalogue([define("a", 1, Type.Object({ email: Type.String() }, closed))]),
      ["SCHEMA_PERSONAL_DATA a/email: a/email would put personal data on the tape; use an opaque id"],
    ],
    [
      "an upcaster of an unknown type",
      catalogue([], [{ type: "a", from: 1, upcast: lift }]),
      ["UPCASTER_UNKNOWN_TYPE a: an upcaster names the unknown event type a"],
    ],
    ...[0, 0.5, 2].map((from): [string, EventCatalogue, readonly string[]] => [
      `an upcaster from version ${from} where the newest is 2`,
      catalogue(
        [define("a", 2)],
        [
          { type: "a", from: 1, upcast: lift },
          { type: "a", from, upcast: lift },
        ],
      ),
      [`UPCASTER_OUT_OF_RANGE a: the upcaster of a from version ${from} leads nowhere; the newest is 2`],
    ]),
    [
      "two upcasters for one step",
      catalogue(
        [define("a", 2)],
        [
          { type: "a", from: 1, upcast: lift },
          { type: "a", from: 1, upcast: lift },
        ],
      ),
      ["UPCASTER_TWICE a: two upcasters lift a from version 1"],
    ],
    [
      "steps that nothing lifts",
      catalogue([define("a", 3)]),
      ["UPCASTER_MISSING a: no upcaster lifts a from version 1 to 2", "UPCASTER_MISSING a: no upcaster lifts a from version 2 to 3"],
    ],
  ])("with %s is refused", (_, broken, violations) => {
    expect(catalogueViolations(broken).map(({ code, field, message }) => `${code} ${field}: ${message}`)).toEqual(violations);
  });

  test("may leave open what lists no properties, and constants may look like open objects", () => {
    const schema = {
      type: "object",
      additionalProperties: false,
      properties: {
        map: Type.Record(Type.String(), Type.Unknown()),
        constant: { const: { properties: {} } },
        one: { enum: [{ properties: {} }, null] },
        nothing: null,
      },
    };
    expect(catalogueViolations(catalogue([define("a", 1, schema)]))).toEqual([]);
  });

  test("may have 65,535 versions, and the missing steps of all of them are told", () => {
    const missing = catalogueViolations(catalogue([define("a", 65_535)]));
    expect(missing).toHaveLength(65_534);
    expect(missing.every(({ code }) => code === "UPCASTER_MISSING")).toBe(true);
  });

  test("that was built finds types by name and steps by version", () => {
    const upcaster = { type: "b", from: 1, upcast: lift };
    const ledger = catalogue([define("a", 1), define("b", 2)], [upcaster]);
    const registry = buildRegistry(ledger);
    expect(registry.catalogue).toBe(ledger);
    expect([registry.indexOf("a"), registry.indexOf("b"), registry.indexOf("c")]).toEqual([0, 1, -1]);
    expect([registry.definition("a"), registry.definition("b"), registry.definition("c")]).toEqual([...ledger.definitions, null]);
    expect([registry.upcaster("b", 1), registry.upcaster("b", 2), registry.upcaster("a", 1)]).toEqual([upcaster, null, null]);
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
