/**
 * What a run's policy did and how near the run came to its limits: refusals, observed failures, the closest calls, halts and alerts from the
 * tape alone, and how much of each limit was used from tape and bars.
 *
 * Fractions are value over limit as decimal text of at most six places; 1 is at the limit.
 */
import type { DecimalText, Side } from "../engine/run-events.js";
import type { CheckCode } from "../gate/check-codes.js";
import type { Enforcement, RiskPolicy } from "../gate/policy.js";
import type { KillTrigger, RiskSubject } from "../gate/risk-events.js";
import type { UtcMillis } from "../tape/event.js";

/** How much of a limit was used, and when. */
export interface Use {
  readonly fraction: DecimalText;
  readonly at: UtcMillis;
  /** The order that would have brought it there had it filled; null for what the account was at a close. */
  readonly order_id: string | null;
}

/** A limit over one session day. Null where the day says nothing of it: no order for a limit on orders, no rate for one in a foreign currency. */
export interface SessionUse {
  readonly session_day: string;
  readonly highest: Use | null;
  readonly newest: Use | null;
}

export interface LimitUse {
  readonly code: CheckCode;
  /** `kill` trips the switch, `limit` refuses. */
  readonly level: "limit" | "kill";
  readonly what: string;
  readonly limit: string;
  /** Measured at every close (`account`, `instrument`: the largest of them) or of each approved order. */
  readonly of: "account" | "instrument" | "order";
  readonly enforced: boolean;
  readonly highest: Use | null;
  readonly sessions: readonly SessionUse[];
}

/** Failures of one check. */
export interface CodeCount {
  readonly code: string;
  readonly count: number;
  readonly first: UtcMillis;
  readonly last: UtcMillis;
}

/** An order that was approved near a limit. */
export interface ClosestCall {
  readonly order_id: string;
  readonly subject: "order" | "modification";
  readonly symbol: string;
  readonly side: Side;
  readonly qty: DecimalText;
  readonly at: UtcMillis;
  readonly position: number;
  readonly code: string;
  readonly fraction: DecimalText;
}

interface Episode {
  readonly from: UtcMillis;
  /** Null where it lasted to the end of the tape. */
  readonly to: UtcMillis | null;
  /** Orders that were refused because of it. */
  readonly refused: number;
  /** True where the policy only observes its guards: nothing was done. */
  readonly observe_only: boolean;
}

export interface KillEpisode extends Episode {
  readonly kind: "kill_switch";
  readonly trigger: KillTrigger;
  readonly reason: string;
  readonly locked_until: UtcMillis;
  /** Cancels that were asked for while it lasted. */
  readonly cancels: number;
  /** Positions that it asked to be closed. */
  readonly closings: number;
  readonly notified: readonly string[];
  readonly resets_refused: number;
  readonly reset: { readonly approver: string; readonly reason: string } | null;
}

export interface FreezeEpisode extends Episode {
  readonly kind: "daily_freeze";
  readonly session_day: string;
  readonly loss: DecimalText;
  readonly level: DecimalText;
}

export interface Alert {
  readonly at: UtcMillis;
  readonly subject: RiskSubject;
  readonly session_day: string;
  readonly observed: DecimalText;
  readonly level: DecimalText;
}

/** What the tape alone says. */
export interface DecisionTally {
  /** Decisions on orders and on changes of them. */
  readonly decisions: { readonly approved: number; readonly denied: number };
  /** By the check that decided, in the order of the checks. */
  readonly refusals: readonly CodeCount[];
  /** By check: failed, and did not refuse. */
  readonly observed: readonly CodeCount[];
  /** Signals that the policy left no size. */
  readonly declined: readonly CodeCount[];
  /** At most ten, the highest first; of equals the earlier. */
  readonly closest: readonly ClosestCall[];
  /** By beginning. */
  readonly episodes: readonly (KillEpisode | FreezeEpisode)[];
  readonly alerts: readonly Alert[];
}

/** Sessions of which the tape carries the hash of the account's risk state, and those where the folded state has it. */
export interface ExposureProof {
  readonly sessions: number;
  readonly agreeing: number;
}

export interface RiskExposure extends DecisionTally {
  readonly policy: {
    readonly name: string;
    readonly sha256: string;
    readonly enforcement: RiskPolicy["enforcement"];
  };
  /** Every limit of the policy; null where the run's bars are not there any more. */
  readonly limits: readonly LimitUse[] | null;
  /** Null with them. */
  readonly proof: ExposureProof | null;
}

/** What a policy's stages do, in words. */
export function enforcementWords({ contracts, sla, guards }: RiskPolicy["enforcement"]): string {
  const all: readonly (readonly [string, Enforcement])[] = [
    ["contracts", contracts],
    ["data", sla],
    ["guards", guards],
  ];
  const first = all[0]?.[1];
  if (all.every(([, stage]) => stage === first)) return first === "enforce" ? "enforced" : "observed only";
  return all.map(([name, stage]) => `${name} ${stage === "enforce" ? "enforced" : "observed only"}`).join(", ");
}
