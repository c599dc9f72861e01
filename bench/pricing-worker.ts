/** One thread of the pricing trial: prices its share of the book whenever it is asked to. */
import { parentPort, workerData } from "node:worker_threads";
import { type OptionColumns, openRevaluation, type ScenarioColumns } from "../src/core/risk/pricing/revaluation.js";

/** What a thread is started with; columns and prices are shared memory. */
export interface PricingShare {
  readonly options: OptionColumns;
  readonly scenarios: ScenarioColumns;
  readonly prices: Float64Array;
  /** Options from the first to before the last. */
  readonly from: number;
  readonly until: number;
}

const { options, scenarios, prices, from, until } = workerData as PricingShare;
const opened = openRevaluation(options, scenarios);
if (opened.kind === "refused") throw new Error(opened.violations[0]?.message);
const revaluation = opened.value;

parentPort?.on("message", () => {
  for (let n = from; n < until; n++) revaluation.priceInto(n, prices, n * revaluation.scenarios);
  parentPort?.postMessage("done");
});
parentPort?.postMessage("ready");
