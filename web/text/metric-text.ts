import type { SheetMetric } from "../../src/core/report/tear-sheet.js";
import { count, decimalText, fixed, moment, money, percent } from "./format.js";

/** A metric as the sheet prints it. */
export interface MetricText {
  readonly value: string;
  /** Number of observations and standard error, or nothing. */
  readonly basis: string;
  /** Why there is no value, in words; null where there is one. */
  readonly reason: string | null;
  /** The value with every digit that is stored. */
  readonly exact: string;
  readonly tone: "gain" | "loss" | null;
}

/** Metrics whose sign is a result: always shown, and coloured. */
const SIGNED = /^(?:ret\.(?:total|net_pnl|gross_pnl|cagr|mean_ann)|bm\.(?:alpha|excess)|tr\.expectancy|avg_trade)/;
/** Yearly rates that are no percentages. */
const PLAIN_RATE = /turnover/;

export function metricText(metric: SheetMetric): MetricText {
  const { value, state, reason, n, standard_error, unit } = metric;
  if (state === "undefined" || value === null) {
    const words = reasonText(reason ?? "UNDEFINED");
    return { value: "n/a", basis: n === undefined ? "" : `n = ${count(n)}`, reason: words, exact: words, tone: null };
  }
  const error = standard_error === undefined ? "" : ` \u00B1 ${inUnit(standard_error, metric, "auto")}`;
  const parts = [n === undefined ? "" : `n = ${count(n)}`, standard_error === undefined ? "" : "\u00B1 one standard error"];
  const signed = SIGNED.test(metric.id) && unit !== "count";
  const number = Number(value);
  return {
    value: `${inUnit(value, metric, signed ? "always" : "auto")}${error}`,
    basis: parts.filter((part) => part !== "").join(", "),
    reason: null,
    exact: `${String(value)} ${unit}`,
    tone: !signed || number === 0 ? null : number > 0 ? "gain" : "loss",
  };
}

/** `NO_LOSING_TRADES` to `no losing trades`. */
export function reasonText(reason: string): string {
  return reason.toLowerCase().replaceAll("_", " ");
}

/** A value with its unit. Money is decimal text and its unit a currency. */
export function inUnit(value: number | string, { id, unit }: Pick<SheetMetric, "id" | "unit">, sign: "auto" | "always"): string {
  if (typeof value === "string") return /^-?\d+(\.\d+)?$/.test(value) ? `${money(value, unit, sign)} ${unit}` : value;
  switch (unit) {
    case "fraction":
    case "probability":
      return percent(value, 2, sign);
    case "per_year":
      return PLAIN_RATE.test(id) ? `${fixed(value, 2, sign)} a year` : percent(value, 2, sign);
    case "ratio":
      return fixed(value, 2, sign);
    case "count":
      return Number.isInteger(value) ? count(value) : fixed(value, 2);
    case "bars":
    case "sessions":
      return `${Number.isInteger(value) ? count(value) : fixed(value, 1)} ${unit}`;
    case "bps":
      return `${fixed(value, 2, sign)} bps`;
    case "ms":
      return duration(value);
    case "utc_ms":
      return moment(value);
    default:
      return `${Number.isInteger(value) ? decimalText(String(value), sign) : fixed(value, 2, sign)} ${unit}`;
  }
}

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
] as const;

/** The two largest units of a length of time: `2 d 3 h`. */
export function duration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.round(ms);
  for (const [size, name] of UNITS) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0 && parts.length < 2) parts.push(`${count(whole)} ${name}`);
    else if (parts.length > 0) break;
  }
  return parts.length === 0 ? `${count(Math.round(ms))} ms` : parts.join(" ");
}
