/** Counts what a gate and its switches said, from the tape alone. */
import { isClosing } from "../engine/closing-signals.js";
import type { OrderCreated, RiskDecided } from "../engine/run-events.js";
import { CHECK_CODES } from "../gate/check-codes.js";
import type { RiskEvent } from "../gate/risk-events.js";
import { isRiskEvent } from "../gate/risk-events.js";
import { compareExact } from "../money/decimal.js";
import type { UtcMillis } from "../tape/event.js";
import type { PositionedEvent } from "./positioned-event.js";
import type { Alert, ClosestCall, CodeCount, DecisionTally, FreezeEpisode, KillEpisode } from "./risk-exposure.js";

/** Closest calls that are kept. */
const CALLS = 10;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class DecisionTallyFold {
  #approved = 0;
  #denied = 0;
  readonly #refusals = new Counts();
  readonly #observed = new Counts();
  readonly #declined = new Counts();
  readonly #closest: ClosestCall[] = [];
  readonly #episodes: (Writable<KillEpisode> | Writable<FreezeEpisode>)[] = [];
  readonly #alerts: Alert[] = [];
  readonly #orders = new Map<string, Pick<OrderCreated, "symbol" | "side" | "qty">>();
  #kill: Writable<KillEpisode> | null = null;
  #freeze: Writable<FreezeEpisode> | null = null;

  apply(event: PositionedEvent): void {
    switch (event.type) {
      case "order.created": {
        const { order_id, symbol, side, qty } = event.payload;
        this.#orders.set(order_id, { symbol, side, qty });
        return;
      }
      case "risk.decided":
        this.#decided(event.payload, event);
        return;
      case "signal.declined":
        if (CODES.has(event.payload.code)) this.#declined.add(event.payload.code, event.occurred_at);
        return;
      case "signal.emitted":
        if (this.#kill !== null && isClosing(event.payload.signal_id, "kill_switch")) this.#kill.closings += 1;
        return;
      case "order.cancel_requested":
        if (this.#kill !== null) this.#kill.cancels += 1;
        return;
      default:
        if (isRiskEvent(event)) this.#risk(event);
    }
  }

  finish(): DecisionTally {
    return {
      decisions: { approved: this.#approved, denied: this.#denied },
      refusals: this.#refusals.list(),
      observed: this.#observed.list(),
      declined: this.#declined.list(),
      closest: this.#closest,
      episodes: this.#episodes,
      alerts: this.#alerts,
    };
  }

  #decided(decided: RiskDecided, { occurred_at, position }: PositionedEvent): void {
    for (const { code } of decided.observed ?? []) this.#observed.add(code, occurred_at);
    if (decided.decision === "denied") {
      this.#denied += 1;
      const code = decided.code ?? "";
      this.#refusals.add(code, occurred_at);
      if (code === "KILL_SWITCH_ACTIVE" && this.#kill !== null) this.#kill.refused += 1;
      if (code === "DAILY_FREEZE_ACTIVE" && this.#freeze !== null) this.#freeze.refused += 1;
      return;
    }
    this.#approved += 1;
    const order = this.#orders.get(decided.order_id);
    if (decided.utilisation === undefined || order === undefined) return;
    const { code, fraction } = decided.utilisation;
    const last = this.#closest.length === CALLS ? this.#closest[CALLS - 1] : undefined;
    if (last !== undefined && compareExact(fraction, last.fraction) <= 0) return;
    const subject = decided.subject ?? "order";
    const call: ClosestCall = { order_id: decided.order_id, subject, ...order, at: occurred_at, position, code, fraction };
    const above = this.#closest.findIndex((other) => compareExact(fraction, other.fraction) > 0);
    this.#closest.splice(above < 0 ? this.#closest.length : above, 0, call);
    this.#closest.length = Math.min(this.#closest.length, CALLS);
  }

  #risk(event: RiskEvent): void {
    const at = event.occurred_at;
    switch (event.type) {
      case "kill_switch.tripped": {
        const { trigger, reason, locked_until, observe_only } = event.payload;
        this.#kill = {
          ...{ kind: "kill_switch", from: at, to: null, trigger, reason, locked_until, observe_only: observe_only === true },
          ...{ refused: 0, cancels: 0, closings: 0, notified: [], resets_refused: 0, reset: null },
        };
        this.#episodes.push(this.#kill);
        return;
      }
      case "kill_switch.reset":
        if (this.#kill === null) return;
        this.#kill.to = at;
        this.#kill.reset = { approver: event.payload.approver, reason: event.payload.reason };
        this.#kill = null;
        return;
      case "kill_switch.reset_refused":
        if (this.#kill !== null) this.#kill.resets_refused += 1;
        return;
      case "notification.requested":
        if (this.#kill !== null) this.#kill.notified = [...this.#kill.notified, event.payload.channel];
        return;
      case "daily_freeze.began": {
        const { session_day, loss, level, observe_only } = event.payload;
        this.#freeze = {
          ...{ kind: "daily_freeze", from: at, to: null, session_day, loss, level, refused: 0, observe_only: observe_only === true },
        };
        this.#episodes.push(this.#freeze);
        return;
      }
      case "daily_freeze.cleared":
        if (this.#freeze !== null) this.#freeze.to = at;
        this.#freeze = null;
        return;
      case "risk.alerted":
        this.#alerts.push({ at, ...event.payload });
        return;
      default:
        return;
    }
  }
}

class Counts {
  readonly #byCode = new Map<string, { count: number; first: UtcMillis; last: UtcMillis }>();

  add(code: string, at: UtcMillis): void {
    const found = this.#byCode.get(code);
    if (found === undefined) this.#byCode.set(code, { count: 1, first: at, last: at });
    else {
      found.count += 1;
      found.last = at;
    }
  }

  /** In the order of the checks. */
  list(): readonly CodeCount[] {
    return CHECK_CODES.flatMap((code) => {
      const found = this.#byCode.get(code);
      return found === undefined ? [] : [{ code, ...found }];
    });
  }
}

const CODES: ReadonlySet<string> = new Set(CHECK_CODES);
