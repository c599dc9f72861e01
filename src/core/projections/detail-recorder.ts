/** Remembers what an explanation lists: every close time, every event by type. */
import type { BarsAttached, RunEventType } from "../engine/run-events.js";
import type { RunDetail } from "../metrics/run-detail.js";
import type { UtcMillis } from "../tape/event.js";
import type { Valuation } from "./account-fold.js";
import type { PositionedEvent } from "./positioned-event.js";

interface Attached extends BarsAttached {
  readonly position: number;
}

export class DetailRecorder {
  readonly #ts: UtcMillis[] = [];
  readonly #equity: bigint[] = [];
  readonly #gross: bigint[] = [];
  readonly #net: bigint[] = [];
  readonly #held: number[] = [];
  /** Newest fill before each close; 0 where there is none. */
  readonly #newestFill: number[] = [];
  readonly #attached: Attached[] = [];
  readonly #byType = new Map<RunEventType, { label: string; position: number }[]>();
  #fill = 0;

  event(event: PositionedEvent): void {
    const list = this.#byType.get(event.type) ?? [];
    list.push({ label: labelOf(event), position: event.position });
    this.#byType.set(event.type, list);
    if (event.type === "bars.attached") this.#attached.push({ ...event.payload, position: event.position });
  }

  /** Heard once the fill has counted, before the close of its time is marked. */
  filled(position: number): void {
    this.#fill = position;
  }

  close(ts: UtcMillis, account: Valuation, held: number): void {
    this.#ts.push(ts);
    this.#equity.push(account.equity);
    this.#gross.push(account.gross);
    this.#net.push(account.net);
    this.#held.push(held);
    this.#newestFill.push(this.#fill);
  }

  finish(open: RunDetail["open_trades"]): RunDetail {
    return {
      closes: {
        ts: this.#ts,
        equity: this.#equity,
        gross: this.#gross,
        net: this.#net,
        held: this.#held,
        events: (i) => this.#behind(i),
      },
      attached: this.#attached.map(({ symbol, session, position, row_count }) => ({
        label: `${symbol} ${session}`,
        position,
        rows: row_count,
      })),
      ofType: (type) => this.#byType.get(type) ?? [],
      open_trades: open,
    };
  }

  /** The events that brought the bars of a close, and the newest fill where something was held. */
  #behind(close: number): readonly number[] {
    const ts = this.#ts[close] ?? 0;
    const bars = this.#attached.filter((a) => a.first_ts <= ts && ts <= a.last_ts).map((a) => a.position);
    const fill = this.#newestFill[close] ?? 0;
    return (this.#held[close] ?? 0) > 0 && fill > 0 ? [...bars, fill].sort((a, b) => a - b) : bars;
  }
}

/** How people call what an event is about. */
function labelOf(event: PositionedEvent): string {
  switch (event.type) {
    case "signal.emitted":
      return `${event.payload.signal_id} ${event.payload.action} ${event.payload.symbol}`;
    case "order.created":
      return `${event.payload.order_id} ${event.payload.side} ${event.payload.qty} ${event.payload.symbol}`;
    case "session.closed":
      return event.payload.session;
    default:
      return event.type;
  }
}
