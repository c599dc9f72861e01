/** The account at bar closes as drawn series: equity, its fall below the running peak, exposure over equity. */
import { pow10 } from "../money/decimal.js";
import type { EquityCurve } from "../projections/equity-curve.js";
import { bucketSeries } from "./bucket-series.js";
import type { BucketSeries } from "./tear-sheet.js";

export interface AccountSeries {
  readonly equity: BucketSeries;
  readonly underwater: BucketSeries;
  readonly exposure: { readonly gross: BucketSeries; readonly net: BucketSeries } | null;
}

/** @param initial cash before the first close, at `scale`: the first running peak. */
export function accountSeries(curve: EquityCurve, initial: bigint, scale: number): AccountSeries {
  const ts = curve.columns.find((column) => column.name === "ts")?.values;
  const times = ts instanceof Float64Array ? ts : new Float64Array(0);
  const equity = money(curve, "equity");
  const gross = money(curve, "gross_exposure");
  const net = money(curve, "net_exposure");
  const n = times.length;
  const unit = pow10(scale);
  const values = new Float64Array(n);
  const falls = new Float64Array(n);
  const grossRatio = new Float64Array(n);
  const netRatio = new Float64Array(n);
  let peak = initial;
  let solvent = true;
  for (let i = 0; i < n; i++) {
    const now = equity[i] as bigint;
    if (now > peak) peak = now;
    if (now <= 0n) solvent = false;
    values[i] = Number(now) / unit;
    falls[i] = peak > 0n ? Number(now - peak) / Number(peak) : 0;
    grossRatio[i] = solvent ? Number(gross[i] as bigint) / Number(now) : 0;
    netRatio[i] = solvent ? Number(net[i] as bigint) / Number(now) : 0;
  }
  return {
    equity: bucketSeries("bar closes", times, values),
    underwater: bucketSeries("bar closes", times, falls),
    exposure: solvent ? { gross: bucketSeries("bar closes", times, grossRatio), net: bucketSeries("bar closes", times, netRatio) } : null,
  };
}

function money(curve: EquityCurve, name: string): BigInt64Array {
  const values = curve.columns.find((column) => column.name === name)?.values;
  return values instanceof BigInt64Array ? values : new BigInt64Array(0);
}
