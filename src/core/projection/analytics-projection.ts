import type { OrderFill, SessionClosed } from "../engine/run-events.js";
import { bigOf, formatBig } from "../money/decimal.js";
import {
  ACCOUNT_TYPES,
  EMPTY_PORTFOLIO,
  evolvePortfolio,
  type PortfolioFigures,
  type PortfolioState,
  portfolioFigures,
  turnoverOf,
} from "./portfolio-projection.js";
import type { Projection } from "./projection.js";
import { runEventOf } from "./run-event-of.js";

/** One trading session of one calendar. Amounts are decimal text in the account's currency. */
export type SessionFigures = {
  readonly closed_at: number | null;
  /** As the tape states it at the close; null while the session is open. */
  readonly equity: string | null;
  /** Equity less that of the close before, whatever its calendar, or less the cash at the start. */
  readonly pnl: string | null;
  readonly fills: number;
  readonly turnover: string;
  /** Commission and tax. */
  readonly costs: string;
  /** At the close, at the last price that the tape states for each symbol. */
  readonly gross_exposure: string | null;
  readonly net_exposure: string | null;
};

export type AnalyticsState = {
  readonly book: PortfolioState;
  /** By `CALENDAR/SESSION`. */
  readonly sessions: { readonly [key: string]: SessionFigures };
  /** Newest session of each calendar. */
  readonly newest: { readonly [calendar: string]: string };
  readonly last_equity: string | null;
};

const EMPTY: SessionFigures = {
  ...{ closed_at: null, equity: null, pnl: null, fills: 0, turnover: "0", costs: "0", gross_exposure: null, net_exposure: null },
};

/** Profit and loss, turnover, costs and exposure by session. A fill counts for the newest session of its instrument's calendar. */
export const analyticsProjection: Projection<AnalyticsState> = {
  name: "analytics",
  version: 1,
  order: "position",
  types: [...ACCOUNT_TYPES, "session.opened", "session.closed"],
  initial: { book: EMPTY_PORTFOLIO, sessions: {}, newest: {}, last_equity: null },
  evolve(state, stored) {
    const event = runEventOf(stored);
    switch (event.type) {
      case "session.opened": {
        const { calendar, session } = event.payload;
        const key = `${calendar}/${session}`;
        return {
          ...state,
          sessions: { ...state.sessions, [key]: state.sessions[key] ?? EMPTY },
          newest: { ...state.newest, [calendar]: key },
        };
      }
      case "session.closed":
        return close(state, event.payload, event.occurred_at);
      case "order.partially_filled":
      case "order.filled":
      case "fill.late":
        return { ...withFill(state, event.payload), book: evolvePortfolio(state.book, stored) };
      default: {
        const book = evolvePortfolio(state.book, stored);
        return { ...state, book, last_equity: state.last_equity ?? book.account?.cash ?? null };
      }
    }
  },
};

function close(state: AnalyticsState, { calendar, session, equity }: SessionClosed, closed_at: number): AnalyticsState {
  const key = `${calendar}/${session}`;
  const { scale } = accountOf(state.book);
  const pnl = formatBig(bigOf(equity, scale) - bigOf(state.last_equity ?? "0", scale), scale);
  const { gross_exposure, net_exposure }: PortfolioFigures = portfolioFigures(state.book);
  const figures = { ...(state.sessions[key] ?? EMPTY), closed_at, equity, pnl, gross_exposure, net_exposure };
  return { ...state, sessions: { ...state.sessions, [key]: figures }, last_equity: equity };
}

function withFill(state: AnalyticsState, fill: OrderFill): AnalyticsState {
  const { scale } = accountOf(state.book);
  const calendar = String(state.book.instruments[fill.symbol]?.["calendar"] ?? "");
  const key = state.newest[calendar] ?? `${calendar}/`;
  const before = state.sessions[key] ?? EMPTY;
  const sum = (a: string, ...more: readonly (string | bigint)[]): string =>
    formatBig(
      more.reduce<bigint>((total, b) => total + (typeof b === "bigint" ? b : bigOf(b, scale)), bigOf(a, scale)),
      scale,
    );
  const figures = {
    ...before,
    fills: before.fills + 1,
    turnover: sum(before.turnover, turnoverOf(state.book, fill)),
    costs: sum(before.costs, fill.commission, fill.tax ?? "0"),
  };
  return { ...state, sessions: { ...state.sessions, [key]: figures } };
}

function accountOf({ account }: PortfolioState): NonNullable<PortfolioState["account"]> {
  if (account === null) throw new RangeError("the log does not begin with the start of a run or session");
  return account;
}
