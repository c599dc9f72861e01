/** Restores the logs into a place of its own and measures how long it takes and what would be lost. Changes nothing of the workspace. */
import type { Sha256Fn, Sha256Hex } from "../core/tape/hash.js";
import type { Clock } from "../ports/clock.js";
import type { LogSession } from "../ports/event-store.js";
import type { LogFiles } from "../ports/log-file.js";
import type { ProjectionRecord } from "../ports/projection-store.js";
import { backupLogs, restoreLogs } from "./backup-logs.js";
import { hashAt } from "./believed-snapshots.js";
import { compareStates, type DrilledState, rebuildStates } from "./drilled-states.js";
import { verifyLog } from "./verify-log.js";
import { type LogStores, openToRead, placeOf } from "./workspace-logs.js";

/** How long recovery may take, and how much time of events it may lose, by what happened. */
export const RECOVERY_TARGETS: readonly { readonly scenario: string; readonly rto_minutes: number; readonly rpo_minutes: number }[] = [
  { scenario: "overall objective", rto_minutes: 15, rpo_minutes: 5 },
  { scenario: "code or config corrupted", rto_minutes: 5, rpo_minutes: 0 },
  { scenario: "data corrupted", rto_minutes: 10, rpo_minutes: 5 },
  { scenario: "live system failed", rto_minutes: 15, rpo_minutes: 1 },
  { scenario: "whole server lost", rto_minutes: 30, rpo_minutes: 5 },
];

export interface DrillRequest {
  /** The workspace as it is. */
  readonly live: LogStores;
  /** Where the drill restores to: empty. */
  readonly scratch: LogStores;
  /** A backup that is there, or null to make one at `folder` first. */
  readonly backup: string | null;
  /** Where to make one. */
  readonly folder: string;
  readonly files: LogFiles;
  readonly hash: Sha256Fn;
  readonly clock: Clock;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  readonly onProgress?: (step: DrillStep, log: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export type DrillStep = "copy" | "restore" | "verify" | "rebuild";

export interface DrilledLog {
  readonly log: string;
  readonly position: number;
  readonly live_position: number;
  /** Events of the workspace that the backup does not have. */
  readonly missing_events: number;
  /** By the clock of the writer: from the last event restored to the last of the workspace. */
  readonly missing_ms: number;
  /** Hash of the last event that was restored. */
  readonly head_hash: Sha256Hex;
  readonly projections: readonly DrilledState[];
  /** What does not match, or null. */
  readonly fault: string | null;
}

export interface DrillTarget {
  readonly scenario: string;
  readonly rto_minutes: number;
  readonly rpo_minutes: number;
  readonly rto_met: boolean;
  readonly rpo_met: boolean;
}

export type DrillOutcome =
  | {
      readonly kind: "drilled";
      readonly logs: readonly DrilledLog[];
      /** Milliseconds of each step; `copy` is 0 where a backup was there. */
      readonly times: Readonly<Record<DrillStep, number>>;
      /** Restore, verify and rebuild: what an operator waits for. */
      readonly recovery_ms: number;
      readonly missing_ms: number;
      readonly targets: readonly DrillTarget[];
    }
  | { readonly kind: "failed"; readonly step: DrillStep; readonly cause: string }
  | { readonly kind: "aborted" };

export async function drillRestore(request: DrillRequest): Promise<DrillOutcome> {
  const { live, scratch, files, hash, clock, elapsed, signal } = request;
  const times = { copy: 0, restore: 0, verify: 0, rebuild: 0 };
  const timed = async <T>(step: DrillStep, work: () => Promise<T>): Promise<T> => {
    const from = elapsed();
    const result = await work();
    times[step] += elapsed() - from;
    return result;
  };
  const rest = signal === undefined ? {} : { signal };
  const reporting = (step: DrillStep) => ({
    onProgress: (log: string, done: number, total: number): void => request.onProgress?.(step, log, done, total),
  });
  const folder = request.backup ?? request.folder;
  if (request.backup === null) {
    const copied = await timed("copy", () =>
      backupLogs({ stores: live, folder, files, hash, now: clock.now, ...reporting("copy"), ...rest }),
    );
    if (copied.kind === "aborted") return copied;
    if (copied.kind === "failed") return { kind: "failed", step: "copy", cause: `${copied.log}: ${copied.cause}` };
  }
  const restored = await timed("restore", () => restoreLogs({ stores: scratch, folder, files, hash, ...reporting("restore"), ...rest }));
  if (restored.kind === "aborted") return restored;
  if (restored.kind === "bad_file") return { kind: "failed", step: "restore", cause: `${restored.path}: ${restored.cause}` };
  if (restored.kind === "no_backup") return { kind: "failed", step: "restore", cause: restored.why };
  if (restored.kind === "stopped") {
    const last = restored.items.at(-1);
    if (last?.outcome.kind === "aborted") return { kind: "aborted" };
    return { kind: "failed", step: "restore", cause: `${last?.log}: ${last === undefined ? "" : causeOf(last.outcome)}` };
  }
  const logs: DrilledLog[] = [];
  for (const { log } of restored.list.logs) {
    const copy = await openToRead(scratch[placeOf(log)], log);
    if (copy.session === null) return { kind: "failed", step: "verify", cause: copy.why };
    try {
      const { session } = copy;
      const projections = scratch[placeOf(log)];
      const verdict = await timed("verify", () => verifyLog(session, { level: "L2", hash, projections }));
      const rebuilt = await timed("rebuild", () => rebuildStates(session, projections, { hash, clock }));
      const bad = verdict.verdict === "failed" ? (verdict.levels.at(-1)?.message ?? "") : null;
      logs.push(await compare(live, session, rebuilt, bad, hash));
    } finally {
      await copy.session.close();
    }
  }
  const recovery_ms = times.restore + times.verify + times.rebuild;
  const missing_ms = logs.reduce((most, { missing_ms: ms }) => Math.max(most, ms), 0);
  const targets = RECOVERY_TARGETS.map((target) => ({
    ...target,
    rto_met: recovery_ms <= target.rto_minutes * 60_000,
    rpo_met: missing_ms <= target.rpo_minutes * 60_000,
  }));
  return { kind: "drilled", logs, times, recovery_ms, missing_ms, targets };
}

function causeOf(outcome: { readonly kind: string }): string {
  if ("cause" in outcome) return String(outcome.cause);
  return outcome.kind.replaceAll("_", " ");
}

async function compare(
  live: LogStores,
  copy: LogSession,
  rebuilt: readonly ProjectionRecord[] | string,
  bad: string | null,
  hash: Sha256Fn,
): Promise<DrilledLog> {
  const { log } = copy;
  const { position, hash: head_hash } = copy.head();
  const broken = bad ?? (typeof rebuilt === "string" ? rebuilt : null);
  const records = typeof rebuilt === "string" ? [] : rebuilt;
  const stores = live[placeOf(log)];
  const opened = await openToRead(stores, log);
  // The workspace's own log may be what was lost.
  if (opened.session === null) {
    const { states } = await compareStates(copy, records, null, hash);
    return { log, position, head_hash, projections: states, live_position: 0, missing_events: 0, missing_ms: 0, fault: broken };
  }
  const { session } = opened;
  try {
    const live_position = (await session.refresh()).position;
    const missing_events = Math.max(0, live_position - position);
    const missing_ms =
      missing_events === 0 ? 0 : Math.max(0, (await recordedAt(session, live_position)) - (await recordedAt(copy, position)));
    const figures = { log, position, head_hash, live_position, missing_events, missing_ms };
    if (position > 0 && (await hashAt(session, position)) !== head_hash)
      return { ...figures, projections: [], fault: broken ?? `the workspace has another event at position ${position}` };
    const { states, fault } = await compareStates(copy, records, { session, stores }, hash);
    return { ...figures, projections: states, fault: broken ?? fault };
  } finally {
    await session.close();
  }
}

async function recordedAt(session: LogSession, position: number): Promise<number> {
  for await (const event of session.readLog({ from: Math.max(1, position), limit: 1 })) return event.recorded_at;
  return 0;
}
