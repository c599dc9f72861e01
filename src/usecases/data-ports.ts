import type { Violation } from "../core/quality/violation.js";
import type { ViolationTotal } from "../core/quality/violation-log.js";
import type { Sha256BytesFn, Sha256Fn } from "../core/tape/hash.js";
import type { BarArchive } from "../ports/bar-archive.js";
import type { BarFormat, BarSource } from "../ports/bar-source.js";
import type { ColumnCache } from "../ports/column-cache.js";
import type { EventStore } from "../ports/event-store.js";
import type { ObjectStore } from "../ports/object-store.js";
import type { TimeZones } from "../ports/time-zones.js";
import type { QualityGate } from "./quality-gate.js";

/** The world that the workspace's data need. */
export interface DataPorts {
  /** Holds the catalogue's log. */
  readonly store: EventStore;
  readonly objects: ObjectStore;
  readonly archive: BarArchive;
  readonly cache: ColumnCache;
  /** Reader of each format. */
  readonly sources: Readonly<Record<BarFormat, BarSource>>;
  readonly zones: TimeZones;
  readonly hash: Sha256Fn;
  readonly hashBytes: Sha256BytesFn;
  /** Wall clock in UTC milliseconds. */
  readonly now: () => number;
  /** Folder for work in progress, on the file system of the objects. */
  readonly tmp: string;
}

/** Told while work goes on. `total_bytes` is that of the source files. */
export interface DataProgress {
  readonly done_bytes: number;
  readonly total_bytes: number;
  readonly rows: number;
}

export interface DataRunOptions {
  readonly onProgress?: (progress: DataProgress) => void;
  readonly signal?: AbortSignal;
  /** Service levels that imported bars must keep; left out, none is asked. */
  readonly quality?: QualityGate;
}

/** Why something was not done, and what to do next. Nothing was changed. */
export interface DataRefusal {
  readonly kind: "refused";
  /** `invalid`: the input is wrong. `not_found`: there is no such thing. `unavailable`: the store cannot be used. `corrupt`: stored data are not what was stored. `gate`: they are not good enough. */
  readonly reason: "invalid" | "not_found" | "unavailable" | "corrupt" | "gate";
  /** The first violations in full. */
  readonly violations: readonly Violation[];
  /** All violations, by code. */
  readonly totals: readonly ViolationTotal[];
  /** A command that helps, or null. */
  readonly next: string | null;
}

/** A refusal with its totals counted from a complete list. */
export function refusal(reason: DataRefusal["reason"], violations: readonly Violation[], next: string | null = null): DataRefusal {
  const counts = new Map<string, number>();
  for (const { code } of violations) counts.set(code, (counts.get(code) ?? 0) + 1);
  const totals = [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => (a.code < b.code ? -1 : 1));
  return { kind: "refused", reason, violations, totals, next };
}
