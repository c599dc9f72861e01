/** Finds where two logs part, from content hashes at anchors and the events of one stretch between two anchors. */
import { commonPrefix } from "./common-prefix.js";
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
  const from = commonPrefix(left, right).position + 1;
  if (left.head.position === from - 1 && right.head.position === from - 1) return { kind: "equal", position: from - 1 };
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

/** Fields in which two events differ by content; none where they are equal. */
export function differingFields(left: TapeEvent, right: TapeEvent): readonly ContentField[] {
  if (
    left.payload_hash === right.payload_hash &&
    left.type === right.type &&
    left.schema_version === right.schema_version &&
    left.occurred_at === right.occurred_at
  )
    return [];
  const fields = (["type", "schema_version", "occurred_at"] as const).filter((field) => left[field] !== right[field]);
  return left.payload_hash === right.payload_hash ? fields : [...fields, "payload"];
}
