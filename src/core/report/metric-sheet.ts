import { metricGroups, type RunMetrics } from "../metrics/run-metrics.js";
import type { SheetGroup, SheetMetric, SheetTable } from "./tear-sheet.js";

/**
 * A run's metrics in the groups of the registry, each with its definition card. Values are the stored ones. What this version does
 * not define stands in a group of its own; what the run does not have is left out.
 */
export function metricSheet({ metrics, tables }: RunMetrics): readonly SheetGroup[] {
  const known = new Set<string>();
  const groups = metricGroups.map((group): SheetGroup => {
    const own = group.metrics.flatMap(({ id, name, definition, notes }): readonly SheetMetric[] => {
      known.add(id);
      const result = metrics[id];
      return result === undefined ? [] : [{ ...result, id, name, definition, notes }];
    });
    const ownTables = group.tables.flatMap(({ id, name, definition, notes, columns }): readonly SheetTable[] => {
      const result = tables[id];
      return result === undefined ? [] : [{ ...result, id, name, definition, notes, columns }];
    });
    return { title: group.title, metrics: own, tables: ownTables };
  });
  const foreign = Object.entries(metrics).filter(([id]) => !known.has(id));
  const others = foreign.map(([id, result]): SheetMetric => ({ ...result, id, name: id, definition: "", notes: [] }));
  return [...groups, { title: "Of another version", metrics: others, tables: [] }].filter(
    (group) => group.metrics.length + group.tables.length > 0,
  );
}
