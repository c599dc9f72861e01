/**
 * Cash and positions of a run or session, folded from its events alone: no bars are needed, since every price that moves money is on the
 * tape. Balances are those of the engine to the last digit; marks are the last price that the tape states.
 */
import { bookCashEvent, type CashEvent } from "../engine/book-cash-event.js";
import type { RunConfig } from "../engine/run-config.js";
import type { OrderFill } from "../engine/run-events.js";
import type { Instrument } from "../market/instrument.js";
import { bigOf, decimalPlaces, formatBig, formatScaled, scaledOf } from "../money/decimal.js";
import { setRate, type Units, unitsOf } from "../money/units.js";
import { applyFill, equityContribution, marketValue, type Portfolio, type Position, unrealized } from "../portfolio/portfolio.js";
import type { JsonObject } from "../tape/event.js";
import type { Projection, ProjectionEvent } from "./projection.js";
import { runEventOf } from "./run-event-of.js";

/** One position. Amounts are decimal text. */
export type PositionState = {
  readonly qty: string;
  readonly basis: string;
  readonly carried: string;
  readonly settled: string;
  readonly realized: string;
  readonly commission: string;
  readonly dividends: string;
  readonly borrow: string;
  /** Last price that the tape states; null before the first. */
  readonly mark: string | null;
  /** Rate of exchange in force; null for an instrument in the account's currency. */
  readonly fx_rate: string | null;
};

export type PortfolioState = {
  /** Null before the first event of a run. */
  readonly account: { readonly currency: string; readonly scale: number; readonly cash: string; readonly interest: string } | null;
  readonly instruments: { readonly [symbol: string]: JsonObject };
  readonly positions: { readonly [symbol: string]: PositionState };
};

/** Event types that move cash or positions, or that mark them. */
export const ACCOUNT_TYPES: readonly string[] = [
  "run.started",
  "session.started",
  "order.partially_filled",
  "order.filled",
  "fill.late",
  "cash.accrued",
  "variation.settled",
  "dividend.paid",
  "split.applied",
  "bar.closed",
];

export const EMPTY_PORTFOLIO: PortfolioState = { account: null, instruments: {}, positions: {} };

export const portfolioProjection: Projection<PortfolioState> = {
  name: "portfolio",
  version: 1,
  order: "position",
  types: ACCOUNT_TYPES,
  initial: EMPTY_PORTFOLIO,
  evolve: evolvePortfolio,
};

/** Folds one event of {@link ACCOUNT_TYPES}. @throws {InvalidFact}, {RangeError} for a fact that contradicts the state */
export function evolvePortfolio(state: PortfolioState, stored: ProjectionEvent): PortfolioState {
  const event = runEventOf(stored);
  switch (event.type) {
    case "run.started":
    case "session.started":
      return openAccount(event.payload.config as unknown as RunConfig);
    case "order.partially_filled":
    case "order.filled":
    case "fill.late":
      return withPosition(state, event.payload.symbol, event.payload.price, (portfolio, position) =>
        fill(portfolio, position, event.payload),
      );
    case "cash.accrued":
    case "variation.settled":
    case "dividend.paid":
    case "split.applied":
      return bookCash(state, event);
    case "bar.closed":
      return withMark(state, event.payload.symbol, event.payload.close);
    default:
      return state;
  }
}

function openAccount({ account, instruments }: RunConfig): PortfolioState {
  return {
    account: {
      currency: account.currency,
      scale: account.scale,
      cash: formatBig(bigOf(account.cash, account.scale), account.scale),
      interest: "0",
    },
    instruments: Object.fromEntries(instruments.map((instrument) => [instrument.symbol, { ...instrument } as JsonObject])),
    positions: {},
  };
}

function fill(portfolio: Portfolio, position: Position, { side, qty, price, commission, tax, fx_rate }: OrderFill): void {
  const { units } = position;
  if (fx_rate !== undefined) setRate(units, fx_rate);
  const cost = bigOf(commission, units.money_scale) + bigOf(tax ?? "0", units.money_scale);
  applyFill(portfolio, position, {
    side,
    qty: scaledOf(qty, units.qty_scale),
    price: scaledOf(price, units.price_scale),
    commission: cost,
  });
}

function bookCash(state: PortfolioState, event: CashEvent): PortfolioState {
  const { symbol } = event.payload;
  if (symbol === undefined) {
    const { account } = started(state);
    const portfolio: Portfolio = {
      cash: bigOf(account.cash, account.scale),
      interest: bigOf(account.interest, account.scale),
      positions: [],
    };
    bookCashEvent(event, portfolio, () => flat(state, "", "0"), account.scale);
    return { ...state, account: accountOf(account, portfolio) };
  }
  const price = event.type === "variation.settled" ? event.payload.price : null;
  return withPosition(state, symbol, price, (portfolio, position) =>
    bookCashEvent(event, portfolio, () => position, position.units.money_scale),
  );
}

type Account = NonNullable<PortfolioState["account"]>;

function started({ account }: PortfolioState): { readonly account: Account } {
  if (account === null) throw new RangeError("the log does not begin with the start of a run or session");
  return { account };
}

function accountOf(account: Account, { cash, interest }: Portfolio): Account {
  return { ...account, cash: formatBig(cash, account.scale), interest: formatBig(interest, account.scale) };
}

/** Books on one position. @param price that becomes its mark, or null. */
function withPosition(
  state: PortfolioState,
  symbol: string,
  price: string | null,
  book: (portfolio: Portfolio, position: Position) => void,
): PortfolioState {
  const { account } = started(state);
  const known = state.positions[symbol];
  const position = known === undefined ? flat(state, symbol, price ?? "0") : positionOf(state, symbol, known, price ?? known.mark ?? "0");
  const portfolio: Portfolio = {
    cash: bigOf(account.cash, account.scale),
    interest: bigOf(account.interest, account.scale),
    positions: [position],
  };
  book(portfolio, position);
  const next = stateOf(position, price ?? known?.mark ?? null);
  return { ...state, account: accountOf(account, portfolio), positions: { ...state.positions, [symbol]: next } };
}

/** Only what is held is marked: a price before the first fill moves nothing. */
function withMark(state: PortfolioState, symbol: string, mark: string): PortfolioState {
  const known = state.positions[symbol];
  return known === undefined ? state : { ...state, positions: { ...state.positions, [symbol]: { ...known, mark } } };
}

/** @param price that the units must be able to express. */
function unitsFor(state: PortfolioState, symbol: string, price: string): Units {
  const { account } = started(state);
  const stated = state.instruments[symbol];
  if (stated === undefined) throw new RangeError(`${symbol} is not in this run`);
  // Written from a checked instrument by the fold of the start.
  const instrument = stated as unknown as Instrument;
  return unitsOf(instrument, Math.max(decimalPlaces(instrument.price_tick) ?? 0, decimalPlaces(price) ?? 0), account.scale);
}

function flat(state: PortfolioState, symbol: string, price: string): Position {
  const units = unitsFor(state, symbol, price);
  return { units, qty: 0, basis: 0n, carried: 0n, settled: 0n, realized: 0n, commission: 0n, dividends: 0n, borrow: 0n };
}

function positionOf(state: PortfolioState, symbol: string, stored: PositionState, price: string): Position {
  const units = unitsFor(state, symbol, price);
  if (stored.fx_rate !== null) setRate(units, stored.fx_rate);
  const money = (text: string): bigint => bigOf(text, units.money_scale);
  return {
    units,
    qty: scaledOf(stored.qty, units.qty_scale),
    basis: money(stored.basis),
    carried: money(stored.carried),
    settled: money(stored.settled),
    realized: money(stored.realized),
    commission: money(stored.commission),
    dividends: money(stored.dividends),
    borrow: money(stored.borrow),
  };
}

function stateOf(position: Position, mark: string | null): PositionState {
  const { units, qty, basis, carried, settled, realized, commission, dividends, borrow } = position;
  const money = (value: bigint): string => formatBig(value, units.money_scale);
  return {
    qty: formatScaled(qty, units.qty_scale),
    basis: money(basis),
    carried: money(carried),
    settled: money(settled),
    realized: money(realized),
    commission: money(commission),
    dividends: money(dividends),
    borrow: money(borrow),
    mark,
    fx_rate: units.fx.text,
  };
}

/** The account at the last prices that the tape states. Amounts are decimal text in the account's currency. */
export interface PortfolioFigures {
  readonly cash: string;
  readonly equity: string;
  readonly realized: string;
  readonly unrealized: string;
  /** Sum of absolute market values, and of signed ones. */
  readonly gross_exposure: string;
  readonly net_exposure: string;
}

/** @throws {RangeError} before the first event of a run. */
export function portfolioFigures(state: PortfolioState): PortfolioFigures {
  const { account } = started(state);
  let equity = bigOf(account.cash, account.scale);
  let [realized, open, gross, net] = [0n, 0n, 0n, 0n];
  for (const [symbol, stored] of Object.entries(state.positions)) {
    const position = positionOf(state, symbol, stored, stored.mark ?? "0");
    realized += position.realized;
    if (position.qty === 0 || stored.mark === null) continue;
    const price = scaledOf(stored.mark, position.units.price_scale);
    const value = marketValue(position, price);
    equity += equityContribution(position, price);
    open += unrealized(position, price);
    gross += value < 0n ? -value : value;
    net += value;
  }
  const money = (value: bigint): string => formatBig(value, account.scale);
  return {
    cash: account.cash,
    equity: money(equity),
    realized: money(realized),
    unrealized: money(open),
    gross_exposure: money(gross),
    net_exposure: money(net),
  };
}

/** What a fill moves, in the account's money. @throws {RangeError} for a symbol that the run does not have */
export function turnoverOf(state: PortfolioState, { symbol, price, qty, fx_rate }: OrderFill): bigint {
  const units = unitsFor(state, symbol, price);
  const rate = fx_rate ?? state.positions[symbol]?.fx_rate ?? null;
  if (rate !== null) setRate(units, rate);
  const position: Position = { ...flat(state, symbol, price), units, qty: scaledOf(qty, units.qty_scale) };
  return marketValue(position, scaledOf(price, units.price_scale));
}
