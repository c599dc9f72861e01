/** A session as its tape tells it, event by event: what a screen shows while it runs. */
import type { RunConfig } from "../engine/run-config.js";
import type { SessionStarted } from "../engine/session-events.js";
import { TradingState } from "../engine/trading-state.js";
import { ARMED, evolveKillSwitch, type KillSwitchState } from "../gate/kill-switch.js";
import { isRiskEvent } from "../gate/risk-events.js";
import { bigOf, formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import { unitsOf } from "../money/units.js";
import { equityContribution, unrealized } from "../portfolio/portfolio.js";
import type { JsonObject, TapeEvent, UtcMillis } from "../tape/event.js";
import { positionedEvent } from "./positioned-event.js";
import { tradingStateView } from "./trading-state-view.js";

export interface SessionPosition {
  readonly symbol: string;
  /** Signed decimal text, like the others. */
  readonly qty: string;
  /** Newest close; null before the first bar. */
  readonly last_price: string | null;
  readonly unrealized_pnl: string;
  readonly realized_pnl: string;
}

export interface SessionStanding {
  readonly session: string;
  readonly mode: "paper";
  readonly strategy: { readonly name: string; readonly version: string };
  /** `open`: its tape has no end yet, whether a process works on it or not. */
  readonly status: "open" | "completed" | "failed";
  readonly position: number;
  readonly head_hash: string;
  /** Wall clock of the newest event. */
  readonly recorded_at: UtcMillis;
  readonly bars: number;
  readonly last_bar_ts: UtcMillis | null;
  readonly counts: { readonly signals: number; readonly orders: number; readonly fills: number };
  readonly currency: string;
  readonly cash: string;
  /** At the newest closes and the rates of exchange that fills named last. */
  readonly equity: string;
  /** Those that are not flat, in symbol order. */
  readonly positions: readonly SessionPosition[];
  readonly open_orders: JsonObject;
  readonly kill_switch: KillSwitchState;
}

export class SessionFold {
  readonly #started: SessionStarted;
  readonly #config: RunConfig;
  readonly #state: TradingState;
  /** Newest close per instrument in its units; NaN before the first. */
  readonly #marks: Float64Array;
  #killSwitch: KillSwitchState = ARMED;
  #status: SessionStanding["status"] = "open";
  #newest: TapeEvent;
  #bars = 0;
  #lastBar: UtcMillis | null = null;

  private constructor(first: TapeEvent, started: SessionStarted) {
    // Written from a `RunConfig` by this product and covered by the chain.
    const config = started.config as unknown as RunConfig;
    this.#started = started;
    this.#config = config;
    this.#newest = first;
    this.#marks = new Float64Array(config.instruments.length).fill(Number.NaN);
    this.#state = openSessionState(started);
  }

  /** @returns null for an event that begins no session. */
  static from(first: TapeEvent): SessionFold | null {
    const event = positionedEvent(first);
    return event.type === "session.started" ? new SessionFold(first, event.payload) : null;
  }

  /** Folds the next event of the tape. @throws {TapeUnreadable} for one that this version does not know. */
  apply(stored: TapeEvent): void {
    const event = positionedEvent(stored);
    this.#newest = stored;
    this.#state.apply(event);
    if (isRiskEvent(event)) this.#killSwitch = evolveKillSwitch(this.#killSwitch, event);
    if (event.type === "run.completed") this.#status = event.payload.status;
    if (event.type !== "bar.closed") return;
    const i = this.#state.indexOf(event.payload.symbol);
    this.#marks[i] = scaledOf(event.payload.close, this.#state.unitsAt(i).price_scale);
    this.#bars += 1;
    this.#lastBar = event.occurred_at;
  }

  standing(): SessionStanding {
    const { portfolio, counts } = this.#state;
    const { scale, currency } = this.#config.account;
    const money = (amount: bigint): string => formatBig(amount, scale);
    let equity = portfolio.cash;
    portfolio.positions.forEach((position, i) => {
      if (position.qty !== 0) equity += equityContribution(position, this.#marks[i] as number);
    });
    return {
      session: this.#started.session,
      mode: this.#started.mode,
      strategy: { name: this.#started.strategy.name, version: this.#started.strategy.version },
      status: this.#status,
      position: this.#newest.position,
      head_hash: this.#newest.event_hash,
      recorded_at: this.#newest.recorded_at,
      bars: this.#bars,
      last_bar_ts: this.#lastBar,
      counts: { ...counts },
      currency,
      cash: money(portfolio.cash),
      equity: money(equity),
      positions: portfolio.positions.flatMap((position, i) => {
        const mark = this.#marks[i] as number;
        const { units, qty, realized } = position;
        if (qty === 0) return [];
        return [
          {
            symbol: units.symbol,
            qty: formatScaled(qty, units.qty_scale),
            last_price: Number.isNaN(mark) ? null : formatScaled(mark, units.price_scale),
            unrealized_pnl: money(unrealized(position, mark)),
            realized_pnl: money(realized),
          },
        ];
      }),
      open_orders: tradingStateView(this.#state)["open_orders"] as JsonObject,
      kill_switch: this.#killSwitch,
    };
  }
}

/** The trading state with which a session begins. */
export function openSessionState(started: SessionStarted): TradingState {
  // Written from a `RunConfig` by this product and covered by the chain.
  const { account, instruments } = started.config as unknown as RunConfig;
  const { cash, scale } = account;
  return new TradingState(
    instruments.map((instrument, i) => unitsOf(instrument, started.data[i]?.price_scale ?? 0, scale)),
    bigOf(cash, scale),
    scale,
  );
}
