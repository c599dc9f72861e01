import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PostgresEventStore } from "../../src/adapters/postgres/postgres-event-store.js";
import { administer, newDatabase, postgresStore } from "../support/postgres-store.js";
import { sharedServer } from "../support/shared-postgres.js";
import { MONDAY } from "../support/tape-fixture.js";

let dsn: string;
let store: PostgresEventStore;

beforeAll(async () => {
  dsn = await newDatabase(await sharedServer(), "doctor");
  store = postgresStore(dsn, { now: Date.now });
});
afterAll(() => store.close());

async function worst(of: PostgresEventStore = store): Promise<readonly string[]> {
  return (await of.findings()).filter(({ status }) => status !== "ok").map(({ check, status }) => `${check} ${status}`);
}

describe("the doctor of a database", () => {
  test("finds nothing but the rights of its owner in a sound one, and says for each finding what to do", async () => {
    expect(await worst()).toEqual(["role warning"]);
    for (const { status, next } of await store.findings()) expect([status, next !== ""]).toEqual([status, status !== "ok"]);
  });

  test("finds a trigger that was disabled, a clock that is elsewhere and an import that was not finished", async () => {
    await administer(dsn, "ALTER TABLE events DISABLE TRIGGER events_no_change");
    expect((await store.findings()).find(({ check }) => check === "triggers")).toMatchObject({
      status: "failed",
      found: expect.stringContaining("events_no_change"),
    });
    await administer(dsn, "ALTER TABLE events ENABLE TRIGGER events_no_change");
    const past = postgresStore(dsn, { now: () => MONDAY });
    expect(await worst(past)).toContain("clock failed");
    await past.close();
    await administer(dsn, "INSERT INTO log_imports VALUES ('run/one', 5, '\\x00')");
    expect(await worst()).toContain("imports warning");
    await administer(dsn, "DELETE FROM log_imports");
  });
});
