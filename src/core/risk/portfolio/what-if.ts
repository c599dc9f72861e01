/** What trades would do to a portfolio, before they are made: the whole portfolio with and without them, no shortcut. */
import { confidenceErrors } from "../input-checks.js";
import { measured, type RiskError, type RiskOutcome, refusedWith } from "../risk-outcome.js";
import { type IncrementalRisk, incrementalRisk } from "../scenario-components.js";
import type { Greeks } from "../v1/position-risk.js";
import { type BookInput, type BookTotal, type BookValuation, openBook, valueOpenBook } from "./book-valuation.js";
import type { ClusterSet } from "./cluster-set.js";
import { type ExposureDimension, exposures } from "./exposures.js";
import { type PortfolioLimit, type PortfolioLimitStates, portfolioLimits } from "./portfolio-limits.js";
import type { RiskPosition } from "./position.js";
import { type Scenario, scenarioErrors } from "./scenario.js";
import { pnlOfBook } from "./scenario-run.js";

/** Terms of a what-if. */
export interface WhatIfInput extends BookInput {
  /** Positions that the trades would open, under ids of their own; a sale is a negative quantity. */
  readonly trades: readonly RiskPosition[];
  readonly limits: readonly PortfolioLimit[];
  readonly warn_at: string;
  readonly clusters: ClusterSet | null;
  /** Scenarios of VaR and ES; none leaves both out. */
  readonly scenarios: readonly Scenario[];
  /** Decimal text such as "0.99". */
  readonly confidence: string;
}

/** A portfolio before and after. */
export interface WhatIf {
  readonly before: WhatIfSide;
  readonly after: WhatIfSide;
  /** After less before; refused where one of the totals is. */
  readonly change: RiskOutcome<Pick<BookTotal, "pv" | "greeks">>;
  /** Net values that change, by dimension and key; refused as the exposures are. */
  readonly exposures: RiskOutcome<readonly ExposureChange[]>;
  /** Full VaR and ES with and without the trades; null without scenarios. */
  readonly risk: RiskOutcome<IncrementalRisk> | null;
  /** Limits that the trades would break: not broken before, broken or unknown after. */
  readonly broken_by_trades: readonly string[];
}

export interface WhatIfSide {
  readonly total: RiskOutcome<BookTotal>;
  readonly limits: PortfolioLimitStates;
}

export interface ExposureChange {
  readonly dimension: ExposureDimension;
  readonly key: string;
  readonly before: number;
  readonly after: number;
}

const DIMENSIONS: readonly ExposureDimension[] = ["asset_class", "currency", "underlying"];

/**
 * Values the portfolio with and without trades.
 *
 * @returns refused where anything is malformed, with `DUPLICATE_NAME` where a trade has the id of a position.
 */
export function whatIf(input: WhatIfInput): RiskOutcome<WhatIf> {
  const { positions, trades, scenarios, confidence } = input;
  const all = openBook({ ...input, positions: [...positions, ...trades] });
  const errors: RiskError[] = [...(all.ok ? [] : all.errors), ...scenarioErrors(scenarios), ...confidenceErrors(confidence)];
  if (!all.ok || errors.length > 0) return refusedWith(errors);
  const traded = new Set(trades.map(({ id }) => id));
  const before = { ...all.value, positions: all.value.positions.filter(({ id }) => !traded.has(id)) };
  const [valuedBefore, valuedAfter] = [valueOpenBook(before), valueOpenBook(all.value)];
  const pnl = scenarios.length === 0 ? null : pnlOfBook(all.value, scenarios);
  const risk = pnl === null || !pnl.ok ? pnl : incrementalOf(pnl.value.positions, traded, confidence);
  const figures = (side: "with" | "without") => ({
    var: risk?.ok === true ? risk.value[side].var : null,
    es: risk?.ok === true ? risk.value[side].es : null,
  });
  const limitsOf = (valuation: BookValuation, side: "with" | "without") =>
    portfolioLimits({ limits: input.limits, warn_at: input.warn_at, valuation, clusters: input.clusters, measures: figures(side) });
  const [limitsBefore, limitsAfter] = [limitsOf(valuedBefore, "without"), limitsOf(valuedAfter, "with")];
  if (!limitsBefore.ok) return limitsBefore;
  if (!limitsAfter.ok) return limitsAfter;
  const already = new Set([...limitsBefore.value.breaches, ...limitsBefore.value.unknown]);
  return measured({
    before: { total: valuedBefore.total, limits: limitsBefore.value },
    after: { total: valuedAfter.total, limits: limitsAfter.value },
    change: changeOf(valuedBefore.total, valuedAfter.total),
    exposures: changesOf(valuedBefore, valuedAfter),
    risk,
    broken_by_trades: [...limitsAfter.value.breaches, ...limitsAfter.value.unknown].filter((id) => !already.has(id)),
  });
}

function incrementalOf(
  positions: Parameters<typeof incrementalRisk>[0]["positions"],
  traded: ReadonlySet<string>,
  confidence: string,
): RiskOutcome<IncrementalRisk> {
  const without = positions.map(({ name }) => name).filter((name) => traded.has(name));
  return incrementalRisk({ positions, confidence, without });
}

function changeOf(before: RiskOutcome<BookTotal>, after: RiskOutcome<BookTotal>): WhatIf["change"] {
  if (!before.ok) return before;
  if (!after.ok) return after;
  const [a, b] = [after.value.greeks, before.value.greeks];
  const greek = (name: keyof Greeks) => a[name] - b[name] + 0;
  return measured({
    pv: after.value.pv - before.value.pv + 0,
    greeks: { delta: greek("delta"), gamma: greek("gamma"), vega: greek("vega"), theta: greek("theta"), rho: greek("rho") },
  });
}

function changesOf(before: BookValuation, after: BookValuation): RiskOutcome<readonly ExposureChange[]> {
  const changes: ExposureChange[] = [];
  for (const dimension of DIMENSIONS) {
    const [was, is] = [
      exposures({ valuation: before, dimension, clusters: null }),
      exposures({ valuation: after, dimension, clusters: null }),
    ];
    if (!was.ok) return was;
    if (!is.ok) return is;
    for (const { key, net_value } of is.value.lines) {
      const old = was.value.lines.find((line) => line.key === key)?.net_value ?? 0;
      if (old !== net_value) changes.push({ dimension, key, before: old, after: net_value });
    }
  }
  return measured(changes);
}
