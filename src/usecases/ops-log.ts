/** The workspace's ops log, written by whoever notices something. */
import { OPS_LOG, type OpsNote, opsCatalogue } from "../core/ops/ops-events.js";
import { canonicalJson } from "../core/tape/canonical-json.js";
import type { NewEvent } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { Sha256Fn } from "../core/tape/hash.js";
import type { Clock } from "../ports/clock.js";
import type { EventStore } from "../ports/event-store.js";
import type { OpsJournal } from "../ports/ops-journal.js";

const ATTEMPTS = 5;

/**
 * A journal on the ops log of a store. Ids derive from the facts alone, so that what is noticed again is a duplicate.
 *
 * @param onLost told of a note that the log did not take, and why.
 */
export function opsJournal(store: EventStore, clock: Clock, hash: Sha256Fn, onLost: (note: OpsNote, why: string) => void): OpsJournal {
  return {
    async note(note) {
      const lost = await append(store, noteEvent(note, clock.now(), hash));
      if (lost !== null) onLost(note, lost);
    },
  };
}

function noteEvent({ type, payload }: OpsNote, at: number, hash: Sha256Fn): NewEvent {
  const facts = canonicalJson(payload);
  if (!facts.ok) throw new TypeError(`a note of ${type} is no canonical JSON: ${facts.violations.map((v) => v.message).join("; ")}`);
  const id = eventId(0, OPS_LOG, `${type}/${hash(facts.text)}`, 0, hash);
  return { id, type, schema_version: 1, occurred_at: at, payload };
}

/** @returns null once the log has the event, else what keeps it from it. */
async function append(store: EventStore, event: NewEvent): Promise<string | null> {
  let last = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Whoever writes last has fenced the writer before, who then opens again.
    const opened = await store.open({ log: OPS_LOG, catalogue: opsCatalogue, mode: "write", layout: "rows", durability: "durable" });
    if (opened.kind !== "opened") return `the ops log is ${opened.kind}`;
    const { session } = opened;
    try {
      const outcome = await session.append([{ stream: event.type, expected: "any", events: [event] }]);
      // An id conflict is the same fact, noticed at another time.
      if (outcome.kind === "stored" || outcome.kind === "duplicate" || outcome.kind === "id_conflict") return null;
      if (outcome.kind === "rejected") return outcome.violations.map(({ message }) => message).join("; ");
      last = outcome.kind;
    } finally {
      await session.close();
    }
  }
  return `${ATTEMPTS} attempts ended as ${last}`;
}
