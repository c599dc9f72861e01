/**
 * How far two content chains agree, by binary search.
 *
 * A content hash covers everything before it, so equal once means equal up to there: equal hashes come first, unequal ones after
 * them, and about twenty comparisons find the border among a million.
 */
import type { Anchor, Head } from "./event.js";
import { GENESIS_HASH, type Sha256Hex } from "./hash.js";

/** Where content hashes of one log are known without reading an event: its anchors, ascending by position, and its head. */
export interface MarkedLog {
  readonly head: Pick<Head, "position" | "content_hash">;
  readonly anchors: readonly Pick<Anchor, "position" | "content_hash">[];
}

export interface CommonPrefix {
  /** The last position known to be equal, 0 where none is. */
  readonly position: number;
  /** Content hash at `position`. */
  readonly content_hash: Sha256Hex;
  /** The first later position that both logs have a hash of; the hashes differ there. Null where there is none. */
  readonly until: number | null;
  /** Pairs of hashes that were compared. */
  readonly comparisons: number;
}

/** The longest prefix of two logs that their anchors and heads prove equal. */
export function commonPrefix(left: MarkedLog, right: MarkedLog): CommonPrefix {
  const shared = sharedMarks(left, right);
  const { index, comparisons } = firstUnequal(
    shared.length,
    (i) => shared[i]?.left ?? "",
    (i) => shared[i]?.right ?? "",
  );
  const last = shared[index - 1];
  return { position: last?.position ?? 0, content_hash: last?.left ?? GENESIS_HASH, until: shared[index]?.position ?? null, comparisons };
}

/**
 * The first index at which two lists of chained hashes differ, or `count` where none does.
 *
 * @param count entries that both lists have.
 */
export function firstUnequal(
  count: number,
  left: (index: number) => Sha256Hex,
  right: (index: number) => Sha256Hex,
): { readonly index: number; readonly comparisons: number } {
  let low = 0;
  let high = count;
  let comparisons = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    comparisons += 1;
    if (left(middle) === right(middle)) low = middle + 1;
    else high = middle;
  }
  return { index: low, comparisons };
}

/** Anchors of a log, and its head where no anchor stands there. */
export function marksOf(log: MarkedLog): readonly Pick<Anchor, "position" | "content_hash">[] {
  const last = log.anchors.at(-1)?.position ?? 0;
  return log.head.position > last ? [...log.anchors, log.head] : log.anchors;
}

interface SharedMark {
  readonly position: number;
  readonly left: Sha256Hex;
  readonly right: Sha256Hex;
}

function sharedMarks(left: MarkedLog, right: MarkedLog): readonly SharedMark[] {
  const [ours, theirs] = [marksOf(left), marksOf(right)];
  const shared: SharedMark[] = [];
  for (let i = 0, j = 0; ; ) {
    const [one, other] = [ours[i], theirs[j]];
    if (one === undefined || other === undefined) return shared;
    if (one.position === other.position) shared.push({ position: one.position, left: one.content_hash, right: other.content_hash });
    if (one.position <= other.position) i += 1;
    if (other.position <= one.position) j += 1;
  }
}
