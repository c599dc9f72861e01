import { describe, expect, it } from "vitest";
import { columnsOf, driveOver, flatMinutes, onMinutes } from "../../../test/support/engine-fixture.js";
import { policyWith, usd } from "../../../test/support/hand-account.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { runCatalogue } from "../engine/run-event-schemas.js";
import { payloadHash } from "../tape/chain.js";
import type { TapeEvent } from "../tape/event.js";
import { MemoryTapeWriter } from "../tape/memory-tape-writer.js";
import { isApproved } from "./gate.js";
import { policyFingerprint } from "./policy-fingerprint.js";
import { type RecordedApproval, remintApproval } from "./remint-approval.js";

const policy = policyWith({ notional_max: usd("1000") });
const policy_sha256 = policyFingerprint(policy, sha256);

/** A run's events as a store gives them back: approved O1, refused O2. */
function tape(): readonly TapeEvent[] {
  const writer = new MemoryTapeWriter(runCatalogue);
  driveOver(
    {
      instruments: [{ columns: columnsOf("AAA", flatMinutes([100, 100, 100])) }],
      strategy: {
        onBar: onMinutes({
          1: (ctx) => {
            ctx.enterLong({ qty: 10, type: "limit", limit: 99 });
            ctx.enterLong({ qty: 11 });
          },
        }),
      },
      risk: policy,
    },
    writer,
  );
  const events = writer.events().map((event) => ({ ...event, id: `event-${event.position}` }));
  return events.map((event) => {
    const cause = events.find((e) => e.command === event.command && e.index_in_command === event.cause);
    return {
      ...event,
      log: "session/test",
      schema_version: 1,
      source_at: null,
      causation_id: cause?.id ?? null,
      correlation_id: null,
      payload_hash: payloadHash(event.payload, sha256),
      event_hash: "",
      recorded_at: 0,
      epoch: 1,
    };
  });
}

function recorded(
  order: string,
  changes: (events: { decided: TapeEvent; created: TapeEvent }) => Partial<RecordedApproval> = () => ({}),
): RecordedApproval {
  const of = (type: string): TapeEvent => {
    const found = tape().find((e) => e.type === type && e.stream === `order/${order}`);
    if (found === undefined) throw new Error(`no ${type} of ${order}`);
    return found;
  };
  const events = { created: of("order.created"), decided: of("risk.decided") };
  return { ...events, order_sha256: events.created.payload_hash, policy_sha256, hash: sha256, ...changes(events) };
}

/** An event whose payload says something else and was hashed again. */
function rewritten(event: TapeEvent, change: (payload: Record<string, unknown>) => void): TapeEvent {
  const payload = JSON.parse(event.payload) as Record<string, unknown>;
  change(payload);
  const text = JSON.stringify(payload);
  return { ...event, payload: text, payload_hash: payloadHash(text, sha256) };
}

describe("an approval after a restart", () => {
  it("is made again from the recorded decision and the creation that it answers", () => {
    const made = remintApproval(recorded("O1"));
    if (made.kind !== "approved") throw new Error(made.detail);
    expect(isApproved(made.order)).toBe(true);
    expect(made.order).toMatchObject({
      order_id: "O1",
      symbol: "AAA",
      side: "buy",
      qty: "10",
      limit_price: "99",
      stop_price: null,
      policy_sha256,
    });
    expect(isApproved({ ...made.order })).toBe(false);
  });

  it.each<[string, Parameters<typeof recorded>[1], string]>([
    [
      "a payload that is not the one that was hashed",
      ({ decided }) => ({ decided: { ...decided, payload: decided.payload.replace("O1", "O9") } }),
      "PAYLOAD_HASH_MISMATCH",
    ],
    [
      "a creation with another quantity under the old hash",
      ({ created }) => ({ created: { ...created, payload: created.payload.replace('"10"', '"99"') } }),
      "PAYLOAD_HASH_MISMATCH",
    ],
    [
      "an order that was changed and hashed again",
      ({ created }) => ({ created: rewritten(created, (p) => Object.assign(p, { qty: "99" })) }),
      "ORDER_HASH_MISMATCH",
    ],
    ["an order to be sent that is not the one decided on", () => ({ order_sha256: "0".repeat(64) }), "ORDER_HASH_MISMATCH"],
    [
      "a decision that answers another event",
      ({ decided }) => ({ decided: { ...decided, causation_id: "event-1" } }),
      "DECISION_NOT_OF_ORDER",
    ],
    ["a decision of another log", ({ decided }) => ({ decided: { ...decided, log: "session/other" } }), "DECISION_NOT_OF_ORDER"],
    [
      "a decision on another order",
      ({ decided }) => ({ decided: rewritten(decided, (p) => Object.assign(p, { order_id: "O2" })) }),
      "DECISION_NOT_OF_ORDER",
    ],
    [
      "a decision before the creation",
      ({ decided, created }) => ({ decided: { ...decided, position: created.position } }),
      "DECISION_NOT_OF_ORDER",
    ],
    ["a policy that is no longer in force", () => ({ policy_sha256: "0".repeat(64) }), "POLICY_MISMATCH"],
    [
      "a decision on a change",
      ({ decided }) => ({ decided: rewritten(decided, (p) => Object.assign(p, { subject: "modification" })) }),
      "NOT_APPROVED",
    ],
    ["another event in the decision's place", ({ created }) => ({ decided: created }), "EVENT_MALFORMED"],
    [
      "a payload that is none",
      ({ decided }) => ({ decided: rewritten(decided, (p) => Object.assign(p, { decision: "yes" })) }),
      "EVENT_MALFORMED",
    ],
    ["a schema that is not known yet", ({ created }) => ({ created: { ...created, schema_version: 2 } }), "EVENT_MALFORMED"],
  ])("is refused for %s", (_, changes, code) => {
    expect(remintApproval(recorded("O1", changes))).toMatchObject({ kind: "refused", code });
  });

  it("is refused for an order that the gate refused", () => {
    expect(remintApproval(recorded("O2"))).toMatchObject({ kind: "refused", code: "NOT_APPROVED" });
  });
});
