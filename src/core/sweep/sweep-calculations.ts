/** What a sweep computes over its runs, as entries of the registry. The metrics of each run are those of every run. */
import { figuresFromZero, figuresWithinOne, finiteFigures } from "../calc/figures.js";
import { type MountedCalculation, type Mounting, mounted } from "../calc/mounted-calculation.js";
import { deflatedSharpe } from "./deflated-sharpe.js";
import { heatMapOf } from "./heat-map.js";
import { rankPoints } from "./rank-points.js";
import { stabilityOf } from "./stability.js";

function declared(name: string, description: string, parts: Pick<Mounting, "business_keys" | "checks" | "implementations">): Mounting {
  const { business_keys, checks, implementations } = parts;
  return {
    calc_name: `sweep.${name}`,
    domain: "sweep",
    description,
    table: `sweep_${name}`,
    business_keys: ["sweep_id", ...business_keys],
    implementations,
    checks: [finiteFigures, ...checks],
    runs_in: "onetape sweep",
  };
}

export const sweepCalculations: readonly MountedCalculation[] = mounted([
  declared("ranking", "Points of a grid from best to worst by one metric", {
    business_keys: ["point"],
    checks: figuresFromZero("point"),
    implementations: { v1: rankPoints },
  }),
  declared("deflated_sharpe", "Sharpe ratio of the best point after as many trials", {
    business_keys: ["point"],
    checks: figuresWithinOne("value"),
    implementations: { v1: deflatedSharpe },
  }),
  declared("stability", "Neighbours of the best point that come within a tenth of it", {
    business_keys: ["point"],
    checks: [...figuresWithinOne("share"), ...figuresFromZero("neighbours", "near")],
    implementations: { v1: stabilityOf },
  }),
  declared("heat_map", "The metric over two axes of the grid", {
    business_keys: ["row", "column"],
    checks: figuresFromZero("point", "row", "column", "n"),
    implementations: { v1: heatMapOf },
  }),
]);
