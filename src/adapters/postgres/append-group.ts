/** Several appends decided together: one batch, one commit, one answer each. */
import type { Head, TapeEvent } from "../../core/tape/event.js";
import type { Sha256Fn } from "../../core/tape/hash.js";
import { storedStream } from "../../core/tape/names.js";
import type { CommitStamp, SealedBlock } from "../../core/tape/sealed-block.js";
import { blockOfEvents, eventAt } from "../../core/tape/sealed-block.js";
import type { AppendOutcome } from "../../ports/event-store.js";
import { decideAppend } from "../event-store/decide-append.js";
import type { PreparedBatch } from "../event-store/prepare-append.js";

/** What is known of a log while a group is decided. */
export interface GroupKnowledge {
  readonly log: string;
  readonly head: Head;
  /** Last versions of streams by their stored names; every stream of the group is in it. */
  readonly versions: ReadonlyMap<string, number>;
  /** Events by id; null where it was looked and there is none, absent where nobody looked. */
  readonly events: ReadonlyMap<string, TapeEvent | null>;
  /** What the commit will add. */
  readonly stamp: CommitStamp;
  readonly durability: "committed" | "durable";
  readonly sha256: Sha256Fn;
}

export type GroupDecision =
  /** An answer depends on ids that nobody looked up. */
  | { readonly kind: "look"; readonly ids: readonly string[] }
  | { readonly kind: "decided"; readonly block: SealedBlock | null; readonly outcomes: readonly AppendOutcome[] };

/**
 * Decides appends one after the other, each on top of those before.
 *
 * Ids are looked up only where an append would not simply be stored: that an id is new is what the database's constraint says.
 */
export function decideGroup(appends: readonly (readonly PreparedBatch[])[], known: GroupKnowledge): GroupDecision {
  const versions = new Map<string, number>();
  const pending = new Map<string, TapeEvent>();
  const blocks: SealedBlock[] = [];
  const outcomes: AppendOutcome[] = [];
  const unseen: string[] = [];
  let head = known.head;
  for (const batches of appends) {
    const lookup = {
      log: known.log,
      head,
      find: (id: string) => pending.get(id) ?? known.events.get(id) ?? null,
      version: (stream: string) => versions.get(stream) ?? known.versions.get(stream) ?? 0,
    };
    const decision = decideAppend(batches, lookup, known.sha256);
    if (decision.kind === "answer") {
      for (const { events } of batches) for (const { id } of events) if (!known.events.has(id) && !pending.has(id)) unseen.push(id);
      outcomes.push(decision.outcome);
      continue;
    }
    const { block } = decision;
    head = block.head;
    blocks.push(block);
    for (let i = 0; i < block.count; i++) {
      versions.set(storedStream(block.log, block.streams[i] ?? ""), block.versions[i] ?? 0);
      pending.set(block.ids[i] ?? "", eventAt(block, i, known.stamp));
    }
    outcomes.push({ kind: "stored", positions: decision.positions, head, durability: known.durability });
  }
  if (unseen.length > 0) return { kind: "look", ids: unseen };
  const [first] = blocks;
  const block = first === undefined ? null : blocks.length === 1 ? first : blockOfEvents([...pending.values()], head);
  return { kind: "decided", block, outcomes };
}
