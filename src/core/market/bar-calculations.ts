/** Calculations that make bars, as entries of the registry. */
import type { CalcRow } from "../calc/canonical-rows.js";
import { each, type FigureCheck, finiteFigures, oneRowPer } from "../calc/figures.js";
import type { CalcIdentity } from "../calc/identity.js";
import { type MountedCalculation, type MountedImplementation, type Mounting, mounted } from "../calc/mounted-calculation.js";
import { ADJUST_BARS, adjustBars } from "./adjust-bars.js";
import { DERIVE_BARS, deriveBars } from "./derive-bars.js";
import { GENERATE_BARS, generateBars } from "./generate-bars.js";

const priced = (row: CalcRow): readonly number[] => ["open", "high", "low", "close"].map((column) => Number(row[column]));

/** `consistent_ohlc`: the high is the highest of the four, the low the lowest. */
const consistent: FigureCheck = each("consistent_ohlc", "INTEGRITY", "bars with impossible prices", (row) => {
  const prices = priced(row);
  return Math.max(...prices) === Number(row["high"]) && Math.min(...prices) === Number(row["low"]);
});

const volume: FigureCheck = each("non_negative_volume", "INTEGRITY", "volumes below zero", (row) => Number(row["volume"]) >= 0);

function declared(
  { calc_name, calc_version }: CalcIdentity,
  description: string,
  runs_in: string,
  compute: MountedImplementation,
): Mounting {
  return {
    calc_name,
    domain: "bars",
    description,
    table: `bars_${calc_name.slice("bars.".length)}`,
    business_keys: ["symbol", "ts", "timeframe"],
    implementations: { [calc_version]: compute },
    checks: [finiteFigures, consistent, volume, oneRowPer(["symbol", "ts", "timeframe"])],
    runs_in,
  };
}

export const barCalculations: readonly MountedCalculation[] = mounted([
  declared(ADJUST_BARS, "Bars adjusted for splits and dividends", "onetape data derive --adjust", adjustBars),
  declared(DERIVE_BARS, "Longer bars from minute bars, by session", "onetape data derive --timeframe", deriveBars),
  declared(GENERATE_BARS, "Synthetic minute bars from a seed", "onetape data generate", generateBars),
]);
