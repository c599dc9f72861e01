/** What a tear sheet computes beyond the metrics of its run, as entries of the registry. */
import { figuresFromZero, finiteFigures, oneRowPer } from "../calc/figures.js";
import { type MountedCalculation, type Mounting, mounted } from "../calc/mounted-calculation.js";
import { accountSeries } from "./account-series.js";
import { bySymbol } from "./contributions.js";
import { costSteps } from "./cost-steps.js";
import { dataQuality } from "./data-quality.js";
import { quantilePlot } from "./quantile-plot.js";
import { returnHistogram } from "./return-distribution.js";
import { rollingWindows } from "./rolling-statistics.js";

function declared(
  name: string,
  description: string,
  parts: Pick<Mounting, "business_keys" | "checks"> & { readonly compute: Mounting["implementations"][string] },
): Mounting {
  return {
    calc_name: `sheet.${name}`,
    domain: "sheet",
    description,
    table: `sheet_${name}`,
    business_keys: ["run_id", ...parts.business_keys],
    implementations: { v1: parts.compute },
    checks: parts.checks,
    runs_in: "onetape report",
  };
}

export const sheetCalculations: readonly MountedCalculation[] = mounted([
  declared("contribution", "Net profit and trades by symbol, hour and weekday", {
    business_keys: ["by", "key"],
    checks: [finiteFigures, ...figuresFromZero("trades")],
    compute: bySymbol,
  }),
  declared("costs", "From profit before costs to net profit, step by step", {
    business_keys: ["id"],
    checks: [finiteFigures, oneRowPer(["figure"])],
    compute: costSteps,
  }),
  declared("data_quality", "Bars that the calendar expects against those that are there", {
    business_keys: ["symbol"],
    checks: [finiteFigures, ...figuresFromZero("expected", "present", "gaps", "outside")],
    compute: dataQuality,
  }),
  declared("account_series", "Equity, drawdown and exposure as drawn", {
    business_keys: ["ts"],
    checks: [finiteFigures],
    compute: accountSeries,
  }),
  declared("return_histogram", "Distribution of the session returns", {
    business_keys: ["bucket"],
    checks: [finiteFigures, ...figuresFromZero("counts", "normal", "deviation")],
    compute: returnHistogram,
  }),
  declared("return_quantiles", "Session returns against a normal distribution", {
    business_keys: ["point"],
    checks: [finiteFigures],
    compute: quantilePlot,
  }),
  declared("rolling", "Moving windows of return, deviation and Sharpe ratio", {
    business_keys: ["window", "ts"],
    checks: [finiteFigures, ...figuresFromZero("volatility")],
    compute: rollingWindows,
  }),
]);
