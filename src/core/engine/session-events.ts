/** Events that only a session has, which runs while its bars close. */
import type { ReadinessFault } from "../quality/readiness.js";
import type { JsonObject, UtcMillis } from "../tape/event.js";
import type { DecimalText } from "./run-events.js";

/** First event of a session that runs while its bars close: everything that decides what it does with them. */
export type SessionStarted = {
  /** Name that its author gave it. */
  readonly session: string;
  readonly mode: "paper";
  readonly strategy: { readonly name: string; readonly version: string; readonly source_sha256: string };
  readonly config: JsonObject;
  readonly config_sha256: string;
  readonly instruments: readonly JsonObject[];
  /** How the numbers of each instrument's bars are to be read. */
  readonly data: readonly {
    readonly symbol: string;
    readonly timeframe: string;
    readonly price_mode: string;
    readonly basis: string;
    readonly price_scale: number;
    readonly volume_scale: number;
    readonly has_volume: boolean;
  }[];
  /** Only bars that close after it are delivered. */
  readonly since: UtcMillis;
};

/** A bar closed while a session runs. Its close time is the event's own. */
export type BarClosed = {
  readonly symbol: string;
  readonly open: DecimalText;
  readonly high: DecimalText;
  readonly low: DecimalText;
  readonly close: DecimalText;
  readonly volume: DecimalText;
};

/**
 * A bar came to a session that nobody can trade on: twice, late, with a number missing, or at a time without a zone. It changes no bar; orders of
 * its symbol are not let through by a policy that asks for sound data until a sound bar has closed.
 */
export type BarRefused = {
  readonly symbol: string;
  /** What is wrong with it. */
  readonly faults: readonly ReadinessFault[];
  /** Close time as it came: UTC milliseconds, or text; absent where there was none. */
  readonly ts?: UtcMillis;
  readonly time?: string;
  /** Numbers that it brought. */
  readonly open?: DecimalText;
  readonly high?: DecimalText;
  readonly low?: DecimalText;
  readonly close?: DecimalText;
  readonly volume?: DecimalText;
};

export interface SessionPayloads {
  "session.started": SessionStarted;
  "bar.closed": BarClosed;
  "bar.refused": BarRefused;
}

/** In the frozen order in which stored blocks index them, after all others of a run. */
export const SESSION_EVENT_TYPES: readonly (keyof SessionPayloads)[] = ["session.started", "bar.closed", "bar.refused"];
