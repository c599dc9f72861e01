/** What a run's statistics are judged by: a benchmark, the trials behind it, the dates that it was not fitted on. */
import * as Type from "typebox";
import type { BacktestConfig } from "../../ports/config-source.js";
import { decimal } from "./decimal-schema.js";

const closed = { additionalProperties: false } as const;

const Benchmark = Type.Object(
  {
    symbol: Type.String({ minLength: 1, description: "A symbol with bars in the workspace; it may be one that the run trades." }),
    set: Type.Optional(
      Type.String({
        minLength: 1,
        default: "latest",
        description: "`latest` capture, or the beginning of a capture's or column set's id.",
      }),
    ),
    price_mode: Type.Enum(["raw", "adjusted"], { description: "Whether its prices are as traded, or carry split and dividend factors." }),
    basis: Type.Optional(Type.Enum(["trade", "bid", "ask", "mid"], { default: "trade", description: "What a price column means." })),
    timeframe: Type.Optional(Type.Enum(["1m", "5m", "15m", "1h", "1d"], { description: "Length of its bars. Default: the run's." })),
  },
  {
    ...closed,
    description:
      "What the result is held against in the metrics `bm.*`: buying and holding this symbol. Each session mark takes its newest close. A paper session takes no notice of it.",
  },
);

const Trials = Type.Object(
  {
    count: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: "Results that this one was chosen from, itself included.",
    }),
    sharpe_variance: decimal("not_negative", {
      description: "Sample variance of their Sharpe ratios, a session and not annualised: `onetape sweep show --json` has it.",
    }),
  },
  { ...closed, description: "The search behind the run, for `hy.trials` and `dsr`. Default: none. A paper session takes no notice of it." },
);

const OutOfSampleFrom = Type.String({
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
  "x-expected": "a date such as 2024-01-31",
  description:
    "First session date that the strategy was not fitted on: `hy.oos` shows both parts, `hy.is_sharpe` ranks a sweep by the first alone. A paper session takes no notice of it.",
});

export interface BenchmarkFields {
  symbol: string;
  set?: string;
  price_mode: "raw" | "adjusted";
  basis?: "trade" | "bid" | "ask" | "mid";
  timeframe?: "1m" | "5m" | "15m" | "1h" | "1d";
}

export interface TrialsFields {
  count: number;
  sharpe_variance: string;
}

export const BenchmarkSchema: Type.TUnsafe<BenchmarkFields> = Type.Unsafe<BenchmarkFields>(Benchmark);
export const TrialsSchema: Type.TUnsafe<TrialsFields> = Type.Unsafe<TrialsFields>(Trials);
export const OutOfSampleSchema: Type.TUnsafe<string> = Type.Unsafe<string>(OutOfSampleFrom);

/** Fills in what the file leaves out. */
export function toYardsticks({
  benchmark,
  trials,
  out_of_sample_from,
}: {
  benchmark?: BenchmarkFields;
  trials?: TrialsFields;
  out_of_sample_from?: string;
}): Pick<BacktestConfig, "benchmark" | "trials" | "out_of_sample_from"> {
  return {
    benchmark:
      benchmark === undefined
        ? null
        : {
            symbol: benchmark.symbol,
            set: benchmark.set ?? "latest",
            price_mode: benchmark.price_mode,
            basis: benchmark.basis ?? "trade",
            timeframe: benchmark.timeframe ?? null,
          },
    trials: trials ?? null,
    out_of_sample_from: out_of_sample_from ?? null,
  };
}
