import type { TradeRow } from "../../core/calc/finra-otc/normalise.js";
import { type TradeColumns, tradeColumns, tradeRows } from "../../core/calc/finra-otc/trade-columns.js";
import type { StoredWeek } from "../../ports/calc-store.js";

/**
 * A week that stays in memory. Once it is put aside it takes half of that, none of it among what the engine moves about, and its rows are
 * made again when they are asked for.
 */
export class RememberedWeek {
  /** One object as long as the week is remembered. */
  readonly week: StoredWeek;
  readonly count: number;
  #held: readonly TradeRow[] | TradeColumns;

  constructor({ rows, rejects }: StoredWeek) {
    this.#held = rows;
    this.count = rows.length;
    const held = (): readonly TradeRow[] | TradeColumns => this.#held;
    this.week = {
      get rows() {
        const now = held();
        return "symbols" in now ? tradeRows(now) : now;
      },
      rejects,
    };
  }

  putAside(): void {
    if (!("symbols" in this.#held)) this.#held = tradeColumns(this.#held);
  }
}
