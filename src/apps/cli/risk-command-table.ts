import type { ArgumentSpec, CommandSpec } from "./command.js";

const run: ArgumentSpec = { name: "RUN", required: true, says: "a run's id, its beginning, or latest", completes: "runs" };

/** Commands that tell what the risk gate did in a run. */
export const riskCommands: readonly CommandSpec[] = [
  {
    path: ["risk", "exposure"],
    summary: "show how near a run came to the limits of its policy",
    details: [
      "Shows of each limit how much was used, session day by session day, and refusals by code, the ten closest calls, halts and alerts. Folded from the tape and the bars that it names by hash; limits are read by the gate's own rules after each close and with each order that was approved.",
      "A run without a policy has none of this: name one under the key risk of its config. RUN may also be the name of a paper session, which is shown as far as it has come.",
    ],
    arguments: [run],
    flags: [],
    examples: [
      { line: "onetape risk exposure latest", says: "limits, refusals, closest calls, halts" },
      { line: "onetape risk exposure latest --json", says: "every limit on every session day, for scripts" },
    ],
    load: () => import("./commands/risk-exposure.js"),
  },
  {
    path: ["orders", "export"],
    summary: "write the approved orders of a run as a CSV file",
    details: [
      "Columns: order_id, idempotency_key, oco_id, run_id, symbol, side, qty, limit_price, stop_price, take_profit_price, valid_from, valid_to, session, time_in_force, source, strategy, strategy_version, created_at. Orders that the risk gate refused are left out and counted. RUN may also be the name of a session.",
    ],
    arguments: [run],
    flags: ["output"],
    examples: [
      { line: "onetape orders export latest", says: "on stdout" },
      { line: "onetape orders export latest --output orders.csv --json", says: "into a file, for scripts" },
    ],
    load: () => import("./commands/orders-export.js"),
  },
];
