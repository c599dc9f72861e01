/** How positions settle: full payment, or daily variation margin. */
export type Settlement = "cash" | "variation_margin";

/** What is traded and in which units. Decimal fields are decimal text. */
export interface Instrument {
  readonly symbol: string;
  readonly asset_class: "equity" | "crypto" | "fx" | "future" | "index" | "other";
  readonly currency: string;
  /** Smallest price step of an order. Constrains orders, never data. */
  readonly price_tick: string;
  /** Smallest quantity step of an order. */
  readonly lot_step: string;
  readonly min_qty: string;
  /** Currency value of one price unit for a quantity of one. */
  readonly multiplier: string;
  /** A calendar id, see `Calendar`. */
  readonly calendar: string;
  readonly settlement: Settlement;
  /** Names of the fields that were guessed because nobody stated them; printed wherever the instrument is shown. */
  readonly guessed: readonly string[];
}
