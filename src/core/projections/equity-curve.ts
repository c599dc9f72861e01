/** The account at every close time, as columns of exact integers. */

import type { UtcMillis } from "../tape/event.js";
import type { Sha256BytesFn, Sha256Hex } from "../tape/hash.js";
import type { Valuation } from "./account-fold.js";
import type { ColumnSchema } from "./table.js";
import { denseColumnHash, identityOf } from "./table-identity.js";

export const equitySchema = {
  name: "equity",
  grain: "one row per close time of the run, after the fills of that bar; money as integers at the account's scale",
  sort_key: ["ts"],
  columns: {
    ts: { type: "float64", unit: "UTC", nullable: false, doc: "Close time in milliseconds since 1970, a whole number." },
    equity: { type: "int64", unit: "currency", nullable: false, doc: "Equity as in `positions`, at the bars' closes." },
    cash: { type: "int64", unit: "currency", nullable: false, doc: "Cash." },
    gross_exposure: { type: "int64", unit: "currency", nullable: false, doc: "Sum of absolute market values." },
    net_exposure: { type: "int64", unit: "currency", nullable: false, doc: "Sum of market values." },
  },
} as const;

/** A column of the curve: its declaration and its dense values. Money counts units of `10^-scale`. */
export interface CurveColumn {
  readonly name: string;
  readonly schema: ColumnSchema;
  readonly scale: number;
  readonly values: Float64Array | BigInt64Array;
}

/** Bar-grain equity of a run. */
export interface EquityCurve {
  readonly rows: number;
  readonly columns: readonly CurveColumn[];
}

/** Identity of the curve by the rule of all tables; the scale of money stands in the hashed schema. */
export function curveIdentity(curve: EquityCurve, hash: Sha256BytesFn): Sha256Hex {
  const columns = curve.columns.map((c) => ({ name: c.name, column: c.schema, scale: c.scale, sha256: denseColumnHash(c.values, hash) }));
  return identityOf(equitySchema.name, equitySchema.sort_key, curve.rows, columns, hash);
}

/** Collects the curve close by close. */
export class EquityRecorder {
  readonly #moneyScale: number;
  #ts = new Float64Array(1024);
  #money = new BigInt64Array(4096);
  #rows = 0;

  constructor(moneyScale: number) {
    this.#moneyScale = moneyScale;
  }

  /** @throws {RangeError} for an amount beyond 64 bits. */
  add(ts: UtcMillis, account: Valuation): void {
    if (this.#rows === this.#ts.length) this.#grow();
    this.#ts[this.#rows] = ts;
    const at = this.#rows * 4;
    this.#money[at] = account.equity;
    this.#money[at + 1] = account.cash;
    this.#money[at + 2] = account.gross;
    this.#money[at + 3] = account.net;
    // Cash and net exposure are bounded by these two, and a typed array wraps in silence.
    if (this.#money[at + 2] !== account.gross || this.#money[at] !== account.equity || this.#money[at + 1] !== account.cash) {
      throw new RangeError(`an account value at ${ts} does not fit 64 bits at scale ${this.#moneyScale}`);
    }
    this.#rows += 1;
  }

  finish(): EquityCurve {
    const names = ["equity", "cash", "gross_exposure", "net_exposure"] as const;
    const money = names.map((name, n): CurveColumn => {
      const values = new BigInt64Array(this.#rows);
      for (let i = 0; i < this.#rows; i++) values[i] = this.#money[i * 4 + n] as bigint;
      return { name, schema: equitySchema.columns[name], scale: this.#moneyScale, values };
    });
    const ts: CurveColumn = { name: "ts", schema: equitySchema.columns.ts, scale: 0, values: this.#ts.slice(0, this.#rows) };
    return { rows: this.#rows, columns: [ts, ...money] };
  }

  #grow(): void {
    const ts = new Float64Array(this.#ts.length * 2);
    ts.set(this.#ts);
    this.#ts = ts;
    const money = new BigInt64Array(this.#money.length * 2);
    money.set(this.#money);
    this.#money = money;
  }
}
