import { type CivilDay, dayOfText } from "../market/civil-date.js";
import { formatBig } from "../money/decimal.js";
import { accruedAmount } from "../portfolio/cash-events.js";
import { marketValue } from "../portfolio/portfolio.js";
import type { Account } from "./account.js";
import { DAYS_OF_YEAR, exactOf } from "./book-cash-event.js";
import type { FinancingConfig } from "./run-config.js";
import type { CashAccrued } from "./run-events.js";
import type { OpenSession } from "./session-book.js";
import type { TradingState } from "./trading-state.js";

/**
 * Interest and borrowing cost in arrears: what was carried over night from one session's close is charged at the next one's, for the
 * calendar days between their dates.
 */
export class FinancingBook {
  readonly #terms: FinancingConfig;
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #scale: number;
  /** Date up to which cash has accrued, and what it accrues on. */
  #cashDay: CivilDay | null = null;
  #cash = 0n;
  /** The same for each instrument's short: its market value, never negative. */
  readonly #shortDay: (CivilDay | null)[];
  readonly #short: bigint[];

  constructor(terms: FinancingConfig, state: TradingState, account: Account, scale: number) {
    this.#terms = terms;
    this.#state = state;
    this.#account = account;
    this.#scale = scale;
    this.#shortDay = state.units.map(() => null);
    this.#short = state.units.map(() => 0n);
  }

  /** What has accrued when a session closes; nothing that rounds to zero. */
  accrue(session: OpenSession): readonly CashAccrued[] {
    const today = dayOfText(session.session);
    const accrued: CashAccrued[] = [];
    for (const instrument of session.instruments) {
      const since = this.#shortDay[instrument] ?? null;
      const { symbol } = this.#state.unitsAt(instrument);
      const rate = this.#terms.borrow_rates[symbol] ?? this.#terms.borrow_rate;
      if (since !== null && today > since)
        this.#add(accrued, { kind: "borrow", basis: this.#short[instrument] ?? 0n, rate, days: today - since, symbol });
    }
    if (this.#cashDay !== null && today > this.#cashDay) {
      const kind = this.#cash < 0n ? "debit" : "credit";
      const rate = kind === "debit" ? this.#terms.debit_rate : this.#terms.credit_rate;
      this.#add(accrued, { kind, basis: this.#cash, rate, days: today - this.#cashDay });
    }
    return accrued;
  }

  /** Remembers what the session leaves to be carried. */
  remember(session: OpenSession): void {
    const today = dayOfText(session.session);
    for (const instrument of session.instruments) {
      this.#short[instrument] = this.#shortValue(instrument);
      this.#shortDay[instrument] = today;
    }
    const { cash } = this.#state.portfolio;
    // Proceeds of short sales are the lender's security: they earn nothing unless the terms say so.
    const held = this.#terms.short_proceeds === "included" ? 0n : this.#allShorts();
    this.#cash = cash > 0n ? max(cash - held, 0n) : cash;
    this.#cashDay = this.#cashDay === null ? today : Math.max(this.#cashDay, today);
  }

  #add(
    accrued: CashAccrued[],
    { kind, basis, rate, days, symbol }: Pick<CashAccrued, "kind" | "rate" | "days"> & { readonly basis: bigint; readonly symbol?: string },
  ): void {
    const magnitude = accruedAmount(basis, exactOf(rate), days, DAYS_OF_YEAR[this.#terms.day_count]);
    if (magnitude === 0n) return;
    accrued.push({
      kind,
      amount: formatBig(kind === "borrow" ? -magnitude : magnitude, this.#scale),
      basis: formatBig(basis, this.#scale),
      rate,
      day_count: this.#terms.day_count,
      days,
      ...(symbol === undefined ? {} : { symbol }),
    });
  }

  #allShorts(): bigint {
    let sum = 0n;
    for (let i = 0; i < this.#short.length; i++) sum += this.#shortValue(i);
    return sum;
  }

  /** Futures are not borrowed: only what settles in full is. */
  #shortValue(instrument: number): bigint {
    const position = this.#state.position(instrument);
    const mark = this.#account.mark(instrument);
    if (position.qty >= 0 || mark === null || position.units.settlement !== "cash") return 0n;
    return -marketValue(position, mark);
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
