import { WeeklyFileSource } from "../../src/adapters/finra/weekly-file-source.js";
import { MemoryCalcStore } from "../../src/adapters/memory/memory-calc-store.js";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { MemorySourceArchive } from "../../src/adapters/memory/memory-source-archive.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import type { CalcRegistry } from "../../src/core/calc/calc-registry.js";
import type { CalcRow } from "../../src/core/calc/canonical-rows.js";
import type { FinraCalculation } from "../../src/core/calc/finra-otc/finra-input.js";
import { finraRegistry } from "../../src/core/calc/finra-otc/finra-registry.js";
import type { CalcStore } from "../../src/ports/calc-store.js";
import type { EventStore } from "../../src/ports/event-store.js";
import type { SourceArchive } from "../../src/ports/source-archive.js";
import { type CalcLog, type CalcPorts, openCalcLog } from "../../src/usecases/calc-log.js";
import { type IngestedWeek, type IngestOptions, ingestWeek } from "../../src/usecases/ingest-week.js";
import { type NormalisedCapture, normaliseCapture } from "../../src/usecases/normalise-week.js";
import { type CalcQuery, queryCalculation } from "../../src/usecases/query-calculation.js";
import { type CalcRunOptions, type CalcRunReport, runCalculations } from "../../src/usecases/run-calculations.js";
import { compactFile } from "./finra-week.js";

type FileRows = Parameters<typeof compactFile>[1];

/** A day in milliseconds. */
export const DAY = 86_400_000;

/** A workspace of calculations in memory with a clock that a test turns by hand. */
export class CalcWorkspace {
  readonly ports: CalcPorts & { readonly rows: CalcStore };
  readonly log: CalcLog;
  readonly registry: CalcRegistry<FinraCalculation>;
  /** What was waited for, in milliseconds. */
  readonly waits: number[] = [];
  clock: number;
  /** Rows of a workspace that names none: in memory, unless a suite says otherwise. */
  static rowsByDefault: () => Promise<CalcStore> = async () => new MemoryCalcStore();

  private constructor(ports: (now: () => number) => CalcPorts, log: CalcLog, registry: CalcRegistry<FinraCalculation>, clock: number) {
    this.clock = clock;
    this.ports = ports(() => this.clock);
    this.log = log;
    this.registry = registry;
  }

  static async open(
    options: {
      readonly rows?: CalcStore;
      readonly store?: EventStore;
      readonly sources?: SourceArchive;
      readonly registry?: CalcRegistry<FinraCalculation>;
      readonly clock?: number;
    } = {},
  ): Promise<CalcWorkspace> {
    const clock = options.clock ?? Date.parse("2025-12-30T10:00:00Z");
    const store = options.store ?? new MemoryEventStore({ sha256, now: () => clock });
    const rows = options.rows ?? (await CalcWorkspace.rowsByDefault());
    const sources = options.sources ?? new MemorySourceArchive();
    // The clock is the workspace's, which is there once its log is.
    const turned: { workspace?: CalcWorkspace } = {};
    const now = (): number => turned.workspace?.clock ?? clock;
    const opened = await openCalcLog({ store, hash: sha256, rows, now }, "write");
    if (opened.kind === "refused") throw new Error(JSON.stringify(opened));
    const make = (now: () => number): CalcPorts => ({ store, rows, weekly: new WeeklyFileSource(), sources, hash: sha256, now });
    turned.workspace = new CalcWorkspace(make, opened.log, options.registry ?? finraRegistry(), clock);
    return turned.workspace;
  }

  /** Ingests a file of the disk or of the given text. @throws where it is refused. */
  async ingest(options: IngestOptions): Promise<IngestedWeek> {
    const outcome = await ingestWeek(this.ports, this.log, options);
    if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.violations));
    return outcome;
  }

  ingestRows(week: string, rows: FileRows, more: IngestOptions = {}): Promise<IngestedWeek> {
    return this.ingest({ ...contentOf(compactFile(week, rows, cellOf(more.tier ?? "OTC")), `week_${week}.psv`), ...more });
  }

  async normalise(captureId: string, force = false): Promise<NormalisedCapture> {
    const outcome = await normaliseCapture(this.ports, this.log, captureId, force);
    if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.violations));
    return outcome;
  }

  /** Ingests and normalises rows. @returns the capture. */
  async take(week: string, rows: FileRows, more: IngestOptions = {}): Promise<string> {
    const { capture_id } = await this.ingestRows(week, rows, more);
    await this.normalise(capture_id);
    return capture_id;
  }

  async run(calc: string, weeks: readonly string[], more: Partial<CalcRunOptions> = {}): Promise<CalcRunReport> {
    const outcome = await runCalculations(
      this.ports,
      this.log,
      this.registry,
      { calc, weeks, tiers: ["OTC"], ...more },
      async (milliseconds) => {
        this.waits.push(milliseconds);
        this.clock += milliseconds;
      },
    );
    if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.violations));
    return outcome;
  }

  async rows(calc: string, more: Partial<CalcQuery> = {}): Promise<readonly CalcRow[]> {
    const answer = await queryCalculation(this.ports, this.log, this.registry, { calc, ...more });
    if (answer.kind === "refused") throw new Error(JSON.stringify(answer.violations));
    return answer.rows;
  }
}

/** Content as an interface would have sent it. */
export function contentOf(text: string, file_name = "week.psv"): IngestOptions {
  return { source_type: "api", content: { file_name, bytes: new TextEncoder().encode(text) } };
}

function cellOf(tier: string): string {
  return tier === "OTC" ? "OTC" : tier === "NMS_TIER_1" ? "NMS Tier 1" : "NMS Tier 2";
}
