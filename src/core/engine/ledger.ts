/**
 * What happens to an account without an order: corporate actions before a session's open, daily settlement and financing at its close,
 * rates of exchange all the time. Proposes events; the state folds them.
 */

import { type CivilDay, dayOfText, formatDay } from "../market/civil-date.js";
import { type CorporateAction, corporateActions } from "../market/corporate-actions.js";
import { parseFactorFile } from "../market/factor-file.js";
import { currencyScale } from "../money/currency.js";
import { bigOf, divideHalfEven, formatBig, formatScaled } from "../money/decimal.js";
import { dividendAmount, splitEffect } from "../portfolio/cash-events.js";
import { openVariation } from "../portfolio/portfolio.js";
import type { UtcMillis } from "../tape/event.js";
import type { Account } from "./account.js";
import { exactOf } from "./book-cash-event.js";
import type { EngineSpec } from "./engine-spec.js";
import { type Exchange, exchangeOf } from "./exchange.js";
import { FinancingBook } from "./financing.js";
import type { OrderEvents } from "./order-events.js";
import { runInput } from "./run-config.js";
import type { SplitApplied } from "./run-events.js";
import type { Sequencer } from "./sequencer.js";
import type { OpenSession } from "./session-book.js";
import type { TradingState } from "./trading-state.js";

interface LedgerParts {
  readonly spec: EngineSpec;
  readonly state: TradingState;
  readonly account: Account;
  readonly sequencer: Sequencer;
  readonly orders: OrderEvents;
}

const NONE: readonly CorporateAction[] = [];

export class Ledger {
  readonly exchange: Exchange;
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #seq: Sequencer;
  readonly #orders: OrderEvents;
  readonly #financing: FinancingBook | null;
  /** Actions of each instrument and the next of them; -1 before the instrument's first session. */
  readonly #actions: readonly (readonly CorporateAction[])[];
  readonly #next: Int32Array;
  /** Instruments that began a session, with its day. */
  readonly #begun: { readonly instrument: number; readonly day: CivilDay }[] = [];
  readonly #margined: boolean;

  constructor({ spec, state, account, sequencer, orders }: LedgerParts) {
    const { config } = spec;
    this.#state = state;
    this.#account = account;
    this.#seq = sequencer;
    this.#orders = orders;
    this.exchange = exchangeOf(config, state.units, spec.inputs);
    this.#financing = config.financing === undefined ? null : new FinancingBook(config.financing, state, account, config.account.scale);
    this.#actions = config.instruments.map(({ symbol, currency }) => {
      const stated = config.corporate_actions?.find((c) => c.symbol === symbol);
      return stated === undefined ? NONE : actionsOf(runInput(spec.inputs, stated.factors_sha256), symbol, currency);
    });
    this.#next = new Int32Array(config.instruments.length).fill(-1);
    this.#margined = state.units.some((u) => u.settlement === "variation_margin");
  }

  /** An instrument begins a session. */
  enter(instrument: number, session: string): void {
    const actions = this.#actions[instrument] ?? NONE;
    if (actions.length === 0) return;
    const day = dayOfText(session);
    // What took effect up to the first day of a run met nobody's position.
    if (this.#next[instrument] === -1) this.#next[instrument] = actions.filter(({ ex_day }) => ex_day <= day).length;
    else this.#begun.push({ instrument, day });
  }

  /** Does the next corporate action that is due. @returns false when there is none. */
  act(): boolean {
    for (let begun = this.#begun[0]; begun !== undefined; begun = this.#begun[0]) {
      const { instrument, day } = begun;
      const action = this.#actions[instrument]?.[this.#next[instrument] as number];
      if (action === undefined || action.ex_day > day) {
        this.#begun.shift();
        continue;
      }
      // Prices of working orders mean other shares after a split.
      if (action.split !== null && this.#cancelWorking(instrument)) return true;
      this.#next[instrument] = (this.#next[instrument] as number) + 1;
      this.#propose(instrument, action);
      if (this.#seq.pending) return true;
    }
    return false;
  }

  /**
   * What a session's close settles: variation, interest, borrowing.
   * @returns true when there was something.
   */
  settle(session: OpenSession): boolean {
    if (this.#margined) for (const instrument of session.instruments) this.#settleVariation(instrument);
    for (const accrual of this.#financing?.accrue(session) ?? []) {
      this.#seq.propose("cash.accrued", accrual.symbol === undefined ? "account" : `position/${accrual.symbol}`, accrual);
    }
    return this.#seq.pending;
  }

  /** A session is closed: what it leaves is carried. */
  closed(session: OpenSession): void {
    this.#financing?.remember(session);
  }

  moveTo(ts: UtcMillis): void {
    if (!this.exchange.idle) this.exchange.moveTo(ts);
  }

  /** Follows a split that the state has folded: the newest close is told in new shares until the next one. */
  followSplit({ symbol, numerator, denominator }: SplitApplied): void {
    const instrument = this.#state.indexOf(symbol);
    const mark = this.#account.mark(instrument);
    if (mark !== null) this.#account.marks[instrument] = splitPrice(mark, numerator, denominator);
    this.#state.pending.touch(instrument);
  }

  #propose(instrument: number, action: CorporateAction): void {
    const position = this.#state.position(instrument);
    const { units } = position;
    const stream = `position/${units.symbol}`;
    const ex_date = formatDay(action.ex_day);
    const fx = rateOf(units.fx.text);
    if (action.dividend !== null && position.qty !== 0) {
      const amount = dividendAmount(units, exactOf(action.dividend.per_share), position.qty);
      this.#seq.propose("dividend.paid", stream, {
        symbol: units.symbol,
        ex_date,
        qty: formatScaled(position.qty, units.qty_scale),
        amount: formatBig(amount, units.money_scale),
        reference_price: action.reference_price,
        ...action.dividend,
        ...fx,
      });
    }
    if (action.split === null) return;
    const ratio = { numerator: bigOf(action.split.numerator, 0), denominator: bigOf(action.split.denominator, 0) };
    const effect = splitEffect(position, ratio, exactOf(action.reference_price));
    this.#seq.propose("split.applied", stream, {
      symbol: units.symbol,
      ex_date,
      ...action.split,
      qty_before: formatScaled(position.qty, units.qty_scale),
      qty_after: formatScaled(effect.qty_after, units.qty_scale),
      cash_in_lieu: formatBig(effect.cash_in_lieu, units.money_scale),
      reference_price: action.reference_price,
      ...fx,
    });
  }

  /** @returns true when there was something to cancel. */
  #cancelWorking(instrument: number): boolean {
    const working = this.#state.workingAt(instrument).filter((order) => !this.#orders.isEnding(order));
    for (const order of working) this.#orders.cancel(order, "SPLIT");
    return working.length > 0;
  }

  #settleVariation(instrument: number): void {
    const position = this.#state.position(instrument);
    const { units, qty } = position;
    const price = this.#account.mark(instrument);
    if (qty === 0 || price === null || units.settlement !== "variation_margin") return;
    this.#seq.propose("variation.settled", `position/${units.symbol}`, {
      symbol: units.symbol,
      qty: formatScaled(qty, units.qty_scale),
      price: formatScaled(price, units.price_scale),
      amount: formatBig(openVariation(position, price), units.money_scale),
      ...rateOf(units.fx.text),
    });
  }
}

/** A price before a split in shares after it, half-even at its own scale. */
export function splitPrice(price: number, numerator: string, denominator: string): number {
  return Number(divideHalfEven(BigInt(price) * bigOf(denominator, 0), bigOf(numerator, 0)));
}

/** The field that tells a rate of exchange, where there is one. */
export function rateOf(text: string | null): { readonly fx_rate?: string } {
  return text === null ? {} : { fx_rate: text };
}

function actionsOf(text: string, symbol: string, currency: string): readonly CorporateAction[] {
  const parsed = parseFactorFile(text, symbol);
  if (parsed.kind === "invalid") throw new Error(`the kept factors of ${symbol} are not sound: ${parsed.violations[0]?.message ?? ""}`);
  return corporateActions(parsed.rows, currencyScale(currency));
}
