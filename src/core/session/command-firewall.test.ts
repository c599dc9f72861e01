import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { exampleMarket, examplePositions } from "../../../test/support/risk-book.js";
import { askRisk, type Command, NOON, OPENED, quoteCommand, RISK, upsert } from "../../../test/support/risk-session.js";
import { type AllowList, COMMAND_CODES, checkCommand, type FirewallView, type Verdict } from "./command-firewall.js";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const [acme] = exampleMarket.spots;
const [stock] = examplePositions;
if (acme === undefined || stock === undefined) throw new Error("no example");

const OPEN: FirewallView = {
  status: "open",
  quotes: 1,
  version: 1,
  fx_pivot: "USD",
  client_sequence: 4,
  fingerprintOf: () => null,
  hasMarketSnapshot: () => false,
};

function check(raw: unknown, view: Partial<FirewallView> = {}, allow: AllowList = []): Verdict {
  return checkCommand(raw, { ...OPEN, ...view }, allow, sha256);
}

function codeOf(raw: unknown, view: Partial<FirewallView> = {}, allow: AllowList = []): string {
  const verdict = check(raw, view, allow);
  return verdict.kind === "rejected" ? verdict.error.code : verdict.kind;
}

function fieldsOf(raw: unknown): readonly string[] {
  const verdict = check(raw);
  return verdict.kind === "rejected" ? verdict.error.details.map(({ field }) => field) : [];
}

const quote: Command = quoteCommand(1, { kind: "spot", ...acme });
const position: Command = upsert("hold", stock);
const risk: Command = askRisk("noon", NOON);

describe("the command firewall", () => {
  test("has one table of codes, categories and texts", () => {
    expect(COMMAND_CODES).toEqual([
      { code: "UNKNOWN_COMMAND_KIND", category: "VALIDATION", message: "the kind names no command" },
      { code: "MISSING_SCHEMA_VERSION", category: "VALIDATION", message: "the command does not say which version its structure has" },
      { code: "UNSUPPORTED_SCHEMA_VERSION", category: "VALIDATION", message: "the version of the command's structure is not supported" },
      { code: "MISSING_EVENT_TS", category: "VALIDATION", message: "the command does not say when its event happened" },
      { code: "VALIDATION_ERROR", category: "VALIDATION", message: "the command does not have the structure of its kind" },
      { code: "ILLEGAL_SEQUENCE", category: "SEMANTIC", message: "the session is not in a state in which this command may come" },
      { code: "OUT_OF_ORDER", category: "SEMANTIC", message: "the client has sent a later command before this one" },
      { code: "IDEMPOTENCY_CONFLICT", category: "CONFLICT", message: "the id was used before for something else" },
      { code: "MARKET_SNAPSHOT_NOT_FOUND", category: "NOT_FOUND", message: "the session made no market snapshot of this name" },
    ]);
  });

  test("D.3 4: a missing time, an unknown kind, an unknown version and none have codes, and no text of theirs changes", () => {
    const { ts: _, ...timeless } = quote.payload;
    const cases: readonly (readonly [raw: unknown, code: string])[] = [
      [{ ...quote, payload: timeless }, "MISSING_EVENT_TS"],
      [{ ...quote, payload: { ...timeless, ts: null } }, "MISSING_EVENT_TS"],
      [{ ...quote, kind: "SELL_EVERYTHING" }, "UNKNOWN_COMMAND_KIND"],
      [{ ...quote, kind: "toString" }, "UNKNOWN_COMMAND_KIND"],
      [{ ...quote, schema_version: undefined }, "MISSING_SCHEMA_VERSION"],
      [{ ...quote, schema_version: "1.0" }, "UNSUPPORTED_SCHEMA_VERSION"],
      [{ ...quote, schema_version: 2 }, "UNSUPPORTED_SCHEMA_VERSION"],
      [null, "UNKNOWN_COMMAND_KIND"],
      ["INGEST_QUOTE", "UNKNOWN_COMMAND_KIND"],
      [[], "UNKNOWN_COMMAND_KIND"],
    ];
    for (const [raw, code] of cases) {
      const verdict = check(raw);
      if (verdict.kind !== "rejected") throw new Error("was admitted");
      expect(verdict.error.code).toBe(code);
      expect(verdict.error.message).toBe(COMMAND_CODES.find((one) => one.code === code)?.message);
    }
  });

  test("asks in its order: kind, version, structure, legality, idempotency", () => {
    const known = { fingerprintOf: () => "0".repeat(64) };
    const wrong = { ...risk, payload: {} };
    expect(codeOf({ ...wrong, kind: "?", schema_version: 9 }, { quotes: 0, ...known })).toBe("UNKNOWN_COMMAND_KIND");
    expect(codeOf({ ...wrong, schema_version: null }, { quotes: 0, ...known })).toBe("MISSING_SCHEMA_VERSION");
    expect(codeOf({ ...wrong, schema_version: 9 }, { quotes: 0, ...known })).toBe("UNSUPPORTED_SCHEMA_VERSION");
    expect(codeOf(wrong, { quotes: 0, ...known })).toBe("MISSING_EVENT_TS");
    expect(codeOf(risk, { quotes: 0, ...known })).toBe("ILLEGAL_SEQUENCE");
    expect(codeOf(risk, known)).toBe("IDEMPOTENCY_CONFLICT");
    expect(codeOf(risk)).toBe("admitted");
  });

  test("names every fault of a structure at once, with its path", () => {
    const odd = {
      ...position,
      command_id: "",
      validation_mode: "soft",
      client_sequence: -1,
      extra: true,
      payload: { ...position.payload, data: { portfolio_id: "a/b", position: { ...stock, quantity: 7, colour: "red" } } },
    };
    expect(codeOf(odd)).toBe("VALIDATION_ERROR");
    const fields = fieldsOf(odd);
    for (const field of ["/extra", "/command_id", "/validation_mode", "/client_sequence"]) expect(fields).toContain(field);
    expect(fields.filter((field) => field.startsWith("/payload/data/position")).length).toBeGreaterThanOrEqual(2);
    expect(fieldsOf({ ...position, payload: { ...position.payload, event_type: "PORTFOLIO_SOLD" } })).toEqual(["/payload/event_type"]);
    expect(fieldsOf({ ...risk, payload: 7 })).toEqual(["/payload"]);
  });

  test("takes times that events and days can have, and no others", () => {
    const at = (ts: unknown) => codeOf({ ...quote, payload: { ...quote.payload, ts } });
    expect([-62_135_596_800_000, 0, 140_737_488_355_327].map(at)).toEqual(Array<string>(3).fill("admitted"));
    expect([-62_135_596_800_001, 140_737_488_355_328, 0.5, "0", Number.NaN].map(at)).toEqual(Array<string>(5).fill("VALIDATION_ERROR"));
  });

  test("and every fault of its meaning", () => {
    const bond = { ...examplePositions.find(({ kind }) => kind === "bond"), quantity: "-3" } as typeof stock;
    expect(codeOf(upsert("bond", bond ?? stock))).toBe("VALIDATION_ERROR");
    expect(fieldsOf(upsert("bond", bond ?? stock))).toEqual(["positions/bond/quantity"]);
    const asked = askRisk("r", NOON, { ...RISK, confidences: ["1", "99%", "0.99"] });
    expect(fieldsOf(asked)).toEqual(["CONFIDENCE_INVALID", "CONFIDENCE_INVALID"]);
    expect(codeOf(quoteCommand(1, { kind: "fx", pair: "EUR/USD", rate: "-1" }))).toBe("VALIDATION_ERROR");
    expect(codeOf(quoteCommand(1, { kind: "fx", pair: "EUR/JPY", rate: "160" }))).toBe("admitted");
    expect(codeOf(quoteCommand(1, { kind: "spot", ...acme, currency: "ZZZ" }))).toBe("VALIDATION_ERROR");
  });

  test("D.3 14: lenient softens no fault of structure and no conflict, and what is semantic only by name", () => {
    const lenient = (command: Command) => ({ ...command, validation_mode: "lenient" });
    const allow = ["ILLEGAL_SEQUENCE", "OUT_OF_ORDER"] as const;
    expect(codeOf(lenient({ ...risk, payload: {} }), {}, allow)).toBe("MISSING_EVENT_TS");
    expect(codeOf(lenient({ ...quote, payload: { ...quote.payload, source: "" } }), {}, allow)).toBe("VALIDATION_ERROR");
    expect(codeOf(lenient(risk), { fingerprintOf: () => "other" }, allow)).toBe("IDEMPOTENCY_CONFLICT");
    expect(codeOf(lenient(risk), { quotes: 0 })).toBe("ILLEGAL_SEQUENCE");
    expect(codeOf(risk, { quotes: 0 }, allow)).toBe("ILLEGAL_SEQUENCE");
    const passed = check(lenient(risk), { quotes: 0 }, allow);
    expect(passed).toMatchObject({ kind: "admitted", diagnostics: [{ code: "ILLEGAL_SEQUENCE" }] });
    expect(codeOf(lenient(risk), { status: "closed" }, allow)).toBe("ILLEGAL_SEQUENCE");
    expect(codeOf(lenient({ ...position, client_sequence: 3 }), {}, ["OUT_OF_ORDER"])).toBe("admitted");
    expect(codeOf({ ...position, client_sequence: 4 })).toBe("OUT_OF_ORDER");
    expect(codeOf({ ...position, client_sequence: 5 })).toBe("admitted");
  });

  test("D.3 15: no command can route an order", () => {
    const order = { side: "BUY", symbol: "ACME", quantity: "1", ts: OPENED };
    for (const kind of ["ROUTE_ORDER", "SUBMIT_ORDER", "EXECUTE"])
      expect(codeOf({ kind, schema_version: 1, command_id: "x", payload: order })).toBe("UNKNOWN_COMMAND_KIND");
    const compute = { compute: "EXECUTION", ts: NOON, portfolio_id: "main", parameters: {} };
    expect(codeOf({ kind: "COMPUTE_REQUEST", schema_version: 1, command_id: "x", payload: compute })).toBe("VALIDATION_ERROR");
  });

  test("takes a command for the same whatever its id's time and meta, and for another where its data or client sequence differ", () => {
    const fingerprint = (raw: unknown): string => {
      const verdict = check(raw);
      return verdict.kind === "admitted" ? verdict.fingerprint : "";
    };
    const one = fingerprint(position);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint({ ...position, command_id: "other", meta: { a: 1 }, payload: { ...position.payload, ts: 0 } })).toBe(one);
    expect(fingerprint({ ...position, client_sequence: 9 })).not.toBe(one);
    expect(fingerprint(upsert("hold", { ...stock, quantity: "1" }))).not.toBe(one);
    expect(check(position, { fingerprintOf: () => one }).kind).toBe("replay");
  });

  test("cuts what it shows of a value, and counts what it does not show", () => {
    const confidences = Array.from({ length: 60 }, () => "x".repeat(64));
    const verdict = check(askRisk("r", NOON, { ...RISK, confidences }));
    if (verdict.kind !== "rejected") throw new Error("was admitted");
    expect([verdict.error.details.length, verdict.error.error_count]).toEqual([50, 60]);
    const long = check({ kind: "x".repeat(500) });
    expect(long.kind === "rejected" ? long.error.details[0]?.value.length : 0).toBeLessThanOrEqual(81);
  });
});
