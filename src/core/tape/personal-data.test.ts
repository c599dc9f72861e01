import * as Type from "typebox";
import { describe, expect, test } from "vitest";
import { personalDataFields } from "./personal-data.js";

const fieldsOf = (name: string): readonly string[] => personalDataFields(Type.Object({ [name]: Type.String() }));

describe("a field of personal data", () => {
  test.each(
    "address birth birthday birthdate email holder iban ip mail mobile nationality passport phone postcode ssn surname telephone zipcode".split(
      " ",
    ),
  )("is one whose name holds the word %s, alone or with others, in one or in several", (word) => {
    for (const name of [word, `home_${word}`, `${word}_1`, `home${word.charAt(0).toUpperCase()}${word.slice(1)}`, word.toUpperCase()])
      expect(fieldsOf(name), name).toEqual([`/${name}`]);
    const plural = word.endsWith("ss") ? `${word}es` : `${word}s`;
    expect(fieldsOf(plural)).toEqual([`/${plural}`]);
    expect(fieldsOf(`x${word}`)).toEqual([]);
  });

  test.each(
    "approver client contact customer display family first full given last legal middle operator owner person trader user".split(" "),
  )("is the name of a %s, however it is joined", (word) => {
    for (const name of [`${word}_name`, `${word}Name`, `${word}name`, `${word}names`, `name_of_${word}`, `${word}s_names`])
      expect(fieldsOf(name), name).toEqual([`/${name}`]);
    expect(fieldsOf(`${word}_id`)).toEqual([]);
    expect(fieldsOf(word)).toEqual([]);
  });

  test.each("calculation calc catalogue data indicator instrument metric policy strategy venue".split(" "))(
    "is not the name of a %s, and is the name of its members",
    (thing) => {
      const named = Type.Object({ name: Type.String(), label: Type.Object({ name: Type.String() }) });
      expect(personalDataFields(Type.Object({ [thing]: named }))).toEqual([`/${thing}/label/name`]);
      expect(fieldsOf(`${thing}_name`)).toEqual([]);
    },
  );

  test("is a name that stands alone at the root", () => {
    expect(fieldsOf("name")).toEqual(["/name"]);
    expect(fieldsOf("names")).toEqual(["/names"]);
  });

  test.each([
    "trip",
    "ipo",
    "mailing",
    "phoneme",
    "filename",
    "rename",
    "namespace",
    "first",
    "emailed",
    "class",
    "process",
    "passesport",
    "usernameless",
  ])("is not %s, which only looks like one", (name) => {
    expect(fieldsOf(name)).toEqual([]);
  });

  test.each(["addresses", "home_addresses", "emails", "e-mail", "ip.v4", "contact phone", "line2Phone", "user-name"])("is %s", (name) => {
    expect(fieldsOf(name)).toEqual([`/${name}`]);
  });
});

describe("fields are found", () => {
  const person = Type.Object({ email: Type.String(), id: Type.String() });

  test("in objects, lists, alternatives and maps, each under its pointer", () => {
    const schema = Type.Object({
      one: person,
      many: Type.Array(Type.Array(person)),
      either: Type.Union([Type.Null(), person]),
      map: Type.Record(Type.String(), person),
      ip: Type.Object({ phone: Type.String() }),
    });
    expect(personalDataFields(schema)).toEqual(["/one/email", "/many/email", "/either/email", "/map/email", "/ip", "/ip/phone"]);
  });

  test("by the names of fields, and not in the values that a field may have", () => {
    const schema = {
      type: "object",
      properties: { kind: { const: { properties: { email: 1 } } }, other: { enum: [{ properties: { email: 1 } }] } },
    };
    expect(personalDataFields(schema)).toEqual([]);
    expect(personalDataFields({ type: "object", properties: "email" })).toEqual([]);
    expect(personalDataFields({ type: "object", properties: null })).toEqual([]);
  });
});
