import type { BarColumns, PriceBasis } from "../core/market/bars.js";
import type { BarLibrary, BarsFound, BarsWanted } from "../ports/bar-library.js";
import type { ImportChoices } from "../ports/config-source.js";
import { readDataIndex } from "./catalogue-log.js";
import type { DataPorts, DataRefusal } from "./data-ports.js";
import { importBars } from "./import-bars.js";
import { loadBasis, type ResolvedData, resolveData } from "./resolve-data.js";

type Answer = Awaited<ReturnType<BarLibrary["find"]>>;

/** The bars of a workspace, as runs ask for them. */
export function workspaceBarLibrary(ports: DataPorts): BarLibrary {
  return {
    find: async (wanted) => answer(await resolveData(ports, wanted)),
    importFile: (file, wanted, choices) => importAndFind(ports, file, wanted, choices),
    load: (columnSet, basis) => loadWhole(ports, columnSet, basis),
  };
}

async function importAndFind(ports: DataPorts, file: string, wanted: BarsWanted, choices: ImportChoices): Promise<Answer> {
  const { symbol, timeframe, price_mode, basis } = wanted;
  const imported = await importBars(
    ports,
    { files: { bars: [file] }, symbol, timeframe, price_mode, stamp: choices.stamp, tz: choices.tz, columns: choices.columns, basis },
    "/",
  );
  if (imported.kind === "refused") return answer(imported);
  return answer(await resolveData(ports, { ...wanted, set: imported.capture_id }));
}

/** Looks for the set among all captures. The middle of a quote has no file of its own: it is made and compared. */
async function loadWhole(ports: DataPorts, columnSet: string, basis: PriceBasis): Promise<BarColumns | null> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return null;
  for (const capture of read.index.captures) {
    const candidate = basis === "mid" && capture.content === "quotes" ? true : capture.side_sets.includes(columnSet);
    if (!candidate) continue;
    const loaded = await loadBasis(ports, capture, basis);
    if (loaded.kind === "loaded" && loaded.column_set === columnSet) return loaded.columns;
  }
  return null;
}

function answer(found: ResolvedData | DataRefusal): Answer {
  if (found.kind === "refused") {
    const hint = found.next === null ? "" : `; try: ${found.next}`;
    return { kind: "missing", violations: found.violations.map((violation) => ({ ...violation, message: `${violation.message}${hint}` })) };
  }
  const bars: BarsFound = {
    columns: found.columns,
    column_set: found.column_set,
    capture_id: found.capture.capture_id,
    synthetic: found.capture.synthetic,
    instrument: found.instrument,
  };
  return { kind: "found", bars };
}
