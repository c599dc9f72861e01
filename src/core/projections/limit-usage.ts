/** How much of one limit was used, session day by session day. */

import type { LimitMeter } from "../gate/limit-meters.js";
import type { Reading } from "../gate/rule.js";
import type { Amount } from "../money/amount.js";
import { shareText } from "../money/amount.js";
import type { UtcMillis } from "../tape/event.js";
import type { LimitUse, SessionUse, Use } from "./risk-exposure.js";

const PLACES = 6;

/** A reading that is kept: spelled when the session day is over. */
class Kept {
  ratio = Number.NEGATIVE_INFINITY;
  #value: Amount = 0;
  #limit: Amount = 1;
  #at: UtcMillis = 0;
  #order: string | null = null;

  take(ratio: number, { value, limit }: Reading, at: UtcMillis, order: string | null): void {
    this.ratio = ratio;
    this.#value = value;
    this.#limit = limit;
    this.#at = at;
    this.#order = order;
  }

  use(): Use | null {
    if (this.ratio === Number.NEGATIVE_INFINITY) return null;
    return { fraction: shareText(this.#value, this.#limit, PLACES), at: this.#at, order_id: this.#order };
  }
}

export class LimitUsage {
  readonly meter: LimitMeter;
  readonly #sessions: SessionUse[] = [];
  readonly #run = new Kept();
  #day: string | null = null;
  #highest = new Kept();
  #newest = new Kept();

  constructor(meter: LimitMeter) {
    this.meter = meter;
  }

  beginDay(day: string): void {
    this.#endDay();
    this.#day = day;
    this.#highest = new Kept();
    this.#newest = new Kept();
  }

  /** @param order what it was read of; null for what the account was. */
  read(reading: Reading | null, at: UtcMillis, order: string | null): void {
    // Of no means there is no fraction.
    if (reading === null || reading.limit <= 0) return;
    const ratio = Number(reading.value) / Number(reading.limit);
    // Where the account stands is what it is at a close, not what an order might bring.
    if (order === null || this.meter.of === "order") this.#newest.take(ratio, reading, at, order);
    if (ratio > this.#highest.ratio) this.#highest.take(ratio, reading, at, order);
    if (ratio > this.#run.ratio) this.#run.take(ratio, reading, at, order);
  }

  finish(): LimitUse {
    this.#endDay();
    const { code, level, what, limit, of, enforced } = this.meter;
    return { code, level, what, limit, of, enforced, highest: this.#run.use(), sessions: this.#sessions };
  }

  #endDay(): void {
    if (this.#day === null) return;
    this.#sessions.push({ session_day: this.#day, highest: this.#highest.use(), newest: this.#newest.use() });
    this.#day = null;
  }
}
