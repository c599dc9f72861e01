/** Finds where two logs part, from content hashes at anchors and the events of one stretch between two anchors. */
import type { Anchor, Head, TapeEvent } from "./event.js";

/** What is read of each log. Anchors by position; events in order from a position on. */
export interface DivergenceReader {
  readonly head: Head;
  readonly anchors: readonly Pick<Anchor, "position" | "content_hash">[];
  events(from: number): Iterable<TapeEvent>;
}

/** Fields by which two events are told apart; names of runs, wall clocks and chains do not count. */
export type ContentField = "type" | "schema_version" | "occurred_at" | "payload";

/** Where two logs part. A side is null where that log has ended. */
export type Divergence =
  | { readonly kind: "equal"; readonly position: number }
  | {
      readonly kind: "parted";
      readonly position: number;
      readonly left: TapeEvent | null;
      readonly right: TapeEvent | null;
      /** Fields in which the two events differ; empty where one is missing. */
      readonly fields: readonly ContentField[];
    };

/** The first position at which two logs hold different content. Compares hashes first, then one stretch of events. */
export function findDivergence(left: DivergenceReader, right: DivergenceReader): Divergence {
  const from = lastCommonPosition(left, right) + 1;
  if (isEqualUpTo(left, right, from - 1)) return { kind: "equal", position: from - 1 };
  const a = left.events(from)[Symbol.iterator]();
  const b = right.events(from)[Symbol.iterator]();
  for (let position = from; ; position++) {
    const one = a.next();
    const other = b.next();
    const verdict = compareAt(position, one.done === true ? null : one.value, other.done === true ? null : other.value);
    if (verdict !== null) return verdict;
  }
}

/** Compares what two logs hold at one position. Null: equal, go on. Both null: the logs are equal up to the position before. */
export function compareAt(position: number, left: TapeEvent | null, right: TapeEvent | null): Divergence | null {
  if (left === null && right === null) return { kind: "equal", position: position - 1 };
  if (left === null || right === null) return { kind: "parted", position, left, right, fields: [] };
  const fields = differingFields(left, right);
  return fields.length === 0 ? null : { kind: "parted", position, left, right, fields };
}

/** Whether both logs end, with equal content, at a position that {@link lastCommonPosition} gave. */
export function isEqualUpTo(left: Pick<DivergenceReader, "head">, right: Pick<DivergenceReader, "head">, position: number): boolean {
  return left.head.position === position && right.head.position === position;
}

/**
 * The last position at which both logs have an anchor (or their head) with the same content hash, found by binary search:
 * each content hash covers everything before it, so equal once means equal up to there.
 */
export function lastCommonPosition(left: Omit<DivergenceReader, "events">, right: Omit<DivergenceReader, "events">): number {
  const others = new Map(marks(right));
  const shared = marks(left).flatMap(([position, hash]) => {
    const other = others.get(position);
    return other === undefined ? [] : [{ position, equal: hash === other }];
  });
  let low = 0;
  let high = shared.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (shared[middle]?.equal === true) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : (shared[low - 1]?.position ?? 0);
}

function marks(log: Omit<DivergenceReader, "events">): readonly (readonly [number, string])[] {
  const found = log.anchors.map((anchor) => [anchor.position, anchor.content_hash] as const);
  const last = found.at(-1)?.[0] ?? 0;
  return log.head.position > last ? [...found, [log.head.position, log.head.content_hash]] : found;
}

function differingFields(left: TapeEvent, right: TapeEvent): readonly ContentField[] {
  if (
    left.payload_hash === right.payload_hash &&
    left.type === right.type &&
    left.schema_version === right.schema_version &&
    left.occurred_at === right.occurred_at
  )
    return [];
  return (["type", "schema_version", "occurred_at", "payload"] as const).filter((field) => left[field] !== right[field]);
}
