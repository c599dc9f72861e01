import type { TradingState } from "../core/engine/trading-state.js";
import { positionedEvent } from "../core/projections/positioned-event.js";
import { tradingStateView } from "../core/projections/trading-state-view.js";
import type { JsonObject, TapeEvent } from "../core/tape/event.js";
import { type JsonDifference, jsonDifferences } from "../core/tape/json-difference.js";
import type { LogSession } from "../ports/event-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTradingState, recordedStart } from "./recorded-run.js";

/** Two trading states side by side, and where they differ. */
export interface StatePair {
  readonly differences: readonly JsonDifference[];
  readonly left: JsonObject;
  readonly right: JsonObject;
}

export type StatesAround =
  | {
      readonly kind: "folded";
      readonly before: StatePair;
      readonly after: StatePair;
      /** What the event changed, by side: `left` of a difference is the value before, `right` the one after. */
      readonly changed: { readonly left: readonly JsonDifference[]; readonly right: readonly JsonDifference[] };
    }
  | { readonly kind: "unknown"; readonly reason: string };

export interface StateSide {
  readonly session: Pick<LogSession, "readLog" | "replayPages">;
  readonly bars: BacktestPorts["bars"];
  /** The first event that differs, or null where the log has ended. */
  readonly event: TapeEvent | null;
}

/** Decimals kept of prices where the run's bars are not at hand to say how many they have. */
const PLACES_WITHOUT_BARS = 8;

/**
 * Folds both tapes to just before and just after an event.
 *
 * @param shared true where both tapes hold the same content before the event: one of them is read then.
 */
export async function statesAround(left: StateSide, right: StateSide, shared: boolean): Promise<StatesAround> {
  try {
    const [one, other] = [await opened(left), await opened(right)];
    if (one === null || other === null) return { kind: "unknown", reason: "a tape does not begin with run.started" };
    if (shared && left.event !== null) await fold(left.session, [one, other], left.event.position);
    else if (shared && right.event !== null) await fold(right.session, [one, other], right.event.position);
    else {
      await fold(left.session, [one], left.event?.position ?? Number.POSITIVE_INFINITY);
      await fold(right.session, [other], right.event?.position ?? Number.POSITIVE_INFINITY);
    }
    const before = pair(tradingStateView(one), tradingStateView(other));
    if (left.event !== null) one.apply(positionedEvent(left.event));
    if (right.event !== null) other.apply(positionedEvent(right.event));
    const after = pair(tradingStateView(one), tradingStateView(other));
    const changed = { left: jsonDifferences(before.left, after.left), right: jsonDifferences(before.right, after.right) };
    return { kind: "folded", before, after, changed };
  } catch (error) {
    // A damaged or forged tape may hold what no state can take: the difference is told all the same.
    return { kind: "unknown", reason: error instanceof Error ? error.message : String(error) };
  }
}

async function opened({ session, bars }: StateSide): Promise<TradingState | null> {
  const started = await recordedStart(session);
  return started === null ? null : openTradingState({ bars }, started, PLACES_WITHOUT_BARS);
}

async function fold(session: Pick<LogSession, "replayPages">, states: readonly TradingState[], until: number): Promise<void> {
  for await (const page of session.replayPages()) {
    for (const stored of page) {
      if (stored.position >= until) return;
      const event = positionedEvent(stored);
      for (const state of states) state.apply(event);
    }
  }
}

function pair(left: JsonObject, right: JsonObject): StatePair {
  return { differences: jsonDifferences(left, right), left, right };
}
