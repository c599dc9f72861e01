import type { Sha256Hex } from "../core/tape/hash.js";

/** Where a log ended at a time, told outside the store. */
export interface PublishedAnchor {
  readonly log: string;
  readonly position: number;
  readonly hash: Sha256Hex;
  /** ISO 8601 in UTC, by the clock of who published it. */
  readonly time: string;
  /** Ed25519 over log, position, hash and time, in base64; null for one that nobody signed. */
  readonly signature: string | null;
}

/** A line that is no anchor. */
export interface BadAnchorLine {
  readonly line: number;
  readonly text: string;
}

/** An append-only file of anchors, best kept where who can change the store cannot. */
export interface AnchorBook {
  /** Null where there is no file yet. An unfinished last line counts as not written. */
  read(): Promise<{ readonly anchors: readonly PublishedAnchor[]; readonly bad: readonly BadAnchorLine[] } | null>;
  /** Durable when it resolves. */
  append(anchors: readonly PublishedAnchor[]): Promise<void>;
}

/** Signs and checks anchors. */
export interface AnchorSigner {
  sign(text: string): string;
}

export interface AnchorVerifier {
  holds(text: string, signature: string): boolean;
}
