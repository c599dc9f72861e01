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
    row_kind: { type: "text", unit: null, nullable: false, doc: "`fill`, `session` or `end`, as in `positions`." },
    ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Event time." },
    session: { type: "text", unit: null, nullable: true, doc: "Session date at the exchange, `YYYY-MM-DD`." },
    symbol: { type: "text", unit: null, nullable: false, doc: "Instrument." },
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
    total: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "`realized` + `unrealized_change` - `commission`." },
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
      before.commission !== position.commission
    );
  }

  row(moment: RowMoment, instrument: number, position: Position, unrealized: bigint): PnlRow {
    const before = this.#before[instrument] as SymbolPnl;
    const scale = position.units.money_scale;
    const realized = position.realized - before.realized;
    const change = unrealized - before.unrealized;
    const commission = position.commission - before.commission;
    const total = realized + change - commission;
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
      total: formatBig(total, scale),
      session_total: formatBig(before.session, scale),
      cumulative_total: formatBig(position.realized + unrealized - position.commission, scale),
    };
    before.realized = position.realized;
    before.unrealized = unrealized;
    before.commission = position.commission;
    before.traded = moment.row === "fill";
    if (!before.traded) before.session = 0n;
    return row;
  }
}
