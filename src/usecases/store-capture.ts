/** Puts checked bars and their capture into the workspace: the file first, then the event that makes it exist. */
import { join } from "node:path";
import type { BarColumns } from "../core/market/bars.js";
import type { CaptureTaken } from "../core/market/capture.js";
import { CATALOGUE_LOG, captureStream, instrumentStream } from "../core/market/catalogue-events.js";
import { columnSetId } from "../core/market/column-set.js";
import type { DataIndex } from "../core/market/data-index.js";
import { findGaps, type GapReport } from "../core/market/gaps.js";
import type { Instrument } from "../core/market/instrument.js";
import { quoteSetId } from "../core/market/quote-set.js";
import type { JsonObject, NewEvent } from "../core/tape/event.js";
import { eventId } from "../core/tape/event-id.js";
import type { StoredBars, StoredLabels } from "../ports/bar-archive.js";
import type { StreamBatch } from "../ports/event-store.js";
import { appendToCatalogue } from "./catalogue-log.js";
import type { DataPorts, DataRefusal } from "./data-ports.js";
import { withScratch } from "./workspace.js";

/** A capture before its data have a place. */
export type CaptureDraft = Omit<CaptureTaken, "object">;

export interface StoreRequest {
  readonly capture: CaptureDraft;
  readonly bars: StoredBars;
  readonly labels: StoredLabels;
  readonly instrument: Instrument | null;
  readonly signal: AbortSignal | null;
}

export type StoreOutcome = { readonly kind: "stored"; readonly capture: CaptureTaken; readonly already: boolean } | DataRefusal;

/** Identity, sides and shape of bars, as a capture states them. */
export function identify(
  bars: StoredBars,
  ports: Pick<DataPorts, "hash" | "hashBytes">,
): Pick<CaptureTaken, "content" | "column_set" | "side_sets" | "rows" | "price_scale" | "volume_scale" | "has_volume"> & {
  readonly gaps: GapReport;
} {
  const [first, second] = bars.closed;
  const sides =
    second === undefined
      ? [columnSetId(first, ports.hashBytes)]
      : [columnSetId(first, ports.hashBytes), columnSetId(second, ports.hashBytes)];
  const [a = "", b = ""] = sides;
  return {
    content: second === undefined ? "bars" : "quotes",
    column_set: second === undefined ? a : quoteSetId(a, b, ports.hash),
    side_sets: sides,
    rows: first.rows,
    price_scale: first.price_scale,
    volume_scale: first.volume_scale,
    has_volume: first.has_volume,
    gaps: findGaps(first),
  };
}

/**
 * Stores bars and takes their capture into the catalogue. The same columns without open bars are kept once, whoever delivered them.
 * Until the event is appended nothing refers to the file; if it cannot be appended, a file that nobody else refers to is removed.
 */
export async function storeCapture(ports: DataPorts, index: DataIndex, request: StoreRequest): Promise<StoreOutcome> {
  const { bars, signal } = request;
  const known = await reusable(ports, index, request);
  const object = known ?? (await writeObject(ports, request));
  const capture: CaptureTaken = { ...request.capture, object: { sha256: object.sha256, bytes: object.bytes } };
  try {
    signal?.throwIfAborted();
    for (const [side, id] of capture.side_sets.entries()) await ports.cache.save(id, bars.closed[side] as BarColumns);
    let already = false;
    const outcome = await appendToCatalogue(ports, async (now, versionOf) => {
      already = now.captures.some((c) => c.capture_id === capture.capture_id);
      const instrument =
        request.instrument === null ? [] : await instrumentBatch(ports, now, request.instrument, capture.clocks.captured_at, versionOf);
      return already ? instrument : [captureBatch(ports, capture), ...instrument];
    });
    if (outcome.kind === "refused") {
      await undo(ports, index, object);
      return outcome;
    }
    return { kind: "stored", capture, already };
  } catch (error) {
    await undo(ports, index, object);
    throw error;
  }
}

interface PlacedObject {
  readonly sha256: string;
  readonly bytes: number;
  readonly created: boolean;
}

/** The stored file of an earlier capture with the same columns, if it is still what it was. */
async function reusable(ports: DataPorts, index: DataIndex, { capture, bars }: StoreRequest): Promise<PlacedObject | null> {
  if (bars.open[0].rows > 0) return null;
  const twin = index.captures.find(
    (c) => c.column_set === capture.column_set && c.counts.open_bars === 0 && c.derived === null && capture.derived === null,
  );
  if (twin === undefined || (await ports.objects.verify(twin.object.sha256)) !== "ok") return null;
  return { ...twin.object, created: false };
}

async function writeObject(ports: DataPorts, { bars, labels, signal }: StoreRequest): Promise<PlacedObject> {
  return withScratch(ports.tmp, "import", async (folder) => {
    const path = join(folder, "bars.parquet");
    await ports.archive.write(path, bars, labels, signal);
    signal?.throwIfAborted();
    return ports.objects.put(path);
  });
}

async function undo(ports: DataPorts, index: DataIndex, object: PlacedObject): Promise<void> {
  if (object.created && !index.captures.some((c) => c.object.sha256 === object.sha256)) await ports.objects.remove(object.sha256);
}

function captureBatch(ports: DataPorts, capture: CaptureTaken): StreamBatch {
  const { captured_at, source_at } = capture.clocks;
  const event: NewEvent = {
    id: eventId(captured_at, CATALOGUE_LOG, capture.capture_id, 0, ports.hash),
    type: "capture.taken",
    schema_version: 1,
    occurred_at: captured_at,
    source_at,
    payload: capture,
  };
  return { stream: captureStream(capture.capture_id), expected: "no_stream", events: [event] };
}

/** A statement about an instrument that differs from the latest one; none where nothing changed. */
export async function instrumentBatch(
  ports: Pick<DataPorts, "hash">,
  index: DataIndex,
  instrument: Instrument,
  at: number,
  versionOf: (stream: string) => Promise<number>,
): Promise<readonly StreamBatch[]> {
  const latest = index.instruments.get(instrument.symbol);
  if (latest !== undefined && sameInstrument(latest, instrument)) return [];
  const stream = instrumentStream(instrument.symbol);
  const version = await versionOf(stream);
  const payload: JsonObject = { ...instrument };
  const event: NewEvent = {
    id: eventId(at, CATALOGUE_LOG, `${stream}/${version + 1}`, 0, ports.hash),
    type: "instrument.stated",
    schema_version: 1,
    occurred_at: at,
    payload,
  };
  return [{ stream, expected: version === 0 ? "no_stream" : version, events: [event] }];
}

function sameInstrument(a: Instrument, b: Instrument): boolean {
  const text = (i: Instrument): string =>
    JSON.stringify([i.asset_class, i.currency, i.price_tick, i.lot_step, i.min_qty, i.multiplier, i.calendar, i.settlement, i.guessed]);
  return text(a) === text(b);
}
