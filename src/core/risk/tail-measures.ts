/** Measures of the tail of one distribution. */
import { type AgeWeightedInput, ageWeightedTail } from "./age-weighting.js";
import { type DrawdownAtRisk, type DrawdownInput, drawdownAtRisk } from "./drawdown-at-risk.js";
import { type EntropicVar, type EntropicVarInput, entropicVar } from "./entropic-var.js";
import { type ExpectedShortfallInput, expectedShortfall, type ScenarioShortfall } from "./expected-shortfall.js";
import { type FilteredInput, type FilteredTail, filteredTail } from "./filtered-simulation.js";
import { type HistoricalVar, type HistoricalVarInput, historicalVar } from "./historical-var.js";
import { type LiquidityHorizonInput, liquidityHorizonShortfall } from "./liquidity-horizon.js";
import { type MeasureDefinition, measure } from "./measure.js";
import * as term from "./measure-terms.js";
import {
  type CornishFisherInput,
  cornishFisherTail,
  type ExtremeTailInput,
  extremeTail,
  type NormalTailInput,
  normalTail,
  type StudentTTailInput,
  studentTTail,
  type TailFigures,
} from "./parametric-tail.js";
import { type HistoricalVarInput as HistoricalVarV1Input, historicalVar as historicalVarV1 } from "./v1/historical-var.js";
import { type ParametricVarInput as ParametricVarV1Input, parametricVar as parametricVarV1 } from "./v1/parametric-var.js";
import type { V1Outcome } from "./v1/v1-outcome.js";
import type { VarResult } from "./v1/var-result.js";
import { type WeightedTail, type WeightedTailInput, weightedTail } from "./weighted-tail.js";

const currency = { unit: "name", meaning: "three capital letters; printed" } as const;
const horizonDays = { unit: "days", meaning: "horizon, above 0" } as const;
const confidenceDouble = { unit: "probability", meaning: "a double" } as const;

export const varParametricV1: MeasureDefinition<ParametricVarV1Input, VarResult> = measure("var_parametric", "v1", {
  title: "Parametric VaR, locked",
  definition: "|z(c)| sigma sqrt(h)",
  inputs: { sigma_1d: term.deviation, confidence: confidenceDouble, horizon_days: horizonDays, currency },
  unit: "money",
  error_budget: 1e-15,
  compute: parametricVarV1,
});

export const varHistoricalV1: MeasureDefinition<HistoricalVarV1Input, VarResult> = measure("var_historical", "v1", {
  title: "Historical VaR and tail mean, locked",
  definition: "profit at index ceil((1 - c) n) - 1 in doubles, sign changed, floored at 0; mean of all at most that",
  inputs: { pnl: term.pnl, confidence: confidenceDouble, horizon_days: horizonDays, currency },
  unit: "money",
  error_budget: 1e-15,
  compute: historicalVarV1,
});

export const esHistoricalV1: MeasureDefinition<HistoricalVarV1Input, number> = measure("es_historical", "v1", {
  title: "Mean of the tail, locked",
  definition: "mean of all profits that are at most version 1's VaR, sign changed, floored at 0",
  inputs: { pnl: term.pnl, confidence: confidenceDouble, horizon_days: horizonDays, currency },
  unit: "money",
  error_budget: 1e-15,
  compute: (input: HistoricalVarV1Input): V1Outcome<number> => {
    const measured = historicalVarV1(input);
    return measured.ok ? { ok: true, value: measured.value.cvar ?? 0 } : measured;
  },
});

export const varHistoricalV2: MeasureDefinition<HistoricalVarInput, HistoricalVar> = measure("var_historical", "v2", {
  title: "Historical VaR at an exact rank",
  definition: "k-th worst loss, k = ceil(n (1 - c)) in integers; other order statistics by name",
  inputs: { pnl: term.pnl, confidence: term.confidence, rule: { unit: "name", meaning: "nearest_rank, lower, or hf1 to hf9; hf7 is R's" } },
  unit: "money",
  error_budget: 1e-15,
  compute: historicalVar,
});

export const esHistoricalV2: MeasureDefinition<ExpectedShortfallInput, ScenarioShortfall> = measure("es_historical", "v2", {
  title: "Coherent expected shortfall",
  definition: "mean of the worst n (1 - c) losses, the last counted by its part",
  inputs: { pnl: term.pnl, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-15,
  compute: expectedShortfall,
});

export const tailWeighted: MeasureDefinition<WeightedTailInput, WeightedTail> = measure("tail_weighted", "v1", {
  title: "VaR and ES of weighted scenarios",
  definition: "walk down from the worst until the weight passed reaches the tail; the last in part",
  inputs: { pnl: term.pnl, weights: { unit: "ratio", meaning: "one per scenario; decimal text is exact" }, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-14,
  compute: weightedTail,
});

export const tailAgeWeighted: MeasureDefinition<AgeWeightedInput, WeightedTail> = measure("tail_age_weighted", "v1", {
  title: "VaR and ES weighted by age",
  definition: "weights (1 - l) l^age / (1 - l^n), then the weighted tail",
  inputs: { pnl: term.dailyPnl, lambda: term.lambda, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-12,
  compute: ageWeightedTail,
});

export const tailFiltered: MeasureDefinition<FilteredInput, FilteredTail> = measure("tail_filtered", "v1", {
  title: "Filtered historical simulation",
  definition: "r sigma(T + 1) / sigma(t), sigma(t) known before t; VaR at the nearest rank and coherent ES",
  inputs: {
    pnl: term.dailyPnl,
    lambda: term.lambda,
    burn_in: { unit: "count", meaning: "first ones that start the variance" },
    confidence: term.confidence,
  },
  unit: "money",
  error_budget: 1e-12,
  compute: filteredTail,
});

export const tailNormal: MeasureDefinition<NormalTailInput, TailFigures> = measure("tail_normal", "v1", {
  title: "Normal VaR and ES",
  definition: "-mean + z(c) deviation; -mean + deviation phi(z(c)) / (1 - c)",
  inputs: { mean: term.mean, deviation: term.deviation, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-14,
  compute: normalTail,
});

export const tailStudentT: MeasureDefinition<StudentTTailInput, TailFigures> = measure("tail_student_t", "v1", {
  title: "Student-t VaR and ES",
  definition: "scale s = deviation sqrt((nu - 2) / nu); -mean + s t(c); -mean + s f(t) (nu + t^2) / ((nu - 1) (1 - c))",
  inputs: {
    mean: term.mean,
    deviation: term.deviation,
    degrees_of_freedom: { unit: "count", meaning: "above 2, at most 100,000" },
    confidence: term.confidence,
  },
  unit: "money",
  error_budget: 1e-11,
  compute: studentTTail,
});

export const tailCornishFisher: MeasureDefinition<CornishFisherInput, TailFigures> = measure("tail_cornish_fisher", "v1", {
  title: "Cornish-Fisher VaR and modified ES",
  definition: "normal quantile corrected for skewness and kurtosis; modified ES by Boudt, Peterson and Croux",
  inputs: {
    mean: term.mean,
    deviation: term.deviation,
    skew: { unit: "ratio", meaning: "population skewness of the profit" },
    excess_kurtosis: { unit: "ratio", meaning: "population kurtosis less 3" },
    confidence: term.confidence,
  },
  unit: "money",
  error_budget: 1e-13,
  compute: cornishFisherTail,
});

export const tailExtreme: MeasureDefinition<ExtremeTailInput, TailFigures> = measure("tail_extreme_value", "v1", {
  title: "VaR and ES by extreme value theory",
  definition: "u + b / xi ((n (1 - c) / n_u)^-xi - 1); (VaR + b - xi u) / (1 - xi)",
  inputs: {
    n: { unit: "count", meaning: "observations" },
    exceedances: { unit: "count", meaning: "losses above the threshold" },
    threshold: { unit: "money", meaning: "loss" },
    scale: { unit: "money", meaning: "of the Pareto distribution, above 0" },
    shape: { unit: "ratio", meaning: "of the Pareto distribution, below 1" },
    confidence: term.confidence,
  },
  unit: "money",
  error_budget: 1e-13,
  compute: extremeTail,
});

export const varEntropic: MeasureDefinition<EntropicVarInput, EntropicVar> = measure("var_entropic", "v1", {
  title: "Entropic VaR",
  definition: "least over t > 0 of t (log mean e^(loss / t) - log(1 - c))",
  inputs: { pnl: term.pnl, confidence: term.confidence },
  unit: "money",
  error_budget: 1e-12,
  compute: entropicVar,
});

export const drawdownRisk: MeasureDefinition<DrawdownInput, DrawdownAtRisk> = measure("drawdown_at_risk", "v1", {
  title: "Drawdown at risk and conditional drawdown",
  definition: "nearest rank and coherent mean of the falls below the running peak",
  inputs: {
    returns: { unit: "as_given", meaning: "fractions that are compounded, or money that is added" },
    path: { unit: "name", meaning: "compounded or added" },
    confidence: term.confidence,
  },
  unit: "as_given",
  error_budget: 1e-12,
  compute: drawdownAtRisk,
});

export const esLiquidityHorizon: MeasureDefinition<LiquidityHorizonInput, number> = measure("es_liquidity_horizon", "v1", {
  title: "Expected shortfall by liquidity horizon",
  definition: "sqrt of the sum of (ES_j sqrt((LH_j - LH_(j-1)) / T))^2",
  inputs: {
    base_days: { unit: "days", meaning: "horizon of the shortfalls" },
    horizons_days: { unit: "days", meaning: "ascending, the base first" },
    shortfalls: { unit: "money", meaning: "one per horizon" },
  },
  unit: "money",
  error_budget: 1e-15,
  compute: liquidityHorizonShortfall,
});
