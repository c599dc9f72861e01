/** Definition cards: what a report, a help page or the reference prints about a metric or a table. */
import type { CalcIdentity } from "../calc/identity.js";
import type { MetricUnit, NumberDefinition } from "./metric.js";
import type { MetricTableColumn } from "./metric-table.js";
import { metricGroups } from "./run-metrics.js";
import { type UndefinedReason, undefinedReasons } from "./undefined-reasons.js";

/** What may be said without a run. */
interface Card {
  readonly id: string;
  readonly name: string;
  /** Title of the group that it stands in. */
  readonly group: string;
  /** The exact definition. Other metrics stand in it by id, between backticks. */
  readonly definition: string;
  /** Where other tools differ, one sentence each; may be empty. */
  readonly notes: readonly string[];
  /** Reasons that there may be for having no value, with their words. */
  readonly reasons: readonly { readonly code: UndefinedReason; readonly text: string }[];
  readonly calc: CalcIdentity;
}

/** The card of a single number. */
export interface MetricCard extends Card {
  readonly unit: MetricUnit;
}

/** The card of a table. Its first column names the row. */
export interface TableCard extends Card {
  readonly columns: readonly MetricTableColumn[];
}

function cardOf({ id, name, definition, notes, reasons, calc }: NumberDefinition, group: string): Card {
  return { id, name, group, definition, notes, reasons: reasons.map((code) => ({ code, text: undefinedReasons[code] })), calc };
}

/** The cards of all single numbers, in the order of the reference. */
export function metricCards(): readonly MetricCard[] {
  return metricGroups.flatMap(({ title, metrics }) => metrics.map((m) => ({ ...cardOf(m, title), unit: m.unit })));
}

/** The cards of all tables, in the order of the reference. */
export function tableCards(): readonly TableCard[] {
  return metricGroups.flatMap(({ title, tables }) => tables.map((t) => ({ ...cardOf(t, title), columns: t.columns })));
}
