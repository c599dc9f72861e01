import { divideHalfEven, formatBig, formatScaled, pow10Big, scaledOf } from "../money/decimal.js";
import { marketValue, openVariation, type Position, unrealized } from "../portfolio/portfolio.js";
import { type FillCode, validateFill } from "../portfolio/validate-fill.js";
import { type StateCode, type StatedPortfolio, type StatedPosition, validateState } from "../portfolio/validate-state.js";
import type { Account } from "./account.js";
import type { Proposal } from "./proposal.js";
import type { RunConfig } from "./run-config.js";
import type { OrderFill } from "./run-events.js";
import type { TradingState } from "./trading-state.js";

interface Issue {
  readonly code: StateCode | FillCode;
  readonly message: string;
}

/** Cash, positions and profit no longer belong together: a bug of ours, never a market condition. */
export class InvariantBroken extends Error {
  /** Code of the first issue. */
  readonly code: string;
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues.map(({ code, message }) => `${code}: ${message}`).join("; "));
    this.name = "InvariantBroken";
    this.code = issues[0]?.code ?? "";
    this.issues = issues;
  }
}

/** Accepted events between two checks, beside the one at every session's close. */
export const CHECK_EVERY = 4096;

const NONE: ReadonlySet<string> = new Set();

/** Checks the state of a run from outside: by the settlement formulas, and by the road of profit and costs. */
export class InvariantGuard {
  readonly #state: TradingState;
  readonly #account: Account;
  readonly #start: bigint;
  readonly #scale: number;
  readonly #every: number;
  readonly #forbidFlips: boolean;
  /** Ids of all fills so far where every event is checked; null where samples are, since a run's fills have no limit. */
  readonly #fills: Set<string> | null;
  #events = 0;

  constructor(state: TradingState, account: Account, config: RunConfig, every: number = CHECK_EVERY) {
    this.#state = state;
    this.#account = account;
    this.#start = state.portfolio.cash;
    this.#scale = config.account.scale;
    this.#every = every;
    this.#forbidFlips = config.forbid_flips === true;
    this.#fills = every === 1 ? new Set() : null;
  }

  /** Counts an event that the state has folded, and checks where it is due. @throws {InvariantBroken} */
  count(proposal: Pick<Proposal, "event">): void {
    this.#events += 1;
    if (this.#events < this.#every) return;
    const { event } = proposal;
    if (event.type === "order.filled" || event.type === "order.partially_filled" || event.type === "fill.late") this.#fill(event.payload);
    this.check();
  }

  /** @throws {InvariantBroken} with everything that does not hold. */
  check(): void {
    this.#events = 0;
    // A gap against a short, variation and interest may take cash below zero: a condition of the market, not a bug.
    const issues = validateState(this.#stated(), { forbid_negative_cash: false, forbid_flat: false });
    if (issues.length > 0) throw new InvariantBroken(issues);
  }

  #fill({ fill_id, commission, symbol, side, qty }: OrderFill): void {
    const { units, qty: after } = this.#state.position(this.#state.indexOf(symbol));
    const delta = scaledOf(qty, units.qty_scale);
    const fill = { fill_id, commission, qty_before: side === "buy" ? after - delta : after + delta, qty_after: after };
    const issues = validateFill(fill, { known: this.#fills ?? NONE, forbid_flips: this.#forbidFlips });
    if (issues.length > 0) throw new InvariantBroken(issues);
    this.#fills?.add(fill_id);
  }

  #stated(): StatedPortfolio {
    const { cash, interest, positions } = this.#state.portfolio;
    let profit = this.#start + interest;
    let costs = 0n;
    const stated = positions.map((position, i): StatedPosition => {
      const price = this.#account.mark(i);
      const open = price === null ? 0n : unrealized(position, price);
      profit += position.realized + open - position.commission + position.dividends - position.borrow;
      costs -= position.commission + position.borrow;
      return this.#position(position, price);
    });
    return {
      cash: this.#money(cash),
      equity: this.#money(this.#account.equity()),
      fees: this.#money(costs),
      positions: stated,
      by_profit: this.#money(profit),
    };
  }

  #position(position: Position, price: number | null): StatedPosition {
    const { units, qty } = position;
    const mark = price ?? 0;
    // A flat position that still carries a basis has open profit that nothing can realise.
    const open =
      qty === 0
        ? position.basis + position.carried + position.settled
        : units.settlement === "cash"
          ? unrealized(position, mark)
          : openVariation(position, mark);
    return {
      key: units.symbol,
      symbol: units.symbol,
      settlement: units.settlement,
      qty: formatScaled(qty, units.qty_scale),
      avg_price:
        qty === 0 ? "0" : formatBig(divideHalfEven(position.basis * pow10Big(units.qty_scale), BigInt(Math.abs(qty))), this.#scale),
      market_value: this.#money(marketValue(position, mark)),
      unrealized_pnl: this.#money(open),
      realized_pnl: this.#money(position.realized),
    };
  }

  #money(amount: bigint): string {
    return formatBig(amount, this.#scale);
  }
}
