/**
 * All tables of a run, folded from its tape in position order.
 *
 * The fold is checked against what the engine wrote: equity at every session close, equity and cash at the end. A
 * difference means that tape and bars do not belong together, or a bug; nothing is written then.
 */
import type { CashEvent } from "../engine/book-cash-event.js";
import { exchangeOf } from "../engine/exchange.js";
import { type RunConfig, type RunInputs, runInput } from "../engine/run-config.js";
import type { BarsAttached, DecimalText, OrderFill, SessionClosed } from "../engine/run-events.js";
import type { BarColumns } from "../market/bars.js";
import { calendarById } from "../market/calendars/registry.js";
import { formatDay, utcDay } from "../market/civil-date.js";
import { benchmarkReturns } from "../metrics/benchmark-closes.js";
import type { RunDetail } from "../metrics/run-detail.js";
import type { EquityMark, FillMeasure, RunMeasures } from "../metrics/run-measures.js";
import { bigOf, formatBig } from "../money/decimal.js";
import { unitsOf } from "../money/units.js";
import type { UtcMillis } from "../tape/event.js";
import { AccountFold, type Valuation } from "./account-fold.js";
import { BarMeasuresFold } from "./bar-measures.js";
import { type CashFlowRow, cashFlowRow, cashFlowsSchema } from "./cash-flows-table.js";
import { DataCompleteness } from "./data-completeness.js";
import { DetailRecorder } from "./detail-recorder.js";
import { EntryStops } from "./entry-stops.js";
import { type EquityCurve, EquityRecorder } from "./equity-curve.js";
import { fillMeasure } from "./fill-measure.js";
import { type FillRow, fillRow, fillsSchema } from "./fills-table.js";
import { OrdersProjection } from "./orders-table.js";
import { PnlFold, type PnlRow, pnlSchema } from "./pnl-table.js";
import type { PositionedEvent } from "./positioned-event.js";
import { type PositionRow, positionRow, positionsSchema } from "./positions-table.js";
import { type RiskRow, riskRow, riskSchema } from "./risk-table.js";
import type { RowMoment } from "./row-moment.js";
import { SignalsProjection } from "./signals-table.js";
import type { Table } from "./table.js";
import { TradesProjection } from "./trades-table.js";

/** What the tape says and what folding it gives differ. */
export class ProjectionMismatch extends Error {
  readonly code: "EQUITY_MISMATCH" | "CASH_MISMATCH";
  readonly position: number;

  constructor(code: ProjectionMismatch["code"], position: number, stated: DecimalText, folded: DecimalText) {
    super(`event ${position} states ${code === "EQUITY_MISMATCH" ? "equity" : "cash"} ${stated}, folding the tape gives ${folded}`);
    this.name = "ProjectionMismatch";
    this.code = code;
    this.position = position;
  }
}

interface AttachedSession {
  readonly instruments: Set<number>;
  /** Close time of its last bar. */
  last_ts: UtcMillis;
}

/** The tables of a run in the order in which they are written. */
export interface RunTables {
  readonly tables: readonly Table[];
  readonly equity: EquityCurve;
  readonly measures: RunMeasures;
  /** Present where the fold was asked to remember it. */
  readonly detail: RunDetail | null;
}

export interface ProjectionOptions {
  readonly detail?: boolean;
  readonly inputs?: RunInputs;
}

export class RunProjection {
  readonly #config: RunConfig;
  readonly #account: AccountFold;
  readonly #orders: OrdersProjection;
  readonly #signals = new SignalsProjection();
  readonly #stops = new EntryStops();
  readonly #trades = new TradesProjection();
  readonly #pnl: PnlFold;
  readonly #atCloses: BarMeasuresFold;
  readonly #curve: EquityRecorder;
  readonly #initialCash: bigint;
  /** Closes of the benchmark, or null. */
  readonly #benchmark: string | null;
  readonly #fills: FillRow[] = [];
  readonly #fillMeasures: FillMeasure[] = [];
  readonly #data: readonly DataCompleteness[];
  readonly #detail: DetailRecorder | null;
  readonly #positions: PositionRow[] = [];
  readonly #pnlRows: PnlRow[] = [];
  readonly #cashFlows: CashFlowRow[] = [];
  readonly #risk: RiskRow[] = [];
  /** Newest equity mark of each session date, in the order in which they were taken. */
  readonly #marks = new Map<string, EquityMark>();
  readonly #calendars: readonly string[];
  /** Sessions that have bars and have not closed, by `calendar/session`. */
  readonly #attached = new Map<string, AttachedSession>();
  /** Session in hand at each calendar. */
  readonly #session = new Map<string, string>();
  #sessions = 0;
  /** True while bars or fills are newer than the last mark. */
  #changed = false;
  #closesSinceMark = 0;
  #newestMark = "";
  #completed = false;
  #startedAt: UtcMillis = 0;
  #last: { readonly position: number; readonly ts: UtcMillis } = { position: 0, ts: 0 };

  /**
   * @param columns bars by symbol; only rows that the tape attaches are read
   * @param options `detail` remembers what an explanation lists; `inputs` are the texts that the config names by SHA-256
   * @throws {RangeError} when an instrument of the run has no columns, or a text that the run's config names is not among `inputs`.
   */
  constructor(config: RunConfig, columns: ReadonlyMap<string, BarColumns>, options: ProjectionOptions = {}) {
    const bars = config.instruments.map((i) => {
      const own = columns.get(i.symbol);
      if (own === undefined) throw new RangeError(`no bars were given for ${i.symbol}`);
      return own;
    });
    const units = config.instruments.map((instrument, i) => unitsOf(instrument, (bars[i] as BarColumns).price_scale, config.account.scale));
    this.#config = config;
    this.#initialCash = bigOf(config.account.cash, config.account.scale);
    this.#atCloses = new BarMeasuresFold(this.#initialCash);
    this.#curve = new EquityRecorder(config.account.scale);
    const exchange = exchangeOf(config, units, options.inputs);
    this.#account = new AccountFold(units, bars, this.#initialCash, (ts) => this.#close(ts), exchange.idle ? null : exchange);
    this.#orders = new OrdersProjection(new Map(units.map((u) => [u.symbol, u])));
    this.#pnl = new PnlFold(units.length);
    this.#benchmark = config.benchmark === undefined ? null : runInput(options.inputs, config.benchmark.closes_sha256);
    this.#calendars = config.instruments.map((i) => i.calendar);
    this.#data = config.instruments.map((instrument, i) => new DataCompleteness(bars[i] as BarColumns, calendarById(instrument.calendar)));
    this.#detail = options.detail === true ? new DetailRecorder() : null;
  }

  /**
   * Folds the next event.
   * @throws {ProjectionMismatch} when a stated total differs from the folded one.
   * @throws {Error} for an event that contradicts the tape before it.
   */
  apply(event: PositionedEvent): void {
    if (event.position !== this.#last.position + 1) throw new Error(`event ${event.position} does not follow ${this.#last.position}`);
    this.#last = { position: event.position, ts: event.occurred_at };
    this.#orders.apply(event);
    this.#stops.apply(event);
    this.#detail?.event(event);
    switch (event.type) {
      case "run.started":
        this.#startedAt = event.occurred_at;
        return;
      case "bars.attached":
        this.#attach(event.payload, event.position);
        return;
      case "session.opened":
        this.#session.set(event.payload.calendar, event.payload.session);
        return;
      case "session.closed":
        this.#closeSession(event.payload, event);
        return;
      case "signal.emitted":
      case "signal.declined":
      case "order.created":
        this.#signals.apply(event);
        return;
      case "order.partially_filled":
      case "order.filled":
      case "fill.late":
        this.#fill(event, event.payload);
        return;
      case "cash.accrued":
      case "variation.settled":
        // They follow the closes that they rest on.
        this.#account.advanceThrough(event.occurred_at);
        this.#cash(event);
        return;
      case "dividend.paid":
      case "split.applied":
        this.#account.advanceBefore(event.occurred_at);
        this.#cash(event);
        return;
      case "run.completed":
        this.#account.advanceBefore(event.occurred_at);
        // A strategy that failed while its fills were handled never saw the bars of that close.
        if (this.#barsSeen() < event.payload.bars) this.#account.advanceThrough(event.occurred_at);
        this.#completed = true;
        this.#expect("CASH_MISMATCH", event.payload.cash, this.#account.portfolio.cash);
        this.#expect("EQUITY_MISMATCH", event.payload.equity, this.#account.value().equity);
        return;
      default:
        return;
    }
  }

  /** Ends the fold. A tape that stops inside a session gets rows of its own for the rest. */
  finish(): RunTables {
    if (!this.#completed) this.#account.advanceThrough(this.#last.ts);
    if (this.#changed) this.#endRun();
    const trades = this.#trades.finish(
      (i) => this.#account.unrealized(i, this.#account.mark(i)),
      (i) => this.#account.barsSeen(i),
    );
    const tables = [
      this.#orders.finish(),
      { schema: fillsSchema, rows: this.#fills },
      { schema: positionsSchema, rows: this.#positions },
      { schema: pnlSchema, rows: this.#pnlRows },
      { schema: riskSchema, rows: this.#risk },
      this.#signals.finish(),
      trades,
      { schema: cashFlowsSchema, rows: this.#cashFlows },
    ];
    const open = this.#trades.open().map(({ trade, symbol, fills }) => ({ label: `trade:${trade} ${symbol}`, events: fills }));
    return { tables, equity: this.#curve.finish(), measures: this.#measures(trades), detail: this.#detail?.finish(open) ?? null };
  }

  #measures(trades: Table): RunMeasures {
    const { account, periods_per_year } = this.#config;
    return {
      currency: account.currency,
      money_scale: account.scale,
      periods_per_year,
      started_at: this.#startedAt,
      initial_cash: this.#initialCash,
      final_cash: this.#account.portfolio.cash,
      final_equity: this.#account.value().equity,
      marks: [...this.#marks.values()],
      bars: this.#barsSeen(),
      at_closes: this.#atCloses.finish(),
      trades: this.#trades.closed,
      fills: this.#fillMeasures,
      cash_flows: this.#cashFlows.map(({ tape_position, kind, symbol, amount }) => ({
        position: tape_position,
        kind,
        symbol,
        amount: bigOf(amount, account.scale),
      })),
      ended_orders: this.#orders.ended(),
      data: this.#data.map((d) => d.finish()),
      last_position: this.#last.position,
      ...this.#yardsticks(),
      counts: {
        sessions: this.#sessions,
        signals: this.#signals.count,
        orders: this.#orders.count,
        open_trades: trades.rows.length - this.#trades.closed.length,
      },
    };
  }

  /** What the config lets the statistics be judged by. */
  #yardsticks(): Pick<RunMeasures, "benchmark" | "trials" | "out_of_sample_from"> {
    const { benchmark, trials, out_of_sample_from } = this.#config;
    const closes = this.#benchmark;
    return {
      ...(benchmark === undefined || closes === null
        ? {}
        : { benchmark: { name: benchmark.symbol, returns: benchmarkReturns(closes, this.#startedAt, [...this.#marks.values()]) } }),
      ...(trials === undefined ? {} : { trials: { count: trials.count, sharpe_variance: Number(trials.sharpe_variance) } }),
      ...(out_of_sample_from === undefined ? {} : { out_of_sample_from }),
    };
  }

  #close(ts: UtcMillis): void {
    const account = this.#account.value();
    this.#atCloses.add(account, this.#account.held);
    this.#detail?.close(ts, account, this.#account.held);
    this.#curve.add(ts, account);
    this.#closesSinceMark += 1;
    this.#changed = true;
  }

  #barsSeen(): number {
    let bars = 0;
    for (let i = 0; i < this.#account.units.length; i++) bars += this.#account.barsSeen(i);
    return bars;
  }

  #attach(event: BarsAttached, position: number): void {
    const instrument = this.#account.attach(event);
    this.#data[instrument]?.attach(event, position);
    const key = `${this.#calendars[instrument]}/${event.session}`;
    const attached = this.#attached.get(key) ?? { instruments: new Set<number>(), last_ts: event.last_ts };
    attached.instruments.add(instrument);
    attached.last_ts = Math.max(attached.last_ts, event.last_ts);
    this.#attached.set(key, attached);
  }

  #fill(event: PositionedEvent, fill: OrderFill): void {
    this.#account.advanceBefore(event.occurred_at);
    const effect = this.#account.fill(fill, event.occurred_at);
    this.#changed = true;
    this.#detail?.filled(event.position);
    this.#fillMeasures.push(fillMeasure(event, fill, effect));
    this.#fills.push(fillRow(event, fill, effect));
    this.#trades.apply(event, fill, effect, this.#stops.of(fill.order_id));
    const moment: RowMoment = { position: event.position, row: "fill", ts: event.occurred_at, session: this.#sessionOf(effect.instrument) };
    const account = this.#account.value(effect);
    this.#rows(moment, effect.instrument, effect.price, account);
    this.#risk.push(riskRow(moment, account, this.#atCloses.peak, this.#config.account.scale));
  }

  #cash(event: PositionedEvent & CashEvent): void {
    const { portfolio } = this.#account;
    const symbol = event.payload.symbol;
    const instrument = symbol === undefined ? null : this.#config.instruments.findIndex((i) => i.symbol === symbol);
    const before = instrument === null ? 0n : this.#account.position(instrument).realized;
    const interest = portfolio.interest;
    this.#account.cash(event);
    this.#changed = true;
    this.#cashFlows.push(cashFlowRow(event.position, event));
    if (instrument === null) {
      const session = [...this.#session.values()][0] ?? null;
      const moment = { position: event.position, ts: event.occurred_at, session };
      this.#pnlRows.push(this.#pnl.interest(moment, this.#config.account, portfolio.interest - interest, portfolio.interest));
      return;
    }
    if (event.type !== "split.applied") return;
    const { numerator, denominator } = event.payload;
    const position = this.#account.position(instrument);
    this.#trades.split(event, {
      instrument,
      qty_after: position.qty,
      ratio: [BigInt(numerator), BigInt(denominator)],
      realized: position.realized - before,
      bars_seen: this.#account.barsSeen(instrument),
    });
  }

  /** Values the symbols of one calendar at the last closes of the session: bars may follow its nominal end. */
  #closeSession({ calendar, session, equity }: SessionClosed, event: PositionedEvent): void {
    const key = `${calendar}/${session}`;
    const attached = this.#attached.get(key);
    this.#account.advanceThrough(Math.max(event.occurred_at, attached?.last_ts ?? event.occurred_at));
    this.#expect("EQUITY_MISMATCH", equity, this.#account.value().equity);
    this.#sessions += 1;
    const moment: RowMoment = { position: event.position, row: "session", ts: event.occurred_at, session };
    this.#rowsOf(
      moment,
      (i) => this.#calendars[i] === calendar && (attached?.instruments.has(i) === true || this.#account.position(i).qty !== 0),
    );
    this.#attached.delete(key);
    this.#session.delete(calendar);
  }

  #endRun(): void {
    const moment = (i: number): RowMoment => ({ ...this.#last, row: "end", session: this.#sessionOf(i) });
    this.#rowsOf(moment(0), () => false, moment);
  }

  /** Rows of kind `session` or `end` for the chosen symbols, and for all whose last row is a fill's or no longer true. */
  #rowsOf(moment: RowMoment, chosen: (instrument: number) => boolean, own: (instrument: number) => RowMoment = () => moment): void {
    const account = this.#account.value();
    for (let i = 0; i < this.#account.units.length; i++) {
      const price = this.#account.mark(i);
      const owed = moment.row === "end" && this.#pnl.owes(i, this.#account.position(i), this.#account.unrealized(i, price));
      if (owed || chosen(i)) this.#rows(own(i), i, price, account);
    }
    this.#risk.push(riskRow(moment, account, this.#atCloses.peak, this.#config.account.scale));
    this.#mark(moment.session, { ts: moment.ts, equity: account.equity, position: moment.position });
  }

  /** One mark a session date, the newest; what follows the last close without a bar of its own still belongs to that date. */
  #mark(session: string | null, mark: Omit<EquityMark, "session">): void {
    const date = session ?? (this.#closesSinceMark === 0 ? this.#newestMark : "");
    this.#newestMark = date;
    this.#marks.delete(date);
    this.#marks.set(date, { ...mark, session: date === "" ? formatDay(utcDay(mark.ts)) : date });
    this.#closesSinceMark = 0;
    this.#changed = false;
  }

  #sessionOf(instrument: number): string | null {
    return this.#session.get(this.#calendars[instrument] ?? "") ?? null;
  }

  #rows(moment: RowMoment, instrument: number, price: number | null, account: Valuation): void {
    const position = this.#account.position(instrument);
    const unrealized = this.#account.unrealized(instrument, price);
    this.#positions.push(positionRow(moment, position, { price, unrealized }, account, this.#orders.pending));
    this.#pnlRows.push(this.#pnl.row(moment, instrument, position, unrealized));
  }

  #expect(code: ProjectionMismatch["code"], stated: DecimalText, folded: bigint): void {
    const { scale } = this.#config.account;
    if (bigOf(stated, scale) !== folded) throw new ProjectionMismatch(code, this.#last.position, stated, formatBig(folded, scale));
  }
}
