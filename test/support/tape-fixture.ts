import * as Type from "typebox";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { EventBlock } from "../../src/core/tape/block.js";
import { CAUSE_NONE } from "../../src/core/tape/block.js";
import { BlockTapeWriter } from "../../src/core/tape/block-tape-writer.js";
import type { EventCatalogue } from "../../src/core/tape/catalogue.js";
import type { JsonObject, NewEvent, TapeEvent } from "../../src/core/tape/event.js";
import { eventId } from "../../src/core/tape/event-id.js";
import type { LogSession, OpenOptions, ReadOptions } from "../../src/ports/event-store.js";

const closed = { additionalProperties: false } as const;

/** A small world of deposits and transfers: enough to say everything that a store must keep. */
export const ledgerCatalogue: EventCatalogue = {
  name: "ledger",
  definitions: [
    { type: "rates.attached", schema_version: 1, kind: "input", pinned: true, schema: Type.Object({ source: Type.String() }, closed) },
    {
      type: "money.deposited",
      schema_version: 2,
      kind: "input",
      pinned: false,
      schema: Type.Object({ amount: Type.String({ pattern: "^[0-9]+$" }), note: Type.Optional(Type.String()) }, closed),
    },
    {
      type: "money.moved",
      schema_version: 1,
      kind: "decision",
      pinned: false,
      schema: Type.Object({ amount: Type.String(), to: Type.String() }, closed),
    },
  ],
  upcasters: [{ type: "money.deposited", from: 1, upcast: (payload) => ({ amount: String(payload["cents"] ?? "0") }) }],
};

/** A Monday in UTC milliseconds: 2024-01-01T00:00:00Z. */
export const MONDAY = 1_704_067_200_000;

/** A deposit with an id of its own, derived from `key`. */
export function deposit(log: string, key: string, changes: Partial<NewEvent> = {}): NewEvent {
  const occurred_at = changes.occurred_at ?? MONDAY;
  return {
    id: eventId(occurred_at, log, `deposit/${key}`, 0, sha256),
    type: "money.deposited",
    schema_version: 2,
    occurred_at,
    payload: { amount: "100" },
    ...changes,
  };
}

export async function openLog(
  store: { open: (options: OpenOptions) => Promise<{ readonly kind: string }> },
  options: Partial<OpenOptions> = {},
): Promise<LogSession> {
  const outcome = await store.open({ log: "run/one", catalogue: ledgerCatalogue, mode: "write", ...options });
  if ("session" in outcome) return outcome.session as LogSession;
  throw new Error(`the log did not open: ${JSON.stringify(outcome)}`);
}

export async function readAll(session: LogSession, options: ReadOptions = {}): Promise<TapeEvent[]> {
  const events: TapeEvent[] = [];
  for await (const event of session.readLog(options)) events.push(event);
  return events;
}

/**
 * Blocks of a deterministic ledger: one pinned event, then commands of a deposit and two moves that answer it.
 *
 * @param commands how many commands follow the first.
 * @param blockEvents events after which a block ends.
 */
export function ledgerBlocks(commands: number, blockEvents: number, seed: number = 0): readonly EventBlock[] {
  const blocks: EventBlock[] = [];
  const writer = new BlockTapeWriter({
    catalogue: ledgerCatalogue,
    mode: "block",
    emit: (block) => blocks.push(block),
    awaitCommit: () => {},
    block_events: blockEvents,
  });
  writer.begin({ command: "attach" });
  writer.accept([{ type: 0, stream: "rates", version: 1, occurred_at: MONDAY, payload: { source: `table ${seed}` }, cause: CAUSE_NONE }]);
  for (let n = 0; n < commands; n++) {
    const occurred_at = MONDAY + n * 60_000;
    const account = `account/${n % 3}`;
    const version = Math.floor(n / 3) * 3;
    const payload: JsonObject = n % 5 === 0 ? { amount: String(n), note: `größer ${n} 🏦` } : { amount: String(n) };
    writer.begin({ command: `command/${n}` });
    writer.accept([{ type: 1, stream: account, version: version + 1, occurred_at, payload, cause: -2 }]);
    writer.accept([
      { type: 2, stream: account, version: version + 2, occurred_at, payload: { amount: "1", to: "fees" }, cause: 0 },
      { type: 2, stream: account, version: version + 3, occurred_at, payload: { amount: "2", to: "tax" }, cause: 1 },
    ]);
  }
  writer.flush();
  return blocks;
}
