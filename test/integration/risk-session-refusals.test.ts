import { expect, test } from "vitest";
import { riskSessionCatalogue } from "../../src/core/session/risk-session-events.js";
import { openRiskSession } from "../../src/usecases/risk-session.js";
import { exampleMarket, examplePositions } from "../support/risk-book.js";
import { askRisk, begun, inMemory, MORNING, NOON, OPENED, portsOn, quoteCommand, ran, upsert, verdicts } from "../support/risk-session.js";

const [acme] = exampleMarket.spots;
const [stock] = examplePositions;
if (acme === undefined || stock === undefined) throw new Error("no example");

test("D.3 4: a session tells a missing time, an unknown kind, an unknown version and none by four codes with fixed texts, and stays as it was", async () => {
  const session = await begun(portsOn(inMemory().store));
  const hash = session.stateHash();
  const good = upsert("hold", stock);
  const { ts: _, ...timeless } = good.payload;
  const broken = (name: string) => [
    { ...good, command_id: name, payload: timeless },
    { ...good, command_id: name, kind: `ROUTE_${name}` },
    { ...good, command_id: name, schema_version: name.length + 1 },
    { kind: good["kind"], command_id: name, payload: good.payload },
  ];
  const [one, two] = [await ran(session, ...broken("a")), await ran(session, ...broken("another"))];
  expect(one.map(({ error }) => error?.code)).toEqual([
    "MISSING_EVENT_TS",
    "UNKNOWN_COMMAND_KIND",
    "UNSUPPORTED_SCHEMA_VERSION",
    "MISSING_SCHEMA_VERSION",
  ]);
  expect(two.map(({ error }) => error?.message)).toEqual(one.map(({ error }) => error?.message));
  expect([session.stateHash(), session.version]).toEqual([hash, 0]);
  await session.close();
});

test("D.3 14: a session that allows semantic errors by name softens no fault of structure, no conflict and no name that was never made", async () => {
  const { store } = inMemory();
  const begin = await begun(portsOn(store));
  await begin.close();
  const opened = await openRiskSession(portsOn(store), "desk", "write", ["ILLEGAL_SEQUENCE", "OUT_OF_ORDER"]);
  if (opened.kind === "refused") throw new Error("not opened");
  const { session } = opened;
  const lenient = { validation_mode: "lenient" };
  const early = { ...askRisk("early", NOON), ...lenient };
  expect(await verdicts(session, askRisk("strict", NOON), early)).toEqual(["ILLEGAL_SEQUENCE", "ACCEPTED"]);
  await ran(session, upsert("hold", stock));
  const named = {
    ...lenient,
    kind: "COMPUTE_REQUEST",
    schema_version: 1,
    command_id: "named",
    payload: { compute: "SNAPSHOT", ts: NOON, portfolio_id: "main", parameters: { totals: "whole", market_snapshot_id: "0".repeat(64) } },
  };
  const seen = await verdicts(
    session,
    { ...quoteCommand(1, { kind: "spot", ...acme, price: "NaN" }), ...lenient },
    { ...upsert("hold", { ...stock, quantity: "7" }), ...lenient },
    { ...upsert("late", stock), ...lenient, kind: "INGEST" },
    named,
  );
  expect(seen).toEqual(["VALIDATION_ERROR", "IDEMPOTENCY_CONFLICT", "UNKNOWN_COMMAND_KIND", "MARKET_SNAPSHOT_NOT_FOUND"]);
  await session.close();
});

test("D.3 15: a session routes no order: no command asks for it, no event could tell of it, and what was tried leaves no trace", async () => {
  const session = await begun(portsOn(inMemory().store));
  await ran(session, ...MORNING);
  const hash = session.stateHash();
  const order = { ts: OPENED, symbol: "ACME", side: "buy", qty: "1" };
  const ways = [
    { kind: "SUBMIT_ORDER", schema_version: 1, command_id: "o1", payload: order },
    { kind: "INGEST_EVENT", schema_version: 1, command_id: "o2", payload: { event_type: "ORDER_SUBMITTED", ts: OPENED, data: order } },
    {
      kind: "COMPUTE_REQUEST",
      schema_version: 1,
      command_id: "o3",
      payload: { compute: "LIVE_EXECUTION", ts: NOON, portfolio_id: "main", parameters: order },
    },
  ];
  for (const mode of ["strict", "lenient"])
    expect(await verdicts(session, ...ways.map((way) => ({ ...way, validation_mode: mode })))).toEqual([
      "UNKNOWN_COMMAND_KIND",
      "VALIDATION_ERROR",
      "VALIDATION_ERROR",
    ]);
  expect(session.stateHash()).toBe(hash);
  expect(riskSessionCatalogue.definitions.map(({ type }) => type).filter((type) => /order|signal|fill/.test(type))).toEqual([]);
  await session.close();
});
