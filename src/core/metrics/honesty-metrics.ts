/** How much a result is worth: the search behind it. */
import { given } from "./expression.js";
import { type MetricDefinition, metric, ok } from "./metric.js";

export const honestyMetrics: readonly MetricDefinition[] = [
  metric(
    ["hy.trials", "Trials", "count"],
    "Results that this one was chosen from, itself included; 1 for a run that no search made.",
    ({ run }) => ok(given("trials", run.trials?.count ?? 1)),
    { notes: ["Searches outside of this product are not counted, and cannot be."] },
  ),
];
