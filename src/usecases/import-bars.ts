/** Takes bars from files into the workspace: read, check, order, identify, store, record. */

import { BarCells } from "../core/market/bar-cells.js";
import { BarIntake, type IntakeNote, type IntakeResult } from "../core/market/bar-intake.js";
import type { PriceBasis } from "../core/market/bars.js";
import { type CaptureCounts, type CaptureSource, type CaptureTaken, captureId, LISTED_SOURCES } from "../core/market/capture.js";
import { checkBars } from "../core/market/check-bars.js";
import type { DataIndex } from "../core/market/data-index.js";
import { resolveInstrument, statedOf } from "../core/market/resolve-instrument.js";
import { utcText } from "../core/market/scan-time.js";
import { StampReader } from "../core/market/stamp-reader.js";
import { grouped } from "../core/numeric/grouped.js";
import type { Violation } from "../core/quality/violation.js";
import { ViolationLog } from "../core/quality/violation-log.js";
import type { StoredBars } from "../ports/bar-archive.js";
import type { BarFormat, LayoutChoices, ReadReport, SourceFacts } from "../ports/bar-source.js";
import { type CaptureSummary, summarise } from "./capture-summary.js";
import { appendToCatalogue, readDataIndex } from "./catalogue-log.js";
import { combineSides } from "./combine-sides.js";
import { type DataPorts, type DataRefusal, type DataRunOptions, refusal } from "./data-ports.js";
import { type ImportBarsOptions, type ImportPlan, optionFaults, planImport, restate } from "./import-options.js";
import { askImported, askStored, reported } from "./import-quality.js";
import type { QualityReport } from "./quality-gate.js";
import { changedFiles, type FoundFile, findFiles, formatOf, hashFiles, nameOf } from "./source-files.js";
import { identify, instrumentBatch, storeCapture } from "./store-capture.js";

/** What an import did: the stored capture, or the one that was there already. */
export interface ImportedBars extends CaptureSummary {
  readonly kind: "imported";
  /** The same bytes and choices were taken before: nothing new was made. */
  readonly already_imported: boolean;
  /** Rows that a later row with the same close time replaced, and rows out of order; the first of each. Empty when already imported. */
  readonly duplicate_rows: readonly { readonly file: string; readonly line: number; readonly close_time: string }[];
  readonly out_of_order_rows: readonly { readonly file: string; readonly line: number; readonly close_time: string }[];
  /** Close times that only one side of the quote has; the first ones. */
  readonly unmatched_rows: readonly { readonly side: "bid" | "ask"; readonly close_time: string }[];
  /** What the quality gate found; absent where nothing is asked. */
  readonly quality?: QualityReport;
  /** What the user should know, such as an instrument that nobody described. */
  readonly warnings: readonly string[];
}

export type ImportOutcome = ImportedBars | DataRefusal;

/** Violations reported in full; all are counted. */
const LISTED_VIOLATIONS = 100;

type SourceSide = Exclude<CaptureSource["role"], "factors">;

interface Part {
  readonly role: SourceSide;
  readonly format: BarFormat;
  readonly files: readonly FoundFile[];
  readonly facts: SourceFacts;
  readonly plan: ImportPlan;
  readonly hashes: readonly string[];
}

/**
 * Imports files of bars. On any failure, and when the signal aborts, the workspace is as it was.
 *
 * @param folder relative file names are taken from here.
 * @throws the signal's reason when it aborts, and system errors such as a full disk.
 */
export async function importBars(
  ports: DataPorts,
  options: ImportBarsOptions,
  folder: string,
  run: DataRunOptions = {},
): Promise<ImportOutcome> {
  const faults = optionFaults(options);
  const prepared = await prepareParts(ports, options, folder, run, faults);
  if (prepared.kind === "refused") return prepared;
  const { parts } = prepared;
  const read = await readDataIndex(ports);
  if (read.kind === "refused") return read;
  const sources = parts.flatMap((part) =>
    part.facts.files.map(
      (file, i): CaptureSource => ({ file: nameOf(file), role: part.role, sha256: part.hashes[i] ?? "", bytes: file.bytes }),
    ),
  );
  const [first] = parts as [Part, ...Part[]];
  const id = captureId(sources, first.plan.identity, ports.hash);
  const existing = read.index.captures.find((capture) => capture.capture_id === id);
  if (existing !== undefined) return alreadyImported(ports, options, run, read.index, existing, first);
  return takeCapture(ports, options, run, { parts, sources, id, index: read.index });
}

async function alreadyImported(
  ports: DataPorts,
  options: ImportBarsOptions,
  run: DataRunOptions,
  index: DataIndex,
  capture: CaptureTaken,
  part: Part,
): Promise<ImportOutcome> {
  let instrument = index.instruments.get(capture.symbol) ?? null;
  const restated = options.instrument === undefined ? null : restate(capture.symbol, options, instrument, part.plan.hints);
  if (restated?.kind === "invalid") return refusal("invalid", restated.violations);
  const gated = await askStored(
    ports,
    run,
    capture,
    restated?.kind === "resolved" ? restated.instrument : instrument,
    part.plan.calendar?.id,
  );
  if (gated.kind === "refused") return gated;
  if (restated?.kind === "resolved") {
    const { instrument: now } = restated;
    const outcome = await appendToCatalogue(ports, (latest, versionOf) => instrumentBatch(ports, latest, now, ports.now(), versionOf));
    if (outcome.kind === "refused") return outcome;
    instrument = now;
  }
  return {
    kind: "imported",
    already_imported: true,
    ...summarise(capture, instrument),
    ...reported(gated.report),
    duplicate_rows: [],
    out_of_order_rows: [],
    unmatched_rows: [],
    warnings: [],
  };
}

type Prepared = { readonly kind: "prepared"; readonly parts: readonly Part[] } | DataRefusal;

async function prepareParts(
  ports: DataPorts,
  options: ImportBarsOptions,
  folder: string,
  run: DataRunOptions,
  faults: readonly Violation[],
): Promise<Prepared> {
  const wanted: readonly (readonly [SourceSide, readonly string[]])[] =
    "bars" in options.files
      ? [["bars", options.files.bars]]
      : [
          ["bid", options.files.bid],
          ["ask", options.files.ask],
        ];
  const parts: Part[] = [];
  const violations = [...faults];
  for (const [role, names] of wanted) {
    const found = await findFiles(names, folder);
    if (found.kind === "refused") {
      violations.push(...found.violations);
      continue;
    }
    const format = options.format ?? (await commonFormat(found.files));
    const inspection = await ports.sources[format].inspect(found.files, layoutOf(options));
    if (inspection.kind === "refused") {
      violations.push(...inspection.violations);
      continue;
    }
    const { facts } = inspection;
    if (role !== "bars" && facts.content === "quotes") {
      violations.push({
        code: "FILES_DIFFER",
        message: `${names.join(", ")} holds both sides of the quote already`,
        expected: "one side per file, or one import of files with both",
      });
      continue;
    }
    const basis: PriceBasis | undefined = role === "bars" ? options.basis : role;
    const planned = planImport({ ...options, basis }, facts, format, ports.zones);
    if (planned.kind === "refused") violations.push(...planned.violations.filter((v) => !violations.some((known) => sameFault(known, v))));
    else if (violations.length === 0) {
      const files = facts.files.flatMap((file) => found.files.filter((f) => f.path === file.path));
      parts.push({ role, format, files, facts, plan: planned.plan, hashes: await hashFiles(facts.files, run.signal) });
    }
  }
  if (violations.length > 0) {
    const missing = violations.every((violation) => violation.code === "FILE_MISSING");
    return refusal(missing ? "not_found" : "invalid", violations, "onetape data import --help");
  }
  return { kind: "prepared", parts };
}

function sameFault(a: Violation, b: Violation): boolean {
  return a.code === b.code && a.field === b.field && a.value === b.value;
}

async function commonFormat(files: readonly FoundFile[]): Promise<BarFormat> {
  for (const file of files) {
    const format = await formatOf(file);
    if (format !== "csv") return format;
  }
  return "csv";
}

function layoutOf(options: ImportBarsOptions): LayoutChoices {
  return {
    columns: options.columns ?? {},
    header: options.header ?? "auto",
    delimiter: options.delimiter ?? null,
    entry: options.entry ?? null,
    market: options.market ?? null,
    content: options.content ?? null,
  };
}

function newIntake(part: Part, symbol: string, log: ViolationLog, basis: PriceBasis, strict: boolean): BarIntake {
  const { timeframe, price_mode, positive_prices, calendar } = part.plan;
  return new BarIntake({ symbol, timeframe, price_mode, basis, has_volume: part.facts.has_volume, positive_prices, calendar, strict }, log);
}

interface Taking {
  readonly parts: readonly Part[];
  readonly sources: readonly CaptureSource[];
  readonly id: string;
  readonly index: DataIndex;
}

async function takeCapture(ports: DataPorts, options: ImportBarsOptions, run: DataRunOptions, taking: Taking): Promise<ImportOutcome> {
  const log = new ViolationLog(LISTED_VIOLATIONS);
  const [first] = taking.parts as [Part, ...Part[]];
  const { plan } = first;
  const { intakes, report, rounded_volumes, notes } = await readParts(ports, options, run, taking, log);
  const changed = await changedFiles(taking.parts.flatMap((part) => part.files));
  log.file = null;
  for (const name of changed)
    log.add({ code: "SOURCE_CHANGED", message: `${name} changed while it was read`, file: name, expected: "a file that nobody writes to" });
  if (log.total > 0) return refused(log);
  run.signal?.throwIfAborted();
  const results = intakes.map((intake) => intake.finish());
  const combined = combineSides(results);
  if (combined.kind === "refused") return combined;
  const { bars, aligned } = combined;
  const spacing = spacingFaults(bars.closed, plan);
  if (bars.closed[0].rows === 0) spacing.unshift(noRows(taking.parts, results, report, plan.symbol));
  if (spacing.length > 0) return refusal("invalid", spacing, "onetape data import --help");
  const stated = { ...statedOf(taking.index.instruments.get(plan.symbol)), ...options.instrument };
  const instrument = resolveInstrument(plan.symbol, bars.closed[0], stated, plan.hints);
  if (instrument.kind === "invalid") return refusal("invalid", instrument.violations);
  const { gaps, ...identity } = identify(bars, ports);
  const counts: CaptureCounts = {
    rows_read: report.rows_read,
    rows_of_other_symbols: report.rows_of_other_symbols,
    duplicates: sum(results, (result) => result.duplicates),
    out_of_order: sum(results, (result) => result.out_of_order),
    rounded_volumes,
    open_bars: bars.open[0].rows,
    unmatched_bid: aligned?.unmatched_bid ?? 0,
    unmatched_ask: aligned?.unmatched_ask ?? 0,
    gap_count: gaps.gap_count,
    missing_bars: gaps.missing,
  };
  const [side] = bars.closed;
  const captured_at = ports.now();
  const known = instrument.kind === "resolved" ? instrument.instrument : (taking.index.instruments.get(plan.symbol) ?? null);
  const gated = await askImported(
    run.quality,
    { capture_id: taking.id, side_sets: identity.side_sets, counts },
    bars.closed,
    known,
    plan.calendar?.id,
  );
  if (gated.kind === "refused") return gated;
  const outcome = await storeCapture(ports, taking.index, {
    capture: {
      capture_id: taking.id,
      ...identity,
      symbol: plan.symbol,
      timeframe: plan.timeframe,
      price_mode: plan.price_mode,
      basis: side.basis,
      clocks: {
        business_from: side.ts[0] as number,
        business_to: side.ts[side.rows - 1] as number,
        source_at: options.source_time ?? Math.max(...taking.parts.flatMap((part) => part.files.map((file) => file.modified_at))),
        captured_at,
      },
      counts,
      sources: taking.sources.slice(0, LISTED_SOURCES),
      source_count: taking.sources.length,
      options: plan.identity,
      tzdata: plan.tzdata,
      synthetic: false,
      derived: null,
      notes,
    },
    bars,
    labels: { source: taking.sources[0]?.file ?? "", ingested_at: captured_at, more: [] },
    instrument: instrument.kind === "resolved" ? instrument.instrument : null,
    signal: run.signal ?? null,
  });
  if (outcome.kind === "refused") return outcome;
  return {
    kind: "imported",
    already_imported: outcome.already,
    ...summarise(outcome.capture, known, gaps),
    ...reported(gated.report),
    duplicate_rows: results.flatMap((result) => result.duplicate_rows.map(noteText)),
    out_of_order_rows: results.flatMap((result) => result.out_of_order_rows.map(noteText)),
    unmatched_rows: (aligned?.unmatched ?? []).map(({ side: of, ts }) => ({ side: of, close_time: utcText(ts) })),
    warnings:
      known === null && instrument.kind === "unknown"
        ? [`${instrument.reason.message}; say it with ${instrument.reason.expected ?? ""}`]
        : [],
  };
}

interface ReadParts {
  readonly intakes: readonly BarIntake[];
  readonly report: ReadReport;
  readonly rounded_volumes: number;
  readonly notes: readonly string[];
}

async function readParts(
  ports: DataPorts,
  options: ImportBarsOptions,
  run: DataRunOptions,
  taking: Taking,
  log: ViolationLog,
): Promise<ReadParts> {
  const intakes: BarIntake[] = [];
  const notes = new Set<string>();
  const total = taking.sources.reduce((bytes, source) => bytes + source.bytes, 0);
  let before = 0;
  let rounded = 0;
  let report: ReadReport = { rows_read: 0, rows_of_other_symbols: 0 };
  for (const part of taking.parts) {
    const strict = options.strict ?? false;
    const { symbol } = part.plan;
    const own: readonly [BarIntake] | readonly [BarIntake, BarIntake] =
      part.facts.content === "quotes"
        ? [newIntake(part, symbol, log, "bid", strict), newIntake(part, symbol, log, "ask", strict)]
        : [newIntake(part, symbol, log, part.plan.basis, strict)];
    const stamps = new StampReader(part.plan.stamps);
    const cells = new BarCells(log, { price: options.price_decimals ?? -1, volume: options.volume_decimals ?? -1 }, strict);
    const sink = { intakes: own, cells, stamps, log, symbol, select_symbol: part.plan.select_symbol, timeframe: part.plan.timeframe };
    const rowsBefore = report.rows_read;
    const onProgress = (done: number, rows: number): void =>
      run.onProgress?.({ done_bytes: before + done, total_bytes: total, rows: rowsBefore + rows });
    const found = await ports.sources[part.format].read(part.facts, layoutOf(options), sink, { signal: run.signal ?? null, onProgress });
    before += part.files.reduce((bytes, file) => bytes + file.bytes, 0);
    report = {
      rows_read: report.rows_read + found.rows_read,
      rows_of_other_symbols: report.rows_of_other_symbols + found.rows_of_other_symbols,
    };
    intakes.push(...own);
    rounded += cells.roundedVolumes;
    for (const note of part.facts.notes) notes.add(note);
    if (stamps.epochUnit !== null)
      notes.add(`times are epoch numbers in ${stamps.epochUnit}${options.epoch === undefined ? " (detected from the first)" : ""}`);
  }
  if (rounded > 0) notes.add(`${rounded} volumes have more digits than an exact number holds; their first 15 were kept (--strict refuses)`);
  return { intakes, report, rounded_volumes: rounded, notes: [...notes] };
}

/** The checks that need all rows: bars that are longer than their label says. */
function spacingFaults(sides: StoredBars["closed"], plan: ImportPlan): Violation[] {
  const report = checkBars(sides[0], { positive_prices: plan.positive_prices, calendar: plan.calendar, limit: LISTED_VIOLATIONS });
  return report.violations.map(({ row: _, ...violation }) => violation);
}

function noRows(parts: readonly Part[], results: readonly IntakeResult[], report: ReadReport, symbol: string): Violation {
  const file = parts[0]?.facts.files[0]?.name ?? "";
  const taken = results.some((result) => result.open.rows > 0);
  if (taken)
    return { code: "NO_CLOSED_BARS", message: "every bar is still open (is_closed=false)", file, expected: "at least one closed bar" };
  if (report.rows_of_other_symbols > 0) {
    return {
      code: "SYMBOL_ABSENT",
      message: `all ${grouped(report.rows_of_other_symbols)} rows are of other symbols than ${symbol}`,
      file,
      field: "symbol",
      value: symbol,
      expected: "a symbol that the file has",
    };
  }
  return { code: "FILE_EMPTY", message: "there are no rows", file, expected: "at least one bar" };
}

function refused(log: ViolationLog): DataRefusal {
  return { kind: "refused", reason: "invalid", violations: log.violations, totals: log.totals, next: "onetape data import --help" };
}

function noteText(note: IntakeNote): { file: string; line: number; close_time: string } {
  return { file: note.file, line: note.line, close_time: utcText(note.ts) };
}

function sum(results: readonly IntakeResult[], of: (result: IntakeResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0);
}
