/** Definition cards: what a report, a help page or the reference prints about a metric. */
import type { CalcIdentity } from "../calc/identity.js";
import type { MetricUnit } from "./metric.js";
import { metricGroups } from "./run-metrics.js";
import { type UndefinedReason, undefinedReasons } from "./undefined-reasons.js";

/** Everything that may be said about a metric without a run. */
export interface MetricCard {
  readonly id: string;
  readonly name: string;
  /** Title of the group that the metric stands in. */
  readonly group: string;
  readonly unit: MetricUnit;
  /** The exact definition. Other metrics stand in it by id, between backticks. */
  readonly definition: string;
  /** Where other tools differ, one sentence each; may be empty. */
  readonly notes: readonly string[];
  /** Reasons that the metric may give for having no value, with their words. */
  readonly reasons: readonly { readonly code: UndefinedReason; readonly text: string }[];
  readonly calc: CalcIdentity;
}

/** The cards of all metrics, in the order of the reference. */
export function metricCards(): readonly MetricCard[] {
  return metricGroups.flatMap(({ title, metrics }) =>
    metrics.map(({ id, name, unit, definition, notes, reasons, calc }) => ({
      id,
      name,
      group: title,
      unit,
      definition,
      notes: notes ?? [],
      reasons: (reasons ?? []).map((code) => ({ code, text: undefinedReasons[code] })),
      calc,
    })),
  );
}
