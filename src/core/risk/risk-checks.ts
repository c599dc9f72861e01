/** What must hold of the figures of each measure of risk, beyond that they are finite: shares add to one, fractions stay fractions, sizes are not negative. */
import { type FigureCheck, figuresFromZero, figuresSumToOne, figuresWithinOne, finiteFigures } from "../calc/figures.js";

const exceptions = figuresFromZero("periods", "exceptions");
const contributions = [figuresSumToOne("contributions", "share")];
const tailWeights = figuresWithinOne("weight");
const moments = figuresFromZero("deviation");

/** By the name of the measure; of a name with several versions those that hold of each. */
const OWN: { readonly [calc: string]: readonly FigureCheck[] } = {
  "risk.backtest_acerbi_szekely": exceptions,
  "risk.backtest_christoffersen": [...exceptions, ...figuresWithinOne("p_value")],
  "risk.backtest_kupiec": [...exceptions, ...figuresWithinOne("p_value"), ...figuresFromZero("statistic")],
  "risk.backtest_traffic_light": [...exceptions, ...figuresWithinOne("cumulative_probability")],
  "risk.concentration": [figuresSumToOne("ranked", "share"), ...figuresWithinOne("share", "herfindahl", "largest", "top_five")],
  "risk.correlation_clusters": figuresFromZero("distance"),
  "risk.covariance_ledoit_wolf": figuresWithinOne("shrinkage"),
  "risk.drawdown_at_risk": [...tailWeights, ...figuresFromZero("drawdown_at_risk", "conditional_drawdown", "max_drawdown")],
  "risk.es_component": [...contributions, ...tailWeights],
  "risk.es_historical": tailWeights,
  "risk.es_parametric": [...contributions, ...moments],
  "risk.exposures": figuresFromZero("gross_value", "gross_delta", "abs_notional"),
  "risk.horizon_moments": moments,
  "risk.liquidity_ladder": figuresFromZero("days", "exit_cost", "longest_days"),
  "risk.margin_heuristic": figuresFromZero("margin", "abs_notional"),
  "risk.performance": figuresFromZero(
    "deviation",
    "downside_deviation",
    "mean_absolute_deviation",
    "annual_volatility",
    "max_drawdown",
    "depth",
  ),
  "risk.psd_repair": figuresFromZero("distance"),
  "risk.stress": figuresFromZero("gross_value"),
  "risk.tail_age_weighted": tailWeights,
  "risk.tail_delta_gamma": moments,
  "risk.tail_filtered": [...tailWeights, ...figuresFromZero("volatility")],
  "risk.tail_monte_carlo": [...tailWeights, ...figuresFromZero("paths", "var_standard_error")],
  "risk.tail_weighted": tailWeights,
  "risk.var_component": [...contributions, ...tailWeights],
  "risk.var_historical": [...figuresWithinOne("confidence", "weight"), ...figuresFromZero("rank", "horizon_days")],
  "risk.var_parametric": [...figuresWithinOne("confidence"), ...figuresFromZero("horizon_days"), ...contributions, ...moments],
  "risk.volatility_garch": figuresFromZero("volatility", "long_run_volatility"),
};

/** A check per rule, that of finite figures first. */
export function riskChecks(calc: string): readonly FigureCheck[] {
  return [finiteFigures, ...(OWN[calc] ?? [])];
}
