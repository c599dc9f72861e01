/** From "these bars, please" to columns in shared memory that are what their identity says. */
import type { BarColumns, PriceBasis } from "../core/market/bars.js";
import type { CaptureTaken } from "../core/market/capture.js";
import { columnSetId } from "../core/market/column-set.js";
import { type SetWanted, selectSet } from "../core/market/data-index.js";
import type { Instrument } from "../core/market/instrument.js";
import { kernelColumns } from "../core/market/quote-set.js";
import { BadArchive, type StoredBars, type StoredShape } from "../ports/bar-archive.js";
import { readDataIndex } from "./catalogue-log.js";
import { type DataPorts, type DataRefusal, refusal } from "./data-ports.js";

/** Bars that a run can start on. */
export interface ResolvedData {
  readonly kind: "found";
  /** In shared memory. */
  readonly columns: BarColumns;
  /** Identity of `columns`. */
  readonly column_set: string;
  readonly capture: CaptureTaken;
  readonly instrument: Instrument | null;
}

/**
 * Finds and loads bars. Content is checked against its identity on the way; a cache that is missing or wrong is made again from the
 * stored file.
 */
export async function resolveData(ports: DataPorts, wanted: SetWanted): Promise<ResolvedData | DataRefusal> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const found = selectSet(read.index, wanted);
  if (found.kind === "missing") return refusal("not_found", found.violations, found.next);
  const { capture } = found;
  const loaded = await loadBasis(ports, capture, wanted.basis);
  if (loaded.kind === "refused") return loaded;
  return {
    kind: "found",
    columns: loaded.columns,
    column_set: loaded.column_set,
    capture,
    instrument: read.index.instruments.get(capture.symbol) ?? null,
  };
}

export type LoadedColumns = { readonly kind: "loaded"; readonly columns: BarColumns; readonly column_set: string } | DataRefusal;

/** The columns of a capture on one basis. */
export async function loadBasis(ports: DataPorts, capture: CaptureTaken, basis: PriceBasis): Promise<LoadedColumns> {
  if (capture.content === "bars" || basis === "trade") return loadSide(ports, capture, 0);
  if (basis !== "mid") return loadSide(ports, capture, basis === "bid" ? 0 : 1);
  const bid = await loadSide(ports, capture, 0);
  if (bid.kind === "refused") return bid;
  const ask = await loadSide(ports, capture, 1);
  if (ask.kind === "refused") return ask;
  try {
    const columns = kernelColumns({ bid: bid.columns, ask: ask.columns }, "mid");
    return { kind: "loaded", columns, column_set: columnSetId(columns, ports.hashBytes) };
  } catch (error) {
    if (error instanceof RangeError) {
      return refusal("invalid", [{ code: "NUMBER_TOO_WIDE", message: error.message, expected: "the basis bid or ask" }]);
    }
    throw error;
  }
}

/** One side of a capture: from the cache, or from the stored file, and then cached. */
async function loadSide(ports: DataPorts, capture: CaptureTaken, side: 0 | 1): Promise<LoadedColumns> {
  const column_set = capture.side_sets[side] ?? "";
  const cached = await ports.cache.load(column_set);
  if (cached !== null && identityOf(ports, cached) === column_set) return { kind: "loaded", columns: cached, column_set };
  if (cached !== null) await ports.cache.drop(column_set);
  const stored = await readStored(ports, capture);
  if (stored.kind === "refused") return stored;
  const columns = stored.bars.closed[side];
  if (columns === undefined || identityOf(ports, columns) !== column_set)
    return changed(capture, "its rows are not those that were stored");
  await ports.cache.save(column_set, columns);
  return { kind: "loaded", columns, column_set };
}

/** Everything that a capture's file holds, open bars included. The caller checks identities. */
export async function readStored(
  ports: DataPorts,
  capture: CaptureTaken,
): Promise<{ readonly kind: "read"; readonly bars: StoredBars } | DataRefusal> {
  const state = await ports.objects.verify(capture.object.sha256);
  if (state !== "ok") return changed(capture, state === "missing" ? "it is missing" : "its bytes have changed");
  try {
    return { kind: "read", bars: await ports.archive.read(ports.objects.pathOf(capture.object.sha256), shapeOf(capture)) };
  } catch (error) {
    if (error instanceof BadArchive) return changed(capture, error.message);
    throw error;
  }
}

/** Identity of columns; null for numbers that no column set can hold. */
export function identityOf(ports: Pick<DataPorts, "hashBytes">, columns: BarColumns): string | null {
  try {
    return columnSetId(columns, ports.hashBytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function shapeOf(capture: CaptureTaken): StoredShape {
  const { symbol, timeframe, price_mode, basis, price_scale, volume_scale, has_volume } = capture;
  return { symbol, timeframe, price_mode, basis, price_scale, volume_scale, has_volume, sides: capture.content === "quotes" ? 2 : 1 };
}

function changed(capture: CaptureTaken, what: string): DataRefusal {
  return refusal(
    "corrupt",
    [
      {
        code: "STORED_DATA_CHANGED",
        message: `the stored file of ${capture.symbol} ${capture.timeframe} (capture ${capture.capture_id.slice(0, 12)}) cannot be used: ${what}`,
        value: capture.object.sha256,
        expected: "the file that was stored: remove what is left of it and import the source again",
      },
    ],
    "onetape data validate",
  );
}
