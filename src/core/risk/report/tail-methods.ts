/** The ways to a VaR and an ES of one distribution, by the names that commands and reports use. */
import type { CalcIdentity } from "../../calc/identity.js";
import { sampleDeviation } from "../../metrics/moments.js";
import { ageWeightedTail } from "../age-weighting.js";
import { tailMonteCarlo } from "../book-measures.js";
import { expectedShortfall } from "../expected-shortfall.js";
import { filteredTail } from "../filtered-simulation.js";
import { historicalVar } from "../historical-var.js";
import { monteCarloTail } from "../monte-carlo.js";
import { cornishFisherTail, normalTail, studentTTail, type TailFigures } from "../parametric-tail.js";
import { expansionMoments } from "../performance-statistics.js";
import { pnlDistribution, type ScenarioWeight } from "../pnl-distribution.js";
import { measured, type RiskOutcome, refused } from "../risk-outcome.js";
import * as measures from "../tail-measures.js";

/** Methods, in the order in which reports show them. */
export const TAIL_METHODS = ["historical", "age_weighted", "filtered", "parametric", "student_t", "cornish_fisher", "monte_carlo"] as const;

export type TailMethod = (typeof TAIL_METHODS)[number];

/** What some methods need beside the profits and losses. */
export interface TailParameters {
  /** Decay of `age_weighted`. */
  readonly age_lambda: number;
  /** Decay of `filtered`, and how many profits and losses start its variance. */
  readonly filter_lambda: number;
  readonly burn_in: number;
  /** Of `student_t`. */
  readonly degrees_of_freedom: number;
}

/** What holds where nothing else is said; reports print them. */
export const DEFAULT_TAIL_PARAMETERS: TailParameters = { age_lambda: 0.98, filter_lambda: 0.94, burn_in: 20, degrees_of_freedom: 5 };

/** Words for a method, as reports print them. */
export const METHOD_TITLES: Readonly<Record<TailMethod, string>> = {
  historical: "Historical, nearest rank",
  age_weighted: "Historical, weighted by age",
  filtered: "Historical, scaled by volatility",
  parametric: "Normal",
  student_t: "Student t",
  cornish_fisher: "Cornish-Fisher",
  monte_carlo: "Monte Carlo, normal paths",
};

/** A figure of a tail. */
export interface TailFigure {
  readonly value: number;
  readonly calculation: CalcIdentity;
  /** What it was computed with beside profits, losses and confidence. */
  readonly parameters: { readonly [name: string]: number | string };
  /** Scenarios behind it with weights that sum to 1; none where it is a formula of moments, to which all contribute. */
  readonly scenarios: readonly ScenarioWeight[];
  readonly warnings: readonly string[];
}

/** Both figures by one method. */
export interface Tail {
  readonly var: TailFigure;
  readonly es: TailFigure;
}

/** Terms of a tail by any method. */
export interface TailTerms {
  /** Oldest first; a loss is negative. */
  readonly pnl: Float64Array;
  readonly confidence: string;
  readonly parameters: TailParameters;
}

type Method = (terms: TailTerms) => RiskOutcome<Tail>;

const historical: Method = ({ pnl, confidence }) => {
  const risk = historicalVar({ pnl, confidence });
  const shortfall = expectedShortfall({ pnl, confidence });
  if (!risk.ok) return risk;
  if (!shortfall.ok) return shortfall;
  const { rule, rank, ...value } = risk.value;
  const { warnings, scenarios } = shortfall.value;
  return measured({
    var: {
      value: value.var,
      calculation: identity(measures.varHistoricalV2),
      parameters: { rule, rank },
      scenarios: value.scenarios,
      warnings: value.warnings,
    },
    es: { value: shortfall.value.es, calculation: identity(measures.esHistoricalV2), parameters: {}, scenarios, warnings },
  });
};

const ageWeighted: Method = ({ pnl, confidence, parameters: { age_lambda: lambda } }) => {
  const tail = ageWeightedTail({ pnl, lambda, confidence });
  if (!tail.ok) return tail;
  const { scenarios } = tail.value;
  const common = { calculation: identity(measures.tailAgeWeighted), parameters: { lambda }, warnings: [] };
  const last = scenarios.slice(-1).map(({ scenario }) => ({ scenario, weight: 1 }));
  return measured({ var: { value: tail.value.var, ...common, scenarios: last }, es: { value: tail.value.es, ...common, scenarios } });
};

const filtered: Method = ({ pnl, confidence, parameters: { filter_lambda: lambda, burn_in } }) => {
  const tail = filteredTail({ pnl, lambda, burn_in, confidence });
  if (!tail.ok) return tail;
  const { var: risk, es, var_scenarios, es_scenarios, warnings, volatility } = tail.value;
  const common = { calculation: identity(measures.tailFiltered), parameters: { lambda, burn_in, volatility }, warnings };
  return measured({ var: { value: risk, ...common, scenarios: var_scenarios }, es: { value: es, ...common, scenarios: es_scenarios } });
};

/** A tail that is a formula of moments. The mean is zero, the deviation has divisor n - 1. */
function ofMoments(
  measure: CalcIdentity,
  compute: (terms: TailTerms, deviation: number, sorted: readonly number[]) => RiskOutcome<TailFigures>,
  stated: (terms: TailTerms, sorted: readonly number[]) => TailFigure["parameters"],
): Method {
  return (terms) => {
    const distribution = pnlDistribution(terms.pnl);
    if (!distribution.ok) return distribution;
    // Sorted, so that the order of the scenarios changes no bit.
    const sorted = Array.from(terms.pnl).sort((a, b) => a - b);
    const deviation = sampleDeviation(sorted);
    const tail = compute(terms, deviation, sorted);
    if (!tail.ok) return tail;
    const parameters = { mean: 0, deviation, ...stated(terms, sorted) };
    const common = { calculation: identity(measure), parameters, scenarios: [], warnings: [] };
    return measured({ var: { value: tail.value.var, ...common }, es: { value: tail.value.es, ...common } });
  };
}

/** Normal paths of the deviation, by the counters of the measure's version: the error of the VaR stands beside it. */
const simulated: Method = ({ pnl, confidence }) => {
  const distribution = pnlDistribution(pnl);
  if (!distribution.ok) return distribution;
  const deviation = sampleDeviation(Array.from(pnl).sort((a, b) => a - b));
  const name = "book";
  const covariance = { names: [name], values: [[deviation * deviation]] };
  const gamma = { names: [], values: [] };
  const tail = monteCarloTail({ covariance, exposures: [{ name, amount: 1 }], gamma, confidence });
  if (!tail.ok) return tail;
  const { var: risk, es, paths, var_standard_error } = tail.value;
  const common = { calculation: identity(tailMonteCarlo), scenarios: [], warnings: [] };
  const parameters = { mean: 0, deviation, paths };
  return measured({
    var: { value: risk, ...common, parameters: { ...parameters, var_standard_error } },
    es: { value: es, ...common, parameters },
  });
};

const METHODS: Readonly<Record<TailMethod, Method>> = {
  historical,
  age_weighted: ageWeighted,
  filtered,
  parametric: ofMoments(
    measures.tailNormal,
    ({ confidence }, deviation) => normalTail({ mean: 0, deviation, confidence }),
    () => ({}),
  ),
  student_t: ofMoments(
    measures.tailStudentT,
    ({ confidence, parameters: { degrees_of_freedom } }, deviation) => studentTTail({ mean: 0, deviation, degrees_of_freedom, confidence }),
    ({ parameters: { degrees_of_freedom } }) => ({ degrees_of_freedom }),
  ),
  cornish_fisher: ofMoments(
    measures.tailCornishFisher,
    ({ confidence }, deviation, sorted) =>
      deviation === 0
        ? refused("ZERO_VARIANCE", { field: "pnl" })
        : cornishFisherTail({ mean: 0, deviation, ...expansionMoments(sorted), confidence }),
    (_, sorted) => expansionMoments(sorted),
  ),
  monte_carlo: simulated,
};

function identity({ calc_name, calc_version }: CalcIdentity): CalcIdentity {
  return { calc_name, calc_version };
}

/** VaR and ES of profits and losses. @returns refused with the codes of the method's measure. */
export function tailBy(method: TailMethod, terms: TailTerms): RiskOutcome<Tail> {
  return METHODS[method](terms);
}

/** The calculations of a method, for a figure that was refused. */
export const METHOD_CALCULATIONS: Readonly<Record<TailMethod, { readonly var: CalcIdentity; readonly es: CalcIdentity }>> = {
  historical: { var: identity(measures.varHistoricalV2), es: identity(measures.esHistoricalV2) },
  age_weighted: both(measures.tailAgeWeighted),
  filtered: both(measures.tailFiltered),
  parametric: both(measures.tailNormal),
  student_t: both(measures.tailStudentT),
  cornish_fisher: both(measures.tailCornishFisher),
  monte_carlo: both(tailMonteCarlo),
};

function both(measure: CalcIdentity): { readonly var: CalcIdentity; readonly es: CalcIdentity } {
  return { var: identity(measure), es: identity(measure) };
}
