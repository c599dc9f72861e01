/** Bars that lie: a name, a bar between two places, and its value. They fit names of any length and every width. */
import type { Contributions } from "../../src/core/risk/report/risk-report.js";
import type { Tone } from "../charts/chart-view.js";
import { amount } from "./amount.js";

/** One bar; places are fractions of the width. */
export interface BarRow {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Where nothing is. */
  readonly zero: number;
  readonly tone: Tone;
  readonly value: string;
  readonly total: boolean;
}

interface Span {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly tone: Tone;
  readonly value: string;
  readonly total: boolean;
}

function placed(spans: readonly Span[]): readonly BarRow[] {
  const low = spans.reduce((least, span) => Math.min(least, span.low), 0);
  const high = spans.reduce((most, span) => Math.max(most, span.high), 0);
  const width = high - low || 1;
  const at = (value: number) => (value - low) / width;
  return spans.map(({ label, low: from, high: to, tone, value, total }) => ({
    label,
    from: at(from),
    to: at(to),
    zero: at(0),
    tone,
    value,
    total,
  }));
}

/** Bars from zero, gains to the right. */
export function barRows(values: readonly { readonly label: string; readonly value: number }[], currency: string): readonly BarRow[] {
  return placed(
    values.map(({ label, value }) => ({
      label,
      low: Math.min(value, 0),
      high: Math.max(value, 0),
      tone: value < 0 ? "loss" : "gain",
      value: amount(value, currency, "always"),
      total: false,
    })),
  );
}

/** Parts of a risk, largest first, each from where the one before ended; the whole below them. */
export function waterfallRows({ parts, risk }: Contributions, currency: string, name: string): readonly BarRow[] {
  let reached = 0;
  const spans = parts
    .toSorted((a, b) => b.component - a.component)
    .map(({ name: label, component }): Span => {
      const before = reached;
      reached += component;
      return {
        label,
        low: Math.min(before, reached),
        high: Math.max(before, reached),
        tone: component < 0 ? "gain" : "loss",
        value: amount(component, currency, "always"),
        total: false,
      };
    });
  const whole: Span = {
    label: name,
    low: Math.min(risk, 0),
    high: Math.max(risk, 0),
    tone: "ink",
    value: amount(risk, currency),
    total: true,
  };
  return placed([...spans, whole]);
}

/** From one total to another by steps, each from where the one before ended. */
export function stepRows(
  start: { readonly label: string; readonly value: number },
  steps: readonly { readonly label: string; readonly value: number }[],
  end: { readonly label: string; readonly value: number },
  currency: string,
): readonly BarRow[] {
  const total = ({ label, value }: typeof start): Span => ({
    label,
    low: Math.min(value, 0),
    high: Math.max(value, 0),
    tone: "ink",
    value: amount(value, currency),
    total: true,
  });
  let reached = start.value;
  const between = steps.map(({ label, value }): Span => {
    const before = reached;
    reached += value;
    const [low, high] = [Math.min(before, reached), Math.max(before, reached)];
    return { label, low, high, tone: value < 0 ? "gain" : "loss", value: amount(value, currency, "always"), total: false };
  });
  return placed([total(start), ...between, total(end)]);
}
