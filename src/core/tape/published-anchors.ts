import type { ChainFailure } from "./chain-verifier.js";
import type { Anchor } from "./event.js";

/** Anchors found outside a store, by position; `missing` where their file is gone, null where none are published. */
export type PublishedAnchors = readonly Anchor[] | "missing" | null;

const ANCHORED = ["first_position", "hash", "content_hash", "audit_hash", "epoch", "recorded_at"] as const;

/** Published anchors by position: more than one where somebody added a line later. */
export function publishedAt(published: PublishedAnchors): ReadonlyMap<number, readonly Anchor[]> {
  const lines = new Map<number, Anchor[]>();
  for (const anchor of published === "missing" ? [] : (published ?? [])) {
    const same = lines.get(anchor.position);
    if (same === undefined) lines.set(anchor.position, [anchor]);
    else same.push(anchor);
  }
  return lines;
}

/** The first field in which a published anchor differs from the one that the store has at its position, or null. */
export function differingField(published: Anchor, stored: Anchor): (typeof ANCHORED)[number] | null {
  return ANCHORED.find((field) => published[field] !== stored[field]) ?? null;
}

/** Compares which anchors were published with those of the store, whose last event stands at `last`. */
export function publishedFailure(published: NonNullable<PublishedAnchors>, anchors: readonly Anchor[], last: number): ChainFailure | null {
  const failure = (position: number, column: string, expected: string, message: string): ChainFailure => {
    return { level: "L1", position, column, expected, actual: "none", message };
  };
  if (published === "missing") {
    // Its file is made before the first block is committed, so no crash explains that it is not there.
    const first = anchors[0];
    if (first === undefined) return null;
    const message = `the anchor file is missing, with the anchors of ${anchors.length} committed blocks`;
    return failure(first.first_position, "anchor file", String(anchors.length), message);
  }
  const beyond = published.find((anchor) => anchor.position > last);
  if (beyond !== undefined) {
    const message = `the tail is cut off: an anchor was published at position ${beyond.position}, the last event is at ${last}`;
    return failure(last + 1, "position", String(last + 1), message);
  }
  const outside = new Set(published.map(({ position }) => position));
  const unpublished = anchors.filter(({ position }) => !outside.has(position));
  // A crash between commit and publication leaves the newest anchor unpublished; the next writer publishes it.
  const first = unpublished.length === 1 && unpublished[0] === anchors.at(-1) ? undefined : unpublished[0];
  if (first !== undefined) {
    const message = `${unpublished.length} committed blocks have no published anchor`;
    return failure(first.first_position, "anchor file.position", String(first.position), message);
  }
  const own = new Set(anchors.map(({ position }) => position));
  const stray = published.find(({ position }) => !own.has(position));
  if (stray === undefined) return null;
  const message = `no anchor of the store stands at the published position ${stray.position}`;
  return failure(stray.first_position, "anchors.position", String(stray.position), message);
}
