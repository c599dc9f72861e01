/** Several appends decided together: one batch, one commit, one answer each. */
import type { Head } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import type { SealedBlock, UnstampedEvent } from "../../core/tape/sealed-block.js";
import { blockOfEvents } from "../../core/tape/sealed-block.js";
import type { AppendOutcome } from "../../ports/event-store.js";
import { decideAppend } from "./decide-append.js";
import type { PreparedBatch } from "./prepare-append.js";

/** What is known of a log while a group is decided. */
export interface GroupKnowledge {
  readonly log: string;
  readonly head: Head;
  readonly durability: "committed" | "durable";
  readonly sha256: Sha256Fn;
  /** Last version of a stream by its stored name; 0 where there is none. */
  version(stream: string): number;
  /** Null where the log has no such event, undefined where nobody looked. */
  find(id: string): UnstampedEvent | null | undefined;
}

export type GroupDecision =
  /** An answer depends on ids that nobody looked up. */
  | { readonly kind: "look"; readonly ids: readonly string[] }
  | {
      readonly kind: "decided";
      readonly block: SealedBlock | null;
      readonly outcomes: readonly AppendOutcome[];
      /** Last versions, once the block is committed, of the streams that it goes on with, by stored names. */
      readonly versions: ReadonlyMap<string, number>;
    };

/**
 * Decides appends one after the other, each on top of those before.
 *
 * Ids are looked up only where an append would not simply be stored: that an id is new is what the database's constraint says.
 */
export function decideGroup(appends: readonly (readonly PreparedBatch[])[], known: GroupKnowledge): GroupDecision {
  const versions = new Map<string, number>();
  const pending = new Map<string, UnstampedEvent>();
  const outcomes: AppendOutcome[] = [];
  const unseen: string[] = [];
  let head = known.head;
  const find = (id: string): UnstampedEvent | null => pending.get(id) ?? known.find(id) ?? null;
  const version = (stream: string): number => versions.get(stream) ?? known.version(stream);
  for (const batches of appends) {
    const decision = decideAppend(batches, { log: known.log, head, find, version }, known.sha256);
    if (decision.kind === "answer") {
      for (const { events } of batches) for (const { id } of events) if (!pending.has(id) && known.find(id) === undefined) unseen.push(id);
      outcomes.push(decision.outcome);
      continue;
    }
    for (const event of decision.events) {
      versions.set(event.stream, event.version);
      pending.set(event.id, event);
    }
    head = decision.head;
    outcomes.push({ kind: "stored", positions: decision.events.map((event) => event.position), head, durability: known.durability });
  }
  if (unseen.length > 0) return { kind: "look", ids: unseen };
  return { kind: "decided", block: pending.size === 0 ? null : blockOfEvents([...pending.values()], head), outcomes, versions };
}
