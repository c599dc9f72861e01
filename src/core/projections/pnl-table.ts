/**
 * Profit and loss as changes: one row per symbol and session, one per fill.
 *
 * Invariant: the `total` of all rows sums to final equity less initial cash, exactly.
 */
import { formatBig } from "../money/decimal.js";
import type { Position } from "../portfolio/portfolio.js";
import type { RowMoment } from "./row-moment.js";
import type { RowOf } from "./table.js";

export const pnlSchema = {
  name: "pnl",
  grain: "one row per symbol and session, one per fill; each holds the change since the symbol's row before",
  sort_key: ["tape_position", "symbol"],
  columns: {
    tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of the event that the row follows." },
    row_kind: {
      type: "text",
      unit: null,
      nullable: false,
      doc: "`fill`, `session` or `end`, as in `positions`; `interest` for interest on cash.",
    },
    ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Event time." },
    session: { type: "text", unit: null, nullable: true, doc: "Session date at the exchange, `YYYY-MM-DD`." },
    symbol: { type: "text", unit: null, nullable: false, doc: "Instrument; `cash:` and the currency in rows of kind `interest`." },
    realized: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Profit realised since the symbol's row before, before commission.",
    },
    unrealized_change: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Change of open profit since the symbol's row before.",
    },
    commission: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Commission paid since the symbol's row before, never negative.",
    },
    dividends: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Dividends received since the symbol's row before; negative where a short paid them.",
    },
    financing: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Cost of borrowing the short since the symbol's row before, negative; in rows of kind `interest`, interest on cash.",
    },
    total: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "`realized` + `unrealized_change` - `commission` + `dividends` + `financing`.",
    },
    session_total: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Sum of `total` in the symbol since the session before closed.",
    },
    cumulative_total: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Sum of `total` in the symbol since the start.",
    },
  },
} as const;

export type PnlRow = RowOf<typeof pnlSchema>;

interface SymbolPnl {
  realized: bigint;
  unrealized: bigint;
  commission: bigint;
  dividends: bigint;
  borrow: bigint;
  session: bigint;
  traded: boolean;
}

/** Turns states of positions into changes. */
export class PnlFold {
  readonly #before: SymbolPnl[];

  constructor(instruments: number) {
    this.#before = Array.from({ length: instruments }, () => ({
      realized: 0n,
      unrealized: 0n,
      commission: 0n,
      dividends: 0n,
      borrow: 0n,
      session: 0n,
      traded: false,
    }));
  }

  /** True when the symbol's last row no longer tells the whole: a fill's row, or one at another value. */
  owes(instrument: number, position: Position, unrealized: bigint): boolean {
    const before = this.#before[instrument] as SymbolPnl;
    return (
      before.traded ||
      before.unrealized !== unrealized ||
      before.realized !== position.realized ||
      before.commission !== position.commission ||
      before.dividends !== position.dividends ||
      before.borrow !== position.borrow
    );
  }

  row(moment: RowMoment, instrument: number, position: Position, unrealized: bigint): PnlRow {
    const before = this.#before[instrument] as SymbolPnl;
    const scale = position.units.money_scale;
    const realized = position.realized - before.realized;
    const change = unrealized - before.unrealized;
    const commission = position.commission - before.commission;
    const dividends = position.dividends - before.dividends;
    const financing = before.borrow - position.borrow;
    const total = realized + change - commission + dividends + financing;
    before.session += total;
    const row: PnlRow = {
      tape_position: moment.position,
      row_kind: moment.row,
      ts: moment.ts,
      session: moment.session,
      symbol: position.units.symbol,
      realized: formatBig(realized, scale),
      unrealized_change: formatBig(change, scale),
      commission: formatBig(commission, scale),
      dividends: formatBig(dividends, scale),
      financing: formatBig(financing, scale),
      total: formatBig(total, scale),
      session_total: formatBig(before.session, scale),
      cumulative_total: formatBig(position.realized + unrealized - position.commission + position.dividends - position.borrow, scale),
    };
    before.realized = position.realized;
    before.unrealized = unrealized;
    before.commission = position.commission;
    before.dividends = position.dividends;
    before.borrow = position.borrow;
    before.traded = moment.row === "fill";
    if (!before.traded) before.session = 0n;
    return row;
  }

  /** Interest on cash belongs to no symbol and has a row of its own. @param all interest since the start, this included. */
  interest(
    moment: Omit<RowMoment, "row">,
    cash: { readonly currency: string; readonly scale: number },
    amount: bigint,
    all: bigint,
  ): PnlRow {
    const text = formatBig(amount, cash.scale);
    return {
      tape_position: moment.position,
      row_kind: "interest",
      ts: moment.ts,
      session: moment.session,
      symbol: `cash:${cash.currency}`,
      realized: "0",
      unrealized_change: "0",
      commission: "0",
      dividends: "0",
      financing: text,
      total: text,
      session_total: text,
      cumulative_total: formatBig(all, cash.scale),
    };
  }
}
