import type { CommitStamp } from "../../core/tape/sealed-block.js";

/** A segment as it lies in a table. */
export interface SegmentRow {
  readonly log: string;
  readonly first_position: number;
  readonly last_position: number;
  readonly stamp: CommitStamp;
  readonly created_at: string;
  readonly body_sha256: string;
  readonly body: Uint8Array;
}
