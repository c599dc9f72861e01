/** What a pipeline was asked for and what came of it. */
import type { Violation } from "../core/quality/violation.js";
import type { CalcRefusal } from "./calc-log.js";
import { refusal } from "./data-ports.js";

export interface PipelineRequest {
  /** A pipeline's name, or a calculation's. */
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Version of a calculation; left out: the current one. */
  readonly version?: string;
  readonly force?: boolean;
  readonly dry_run?: boolean;
  /** Partitions worked on at a time; left out: one. */
  readonly concurrency?: number;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What was done for one partition. */
export interface PipelineStep {
  readonly what: string;
  readonly version: string | null;
  readonly week_ending: string | null;
  readonly tier: string | null;
  readonly status: "processed" | "skipped" | "failed";
  readonly code: string | null;
  readonly message: string | null;
  readonly capture_id: string | null;
  readonly row_count: number | null;
}

export interface PipelineReport {
  readonly kind: "pipeline";
  readonly name: string;
  readonly status: "success" | "partial" | "failure" | "dry_run";
  readonly exit_code: 0 | 1 | 2;
  readonly steps: readonly PipelineStep[];
  readonly processed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly total: number;
  readonly warnings: readonly string[];
}

/** A step of which nothing is known yet. */
export const NO_STEP = {
  version: null,
  week_ending: null,
  tier: null,
  code: null,
  message: null,
  capture_id: null,
  row_count: null,
} as const;

/** Numbers of a batch, and how it ends as a whole. */
export function pipelineReport(name: string, steps: readonly PipelineStep[], warnings: readonly string[], dry: boolean): PipelineReport {
  const count = (status: PipelineStep["status"]): number => steps.filter((step) => step.status === status).length;
  const [processed, skipped, failed] = [count("processed"), count("skipped"), count("failed")];
  const status = dry ? "dry_run" : failed === 0 ? "success" : processed + skipped > 0 ? "partial" : "failure";
  const exit_code = status === "failure" ? 1 : status === "partial" ? 2 : 0;
  return {
    kind: "pipeline",
    name,
    status,
    exit_code,
    steps,
    processed,
    skipped,
    failed,
    total: steps.length,
    warnings: [...new Set(warnings)],
  };
}

/** A refusal that names the command which describes the pipeline. */
export function invalidRequest(name: string, ...violations: readonly Violation[]): CalcRefusal {
  return refusal("invalid", violations, `onetape calc describe ${name}`);
}
