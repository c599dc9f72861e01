/** Brings the bookkeeping tables up to what the code declares: no event tells it, and nothing of it is decided. */
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import type { CalcEntry } from "../core/calc/calculation.js";
import type { CoreChange } from "../core/calc/core-tables.js";
import { declaredRows } from "../core/calc/finra-otc/declared-tables.js";
import type { CalcStore } from "../ports/calc-store.js";

/** @returns how many rows were new or changed. */
export async function tellDeclarations(
  rows: Pick<CalcStore, "readCore" | "applyCore" | "corePosition">,
  registry: CalcRegistry<CalcEntry>,
): Promise<number> {
  const declared = declaredRows(registry.entries);
  const known = new Set<string>();
  for (const table of new Set(declared.map((change) => change.table)))
    for (const row of await rows.readCore(table)) known.add(textOf({ table, row }));
  const changed = declared.filter((change) => !known.has(textOf(change)));
  if (changed.length > 0) await rows.applyCore(changed, await rows.corePosition());
  return changed.length;
}

function textOf({ table, row }: CoreChange): string {
  return JSON.stringify([table, ...Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
