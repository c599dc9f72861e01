import type { ChainFailure, StoredEvent } from "../../core/tape/chain-verifier.js";
import type { Sha256BytesFn, Sha256Fn } from "../../core/tape/hash.js";
import type { PackedEvents } from "../event-store/log-backend.js";
import { storedInSegment } from "../event-store/segment-reading.js";
import { storedOfPage } from "./sqlite-event-page.js";

/** The events of a page or segment, as verification takes them; null where they must be read row by row. */
export function unpacked(
  packed: PackedEvents,
  hashes: { readonly sha256: Sha256Fn; readonly sha256Bytes: Sha256BytesFn },
): Iterable<StoredEvent | ChainFailure> | null {
  if (packed.kind === "segment") return storedInSegment(packed.row, hashes);
  return storedOfPage([packed.count, packed.bytes], packed.level === "L2" ? "stored" : "stored without payload");
}
