import type { Sha256Hex } from "../core/tape/hash.js";
import type { WeeklyOrigin } from "./weekly-source.js";

/** Bytes of sources by their hash: what everything that was computed of them can be made again from. Nothing is ever removed. */
export interface SourceArchive {
  /** Keeps the bytes of an origin whose hash is known. The same bytes again change nothing. @returns `changed` where the origin has other bytes by now; nothing is kept then. */
  keep(origin: WeeklyOrigin, sha256: Sha256Hex): Promise<"kept" | "changed">;
  /** Where kept bytes can be read again; null where they are not there. */
  find(sha256: Sha256Hex): Promise<WeeklyOrigin | null>;
}
