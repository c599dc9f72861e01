/** Measures of books: several positions or factors. */
import { type ClusterInput, type Clusters, correlationClusters } from "./correlation-clusters.js";
import {
  type EwmaCovarianceInput,
  ewmaCovariance,
  ledoitWolfCovariance,
  type Observed,
  type ShrunkCovariance,
  sampleCovariance,
} from "./covariance-estimates.js";
import type { NamedMatrix } from "./covariance-matrix.js";
import { type DeltaGammaInput, type DeltaGammaTail, deltaGammaTail } from "./delta-gamma.js";
import { type LimitInput, type LimitState, limitStates } from "./limit-utilisation.js";
import { type MeasureDefinition, measure } from "./measure.js";
import * as term from "./measure-terms.js";
import { type MonteCarloInput, type MonteCarloTail, monteCarloTail } from "./monte-carlo.js";
import {
  type ParametricComponents,
  type ParametricComponentsInput,
  parametricEsComponents,
  parametricVarComponents,
} from "./parametric-components.js";
import { type PsdRepair, type PsdRepairInput, repairPsd } from "./psd-repair.js";
import {
  esComponents,
  type IncrementalInput,
  type IncrementalRisk,
  incrementalRisk,
  type ScenarioComponents,
  type ScenarioComponentsInput,
  type VarComponents,
  varComponents,
} from "./scenario-components.js";
import { type ConditionalShockInput, conditionalShock, type StressedPosition, type StressResult, stressed } from "./stress.js";

const book = { exposures: term.exposures, covariance: term.covariance } as const;

export const varParametricV2: MeasureDefinition<ParametricComponentsInput, ParametricComponents> = measure("var_parametric", "v2", {
  title: "Parametric VaR of a linear book, by factor",
  definition: "z(c) sqrt(x' S x) - mean; marginal z(c) S x / sigma - mean, component x times marginal",
  inputs: { ...book, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-13,
  compute: parametricVarComponents,
});

export const esParametric: MeasureDefinition<ParametricComponentsInput, ParametricComponents> = measure("es_parametric", "v1", {
  title: "Parametric ES of a linear book, by factor",
  definition: "as VaR with phi(z(c)) / (1 - c) in place of z(c)",
  inputs: { ...book, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-13,
  compute: parametricEsComponents,
});

export const varComponent: MeasureDefinition<ScenarioComponentsInput, VarComponents> = measure("var_component", "v1", {
  title: "Historical VaR by position",
  definition: "mean losses over ranks around the k-th, triangular, half-width max(2, floor(sqrt(k))), scaled to the VaR",
  inputs: { positions: term.positions, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-12,
  compute: varComponents,
});

export const esComponent: MeasureDefinition<ScenarioComponentsInput, ScenarioComponents> = measure("es_component", "v1", {
  title: "Expected shortfall by position",
  definition: "each position's mean loss over the scenarios of the book's tail",
  inputs: { positions: term.positions, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-12,
  compute: esComponents,
});

export const riskIncremental: MeasureDefinition<IncrementalInput, IncrementalRisk> = measure("risk_incremental", "v1", {
  title: "Incremental VaR and ES",
  definition: "of the book with positions less that of the book without them, both added up in full",
  inputs: { positions: term.positions, confidence: term.confidence, without: { unit: "name", meaning: "positions taken away together" } },
  unit: "money",
  error_budget: 1e-12,
  compute: incrementalRisk,
});

export const tailMonteCarlo: MeasureDefinition<MonteCarloInput, MonteCarloTail> = measure("tail_monte_carlo", "v1", {
  title: "Monte Carlo VaR and ES",
  definition: "delta'x + x' Gamma x / 2 over 10,000 normal moves, Philox4x32-10 by counter under the key (42, 0)",
  inputs: { ...book, gamma: term.gamma, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-12,
  compute: monteCarloTail,
});

export const tailDeltaGamma: MeasureDefinition<DeltaGammaInput, DeltaGammaTail> = measure("tail_delta_gamma", "v1", {
  title: "Delta-gamma VaR and ES",
  definition: "exact mean, variance, skewness and kurtosis of delta'x + x' Gamma x / 2, and a tail at them",
  inputs: { ...book, gamma: term.gamma, confidence: term.confidence, tail: { unit: "name", meaning: "normal or cornish_fisher" } },
  unit: "money",
  error_budget: 1e-12,
  compute: deltaGammaTail,
});

export const stressJoint: MeasureDefinition<{ readonly positions: readonly StressedPosition[] }, StressResult> = measure("stress", "v1", {
  title: "Joint stress by sensitivities",
  definition: "value m; value (-duration dy + convexity dy^2 / 2); delta ds + gamma ds^2 / 2",
  inputs: { positions: { unit: "money", meaning: "linear, rate or delta-gamma, each with its move" } },
  unit: "money",
  error_budget: 1e-15,
  compute: ({ positions }: { readonly positions: readonly StressedPosition[] }) => stressed(positions),
});

export const stressConditional: MeasureDefinition<ConditionalShockInput, readonly { name: string; move: number }[]> = measure(
  "stress_conditional",
  "v1",
  {
    title: "Moves of the other factors, given some",
    definition: "S21 S11^-1 f1",
    inputs: { covariance: term.covariance, shocks: { unit: "as_given", meaning: "given moves by name" } },
    unit: "as_given",
    error_budget: 1e-10,
    compute: conditionalShock,
  },
);

export const covarianceSample: MeasureDefinition<Observed, NamedMatrix> = measure("covariance_sample", "v1", {
  title: "Sample covariance",
  definition: "sum of products of deviations over n - 1",
  inputs: { names: term.names, rows: term.rows },
  unit: "covariance",
  error_budget: 1e-14,
  compute: sampleCovariance,
});

export const covarianceEwma: MeasureDefinition<EwmaCovarianceInput, NamedMatrix> = measure("covariance_ewma", "v1", {
  title: "Exponentially weighted covariance",
  definition: "weights (1 - l) l^age / (1 - l^n), zero means",
  inputs: { names: term.names, rows: term.rows, lambda: term.lambda },
  unit: "covariance",
  error_budget: 1e-12,
  compute: ewmaCovariance,
});

export const covarianceShrunk: MeasureDefinition<Observed, ShrunkCovariance> = measure("covariance_ledoit_wolf", "v1", {
  title: "Ledoit-Wolf shrinkage",
  definition: "(1 - d) S + d mu I, S with divisor n",
  inputs: { names: term.names, rows: term.rows },
  unit: "covariance",
  error_budget: 1e-12,
  compute: ledoitWolfCovariance,
});

export const psdRepair: MeasureDefinition<PsdRepairInput, PsdRepair> = measure("psd_repair", "v1", {
  title: "Repair of a matrix that is not positive semi-definite",
  definition: "nearest correlation matrix (Higham) or clipped eigenvalues, with the old variances; reported",
  inputs: { matrix: term.covariance, policy: { unit: "name", meaning: "reject, higham or spectral" } },
  unit: "covariance",
  error_budget: 1e-10,
  compute: repairPsd,
});

export const clusters: MeasureDefinition<ClusterInput, Clusters> = measure("correlation_clusters", "v1", {
  title: "Clusters by correlation",
  definition: "distance sqrt((1 - rho) / 2), single or complete linkage, ties to the first names",
  inputs: {
    correlation: { unit: "correlation", meaning: "by name" },
    linkage: { unit: "name", meaning: "single or complete" },
    cut_distance: { unit: "ratio", meaning: "0 to 1" },
  },
  unit: "ratio",
  error_budget: 1e-15,
  compute: correlationClusters,
});

export const limits: MeasureDefinition<LimitInput, readonly LimitState[]> = measure("limit_utilisation", "v1", {
  title: "Utilisation of limits",
  definition: "|value| / limit on exact decimals; warning from a share, breach above the limit",
  inputs: {
    limits: { unit: "decimal_text", meaning: "limit and value by id; a missing value is unknown" },
    warn_at: { unit: "decimal_text", meaning: "share of a limit" },
  },
  unit: "decimal_text",
  error_budget: 0,
  compute: limitStates,
});
