import type { CaptureTaken } from "../core/market/capture.js";
import { checkBars, requiresPositivePrices } from "../core/market/check-bars.js";
import type { Instrument } from "../core/market/instrument.js";
import { quoteSetId } from "../core/market/quote-set.js";
import type { Violation } from "../core/quality/violation.js";
import { readDataIndex } from "./catalogue-log.js";
import { chooseCapture } from "./choose-capture.js";
import { type DataPorts, type DataRefusal, type DataRunOptions, refusal } from "./data-ports.js";
import { identityOf, readStored } from "./resolve-data.js";

/** What re-reading one capture showed. */
export interface ValidatedCapture {
  readonly capture_id: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly rows: number;
  readonly ok: boolean;
  /** The stored file against the hash it was stored under. */
  readonly object: "ok" | "missing" | "changed";
  /** The rows in it against the identity of the column set. `unknown` where the file could not be read. */
  readonly column_set: "ok" | "changed" | "unknown";
  /** The raw copy against the same identity; a wrong one is harmless and was removed. */
  readonly cache: "ok" | "absent" | "removed";
  readonly violations: readonly Violation[];
}

export interface DataValidation {
  readonly kind: "validated";
  /** Whether everything stored is what was stored, and keeps the bar contract. */
  readonly ok: boolean;
  readonly captures: readonly ValidatedCapture[];
}

/** Reads stored data again, hashes everything and checks the contract. `what` names one capture or symbol; left out, all are read. */
export async function validateData(
  ports: DataPorts,
  options: { readonly what?: string | undefined } = {},
  run: DataRunOptions = {},
): Promise<DataValidation | DataRefusal> {
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  let captures = read.index.captures;
  if (options.what !== undefined) {
    const chosen = chooseCapture(read.index, { what: options.what });
    if (chosen.kind === "missing") return refusal("not_found", chosen.violations, chosen.next);
    captures = [chosen.capture];
  }
  const total = captures.reduce((bytes, capture) => bytes + capture.object.bytes, 0);
  const results: ValidatedCapture[] = [];
  let done = 0;
  let rows = 0;
  for (const capture of captures) {
    run.signal?.throwIfAborted();
    results.push(await validateOne(ports, capture, read.index.instruments.get(capture.symbol) ?? null));
    done += capture.object.bytes;
    rows += capture.rows;
    run.onProgress?.({ done_bytes: done, total_bytes: total, rows });
  }
  return { kind: "validated", ok: results.every((result) => result.ok), captures: results };
}

async function validateOne(ports: DataPorts, capture: CaptureTaken, instrument: Instrument | null): Promise<ValidatedCapture> {
  const { capture_id, symbol, timeframe, rows } = capture;
  const object = await ports.objects.verify(capture.object.sha256);
  const cache = await validateCache(ports, capture);
  const stored = await readStored(ports, capture);
  const about = { capture_id, symbol, timeframe, rows, object, cache };
  if (stored.kind === "refused") return { ...about, ok: false, column_set: "unknown", violations: stored.violations };
  const sides = stored.bars.closed.map((side) => identityOf(ports, side) ?? "");
  const [a = "", b = ""] = sides;
  const set = capture.content === "quotes" ? quoteSetId(a, b, ports.hash) : a;
  const same = set === capture.column_set && sides.every((id, side) => id === capture.side_sets[side]);
  const violations: Violation[] = same
    ? []
    : [
        {
          code: "STORED_DATA_CHANGED",
          message: `the rows of capture ${capture_id.slice(0, 12)} are not those that were stored`,
          value: set,
          expected: capture.column_set,
        },
      ];
  const positive_prices = instrument === null ? false : requiresPositivePrices(instrument.asset_class);
  for (const side of stored.bars.closed) {
    const report = checkBars(side, { positive_prices, calendar: null, limit: 20 });
    // Derived hours end with their session, which the grid alone does not know.
    const found = report.violations.filter((violation) => violation.code !== "TS_OFF_GRID");
    violations.push(...found.map(({ row, ...violation }) => ({ ...violation, line: row + 1 })));
  }
  return { ...about, ok: violations.length === 0, column_set: same ? "ok" : "changed", violations };
}

async function validateCache(ports: DataPorts, capture: CaptureTaken): Promise<ValidatedCapture["cache"]> {
  let state: ValidatedCapture["cache"] = "ok";
  for (const id of capture.side_sets) {
    const cached = await ports.cache.load(id);
    if (cached === null) {
      if (state === "ok") state = "absent";
    } else if (identityOf(ports, cached) !== id) {
      await ports.cache.drop(id);
      state = "removed";
    }
  }
  return state;
}
