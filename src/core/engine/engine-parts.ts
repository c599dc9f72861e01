/** The desks of an engine, wired to one state and one sequencer. */
import { calendarById } from "../market/calendars/registry.js";
import { bigOf, pow10 } from "../money/decimal.js";
import { unitsOf } from "../money/units.js";
import { SimVenue } from "../venue/sim-venue.js";
import { Account } from "./account.js";
import { accountReader } from "./account-reader.js";
import { BarMarket } from "./bar-market.js";
import { BarView } from "./bar-view.js";
import { columnsAt, type EngineSpec } from "./engine-spec.js";
import type { BarFeed } from "./feed.js";
import { refusesFlips } from "./gate-desk.js";
import { InvariantGuard } from "./invariant-guard.js";
import { Ledger } from "./ledger.js";
import { OrderDesk } from "./order-desk.js";
import { OrderEvents } from "./order-events.js";
import { type RiskDesk, riskDeskOf } from "./risk-desk.js";
import type { Sequencer } from "./sequencer.js";
import type { SessionBook } from "./session-book.js";
import { sessionsOf } from "./session-desk.js";
import { feedOf } from "./session-opening.js";
import { StrategyRunner } from "./strategy-runner.js";
import { TradingState } from "./trading-state.js";
import { VenueDesk } from "./venue-desk.js";

export interface EngineParts {
  readonly state: TradingState;
  readonly account: Account;
  readonly market: BarMarket;
  readonly venueDesk: VenueDesk;
  readonly ledger: Ledger;
  readonly sessions: SessionBook;
  /** Null without a policy. */
  readonly risk: RiskDesk | null;
  readonly desk: OrderDesk;
  readonly runner: StrategyRunner;
  readonly guard: InvariantGuard;
  /** Per instrument. */
  readonly views: readonly BarView[];
  readonly feed: BarFeed;
}

/** @throws {StrategyFailure} for a strategy whose state or indicators cannot even be made. */
export function engineParts(spec: EngineSpec, sequencer: Sequencer): EngineParts {
  const { config } = spec;
  const { scale } = config.account;
  const units = config.instruments.map((instrument, i) => unitsOf(instrument, columnsAt(spec, i).price_scale, scale));
  const state = new TradingState(units, bigOf(config.account.cash, scale), scale);
  const account = new Account(state);
  const orders = new OrderEvents(sequencer, state);
  const venue = new SimVenue(config.execution, scale);
  const market = new BarMarket(spec.instruments, config.execution.participation);
  const sessions = sessionsOf(spec);
  const trading = { spec, state, account, sequencer, orders, venue, market };
  const venueDesk = new VenueDesk({ ...trading, execution: config.execution, forbid_flips: refusesFlips(config) });
  const ledger = new Ledger(trading);
  const { exchange } = ledger;
  const risk = riskDeskOf({
    ...{ ...trading, sessions, exchange },
    close: (instrument, number) => desk.closePosition(instrument, "kill_switch", number),
  });
  const desk = new OrderDesk({ ...trading, venueDesk, exchange, figures: risk?.figures ?? null });
  const runner = new StrategyRunner({
    definition: spec.strategy,
    params: config.strategy.params,
    units,
    calendars: config.instruments.map(({ calendar }) => calendarById(calendar)),
    account: accountReader(state, account, scale),
  });
  const guard = new InvariantGuard(state, account, config, spec.check_every);
  const views = spec.instruments.map(({ columns }) => new BarView(columns, pow10(columns.price_scale), pow10(columns.volume_scale)));
  return { state, account, market, venueDesk, ledger, sessions, risk, desk, runner, guard, views, feed: feedOf(spec, sessions) };
}
