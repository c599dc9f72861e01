/** A unit of work that may fail and be tried again. Waits are told, never kept: whoever drives it owns the clock. */
import type { UtcMillis } from "../tape/event.js";
import type { Partition } from "./partition.js";

export type WorkStatus = "PENDING" | "RUNNING" | "COMPLETE" | "FAILED" | "RETRY_WAIT" | "CANCELLED";
export type WorkMove = "start" | "complete" | "fail" | "cancel";

/** Attempts before an item fails for good, and the base of the wait between them. */
export const MAX_ATTEMPTS = 3;
const BASE_WAIT_MS = 60_000;

/** What names a unit of work. */
export type WorkSubject = Partition & {
  readonly domain: string;
  /** A calculation with its version, or another name that has one word or several between slashes. */
  readonly pipeline: string;
};

/** How a key spells a partition of all tiers. */
const ALL_TIERS = "all";

/** Domain, pipeline and partition as one text: `finra.otc_transparency/venue_share/v1/2025-12-26/OTC`. */
export function workKey({ domain, pipeline, week_ending, tier }: WorkSubject): string {
  return `${domain}/${pipeline}/${week_ending}/${tier ?? ALL_TIERS}`;
}

/** The inverse of {@link workKey}. @throws {RangeError} for a text that it did not make. */
export function workSubject(key: string): WorkSubject {
  const [, domain, pipeline, week_ending, tier] = /^([^/]+)\/(.+)\/([^/]+)\/([^/]+)$/.exec(key) ?? [];
  if (domain === undefined || pipeline === undefined || week_ending === undefined || tier === undefined)
    throw new RangeError(`"${key}" does not name a unit of work`);
  return { domain, pipeline, week_ending, tier: tier === ALL_TIERS ? null : tier };
}

export interface WorkItem {
  /** See {@link workKey}: unique. */
  readonly key: string;
  readonly status: WorkStatus;
  /** Attempts begun. */
  readonly attempts: number;
  /** When it may be tried again; null unless waiting. */
  readonly retry_at: UtcMillis | null;
}

const NEXT = {
  PENDING: { start: "RUNNING", cancel: "CANCELLED" },
  RUNNING: { complete: "COMPLETE", fail: "FAILED", cancel: "CANCELLED" },
  RETRY_WAIT: { start: "RUNNING", cancel: "CANCELLED" },
  COMPLETE: {},
  FAILED: {},
  CANCELLED: {},
} as const satisfies Record<WorkStatus, Partial<Record<WorkMove, WorkStatus>>>;

/** A move that the item's status does not allow: a bug of the driver. */
export class IllegalWorkMove extends Error {
  override readonly name = "IllegalWorkMove";

  constructor(item: WorkItem, move: WorkMove) {
    super(`work item ${item.key} is ${item.status} and cannot ${move}`);
  }
}

export function newWorkItem(key: string): WorkItem {
  return { key, status: "PENDING", attempts: 0, retry_at: null };
}

/** 60, 120, 240 seconds after the first, second, third attempt. */
export function backoffMs(attempts: number): number {
  return BASE_WAIT_MS * (1 << (attempts - 1));
}

/**
 * @param at event time, from which a wait counts.
 * @param retryable whether a failure may pass by itself; one that may not fails at once.
 * @throws {IllegalWorkMove}
 */
export function moveWork(item: WorkItem, move: WorkMove, at: UtcMillis, retryable: boolean = true): WorkItem {
  const next: WorkStatus | undefined = (NEXT[item.status] as Partial<Record<WorkMove, WorkStatus>>)[move];
  if (next === undefined) throw new IllegalWorkMove(item, move);
  if (move === "start") return { ...item, status: next, attempts: item.attempts + 1, retry_at: null };
  if (move === "fail" && retryable && item.attempts < MAX_ATTEMPTS)
    return { ...item, status: "RETRY_WAIT", retry_at: at + backoffMs(item.attempts) };
  return { ...item, status: next, retry_at: null };
}
