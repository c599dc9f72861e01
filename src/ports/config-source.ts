import type { ExecutionConfig, FinancingConfig, SizingConfig, TrialsConfig } from "../core/engine/run-config.js";
import type { RiskPolicy } from "../core/gate/policy.js";
import type { PriceBasis, PriceMode, Timeframe } from "../core/market/bars.js";
import type { FactorRow } from "../core/market/factor-file.js";
import type { Instrument } from "../core/market/instrument.js";
import type { FxTerms } from "../core/money/fx-set.js";
import type { Violation } from "../core/quality/violation.js";
import type { ReadSignal } from "../core/signals/signal-csv.js";
import type { StrategyDefaults } from "../core/strategy/strategy.js";
import type { StatedAxis } from "../core/sweep/axis-values.js";
import type { SweepGoal } from "../core/sweep/rank-points.js";
import type { Json, UtcMillis } from "../core/tape/event.js";

/** How the rows of a file become bars, where the file does not say so itself. */
export interface ImportChoices {
  /** Whether the file's time is the start or the end of a bar. */
  readonly stamp?: "open" | "close";
  /** IANA zone of local times; times with an offset of their own keep it. */
  readonly tz?: string;
  /** Bar field to column name, for example `{ ts: "Date", close: "Last" }`. */
  readonly columns: { readonly [field: string]: string };
}

/** Which stored bars of one symbol a run uses. */
export interface DataChoice {
  readonly symbol: string;
  /** `latest` capture of the symbol, or a prefix of a column set's or capture's id. */
  readonly set: string;
  readonly price_mode: PriceMode;
  readonly basis: PriceBasis;
  /** Sets of bid and ask that orders fill at, like `set`; null where they fill at the bars themselves. */
  readonly quotes: { readonly bid: string; readonly ask: string } | null;
  /** Absolute path of a file to import first, or null. */
  readonly file: string | null;
  /** Present exactly when `file` is. */
  readonly import: ImportChoices | null;
}

/** Part of the execution and sizing choices: what one layer states. */
export interface PartialChoices {
  readonly execution: Partial<ExecutionConfig>;
  readonly sizing: PartialSizing;
}

/** What a layer says about sizing; which parts belong to which mode is checked where the layers meet. */
export interface PartialSizing {
  readonly mode?: SizingConfig["mode"];
  readonly qty?: string;
  readonly pct?: string;
  readonly risk_pct?: string;
  readonly max_position_pct?: string;
  readonly period?: number;
  readonly multiple?: string;
  readonly cash_buffer_pct?: string;
  readonly drift_band_pct?: string;
}

/** The factors of one symbol, read from a file. */
export interface FactorChoice {
  readonly symbol: string;
  /** The file as its author wrote it, for messages. */
  readonly file: string;
  readonly rows: readonly FactorRow[];
  /** The rows in their canonical form: what identifies them. */
  readonly text: string;
}

/** The run's exchange rates: a sound set in its canonical form. */
export interface FxChoice extends FxTerms {
  readonly text: string;
}

/** Which stored bars the result is held against. */
export interface BenchmarkChoice extends Pick<DataChoice, "symbol" | "set" | "price_mode" | "basis"> {
  /** Null for the run's own. */
  readonly timeframe: Timeframe | null;
}

/** The policy that a run's orders must pass. */
export interface RiskChoice {
  /** Combined from all that the config names, with what the environment decides of its stages. */
  readonly policy: RiskPolicy;
  /** Presets and files, as the config names them. */
  readonly sources: readonly string[];
  /** Variables that decided whether a stage enforces or observes. */
  readonly flags: readonly { readonly stage: keyof RiskPolicy["enforcement"]; readonly variable: string }[];
  /** What the files say that no policy holds. */
  readonly notes: readonly string[];
}

/** A run as its author asked for it: validated, defaults of the file format filled in, data sets and strategy not yet looked at. */
export interface BacktestConfig extends PartialChoices {
  /** Absolute path of the config file. */
  readonly path: string;
  /** Path of the strategy's entry file, as messages name it: relative to the current folder where it lies below, else absolute. */
  readonly strategy: string;
  /** Signals to follow in place of a strategy file, in time order; null where there is one. Then `strategy` names the file of signals. */
  readonly signals: readonly ReadSignal[] | null;
  readonly params: { readonly [name: string]: Json };
  /** Ascending by symbol, one entry per symbol. */
  readonly data: readonly DataChoice[];
  readonly timeframe: Timeframe;
  /** First close time to deliver, inclusive, or null for the first there is. */
  readonly from: UtcMillis | null;
  /** Last close time to deliver, inclusive, or null for the last there is. */
  readonly to: UtcMillis | null;
  /** Most bars to deliver over all symbols, or null. */
  readonly max_bars: number | null;
  readonly account: { readonly currency: string; readonly cash: string; readonly scale: number };
  /** Ascending by symbol: those that the config states, and those that can be guessed. Fields that nobody stated are named in `guessed`. */
  readonly instruments: readonly Instrument[];
  /** Symbols whose instrument the config does not state: what an import recorded wins over a guess. */
  readonly unstated: readonly string[];
  readonly on_end: "keep" | "flatten";
  readonly financing: FinancingConfig | null;
  /** Ascending by symbol. */
  readonly corporate_actions: readonly FactorChoice[];
  readonly fx: FxChoice | null;
  readonly forbid_flips: boolean;
  readonly benchmark: BenchmarkChoice | null;
  readonly trials: TrialsConfig | null;
  /** A session date, `YYYY-MM-DD`. */
  readonly out_of_sample_from: string | null;
  /** Null where the config names no policy: then only the checks that are never switched off hold. */
  readonly risk: RiskChoice | null;
  /** Most milliseconds that one call of a handler may take. */
  readonly time_budget_ms: number;
  readonly append: "block" | "strict";
  /** What a sweep of this config runs over; a backtest takes no notice of it. */
  readonly sweep: SweepSection | null;
}

/** A config's section `sweep`, values as their author wrote them. Null: not stated. */
export interface SweepSection {
  readonly grid: readonly StatedAxis[];
  readonly metric: string | null;
  readonly goal: SweepGoal | null;
  readonly max_points: number | null;
  readonly point_budget_ms: number | null;
}

/** Who decided a value. */
export type ChoiceOrigin = "config" | "strategy" | "default";

/** Where a value stands in the file that stated it. Line and column start at 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type LoadedConfig =
  | {
      readonly kind: "loaded";
      readonly config: BacktestConfig;
      /** Position of a JSON pointer such as `/params/fast`, or of its nearest ancestor that the file states. */
      readonly locate: (pointer: string) => SourcePosition | null;
      /** Whether the file itself states the value of a JSON pointer. */
      readonly states: (pointer: string) => boolean;
    }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

export type ResolvedChoices =
  | {
      readonly kind: "resolved";
      readonly execution: ExecutionConfig;
      readonly sizing: SizingConfig;
      /** By JSON pointer, for example `/execution/fees`. */
      readonly origins: ReadonlyMap<string, ChoiceOrigin>;
    }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

/** Reads what a run's author wrote. */
export interface ConfigSource {
  /** Reads a config file and what it names (instruments), and reports every fault at once. Paths are taken relative to the file. */
  load(path: string): Promise<LoadedConfig>;
  /** Fills execution and sizing field by field: config over the strategy's own defaults over the engine's. */
  resolve(config: BacktestConfig, defaults: StrategyDefaults | undefined): ResolvedChoices;
}
