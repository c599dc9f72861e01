/** What a policy says beside its checks, in words: levels of losses, sizes by drawdown, the kill switch, the days. */
import { limitWords, percentWords } from "./contradictions.js";
import type { Limits, LossLimit, RiskPolicy } from "./policy.js";

/** A name of the policy's keys with what it says, for people. */
export type PolicyLine = readonly [name: string, says: string];

/** Levels that tell, refuse and halt, one line per loss. */
export function describeLevels({ limits }: RiskPolicy): readonly PolicyLine[] {
  const counts = limits.consecutive_losses;
  const losses: readonly PolicyLine[] = [
    ["daily loss", levels(limits.daily_loss)],
    ["drawdown", levels(limits.drawdown)],
    [
      "losses in a row",
      [
        counts?.alert == null ? "" : `alert at ${counts.alert}`,
        counts?.limit == null ? "" : `refuses at ${counts.limit}`,
        counts?.kill == null ? "" : `kills at ${counts.kill}`,
      ]
        .filter((part) => part !== "")
        .join(", "),
    ],
  ];
  return losses.filter(([, says]) => says !== "");
}

function levels(loss: LossLimit | null): string {
  if (loss === null) return "";
  const level = (verb: string, limits: Limits): readonly string[] =>
    limits.map(({ limit, comparison }) => `${verb} ${comparison === "reaches" ? "at" : "beyond"} ${limitWords(limit)}`);
  return [...level("alert", loss.alert), ...level("refuses", loss.limit), ...level("kills", loss.kill)].join(", ");
}

/** Sizes by drawdown, one line per row of the table. */
export function describeScaling({ drawdown_scaling }: RiskPolicy): readonly PolicyLine[] {
  return drawdown_scaling.map(({ from, multiply }) => [
    `from ${percentWords(from)}`,
    multiply === "0" ? "no entry" : `sizes are multiplied by ${multiply}`,
  ]);
}

/** What trips the kill switch beside the levels of losses, and what a trip does. */
export function describeKillSwitch({ kill_switch }: RiskPolicy): readonly PolicyLine[] {
  if (!kill_switch.enabled) return [["off", "nothing trips it"]];
  const { actions, lock_hours, rejection_rate, data_staleness_seconds, reconciliation_difference } = kill_switch;
  const does = [
    "refuses every order",
    actions.cancel_orders ? "cancels open orders" : "leaves open orders",
    actions.flatten ? "closes positions" : "keeps positions",
    ...(actions.notify.length === 0 ? [] : [`tells ${actions.notify.join(", ")}`]),
  ];
  return [
    ...rejection_rate.map(
      ({ fraction, orders, minutes }): PolicyLine => [
        "trips",
        `beyond ${percentWords(fraction)} of the orders of ${minutes} min rejected, from ${orders} orders on`,
      ],
    ),
    ...(data_staleness_seconds === null ? [] : [["trips", `without a bar for more than ${data_staleness_seconds} s`] as const]),
    ...reconciliation_difference.map((limit): PolicyLine => ["trips", `beyond ${limitWords(limit)} of difference to the venue`]),
    ["then", does.join(", ")],
    ["reset", `by a named approver with a reason${lock_hours === "0" ? "" : `, not before ${lock_hours} h have passed`}`],
  ];
}

/** Whether the daily loss freezes, and whose sessions are the days. */
export function describeDays({ daily_freeze, day_calendar }: RiskPolicy): readonly PolicyLine[] {
  return [
    [
      "freeze",
      daily_freeze.enabled
        ? "once the daily loss met its limit, until the next session day"
        : "off: entries pass again once the loss is made good",
    ],
    ["calendar", day_calendar ?? "the first instrument's"],
  ];
}
