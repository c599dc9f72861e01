import type { CommandSpec } from "./command.js";

/** Commands of the workspace's kill switches. */
export const killSwitchCommands: readonly CommandSpec[] = [
  {
    path: ["kill-switch", "status"],
    summary: "show whether a kill switch is tripped, and its last steps",
    arguments: [],
    flags: ["scope", "limit"],
    examples: [
      { line: "onetape kill-switch status", says: "armed or tripped, by what, locked until when" },
      { line: "onetape kill-switch status --scope desk-2 --json", says: "of one scope, for scripts" },
    ],
    load: () => import("./commands/kill-switch-status.js"),
  },
  {
    path: ["kill-switch", "trip"],
    summary: "stop submissions of a scope's sessions until somebody resets it",
    details: [
      "Paper and live sessions of the scope send nothing while its switch is tripped. It survives a restart, never resets itself, and stays locked for --lock-hours. Tripping a tripped switch changes nothing.",
    ],
    arguments: [],
    flags: ["scope", "reason", "lock-hours"],
    examples: [
      { line: 'onetape kill-switch trip --reason "quarterly drill" --lock-hours 0', says: "a drill that can be reset at once" },
      {
        line: 'onetape kill-switch trip --scope desk-2 --reason "feed is down" --lock-hours 0 --json',
        says: "one desk's switch, for scripts",
      },
    ],
    load: () => import("./commands/kill-switch-trip.js"),
  },
  {
    path: ["kill-switch", "reset"],
    summary: "arm a tripped kill switch again: with an approver, a reason, and not before its lock ends",
    details: [
      "A refused reset ends with exit code 4, says why and until when the switch is locked, and is recorded like every other step.",
    ],
    arguments: [],
    flags: ["scope", "approver", "reason"],
    examples: [
      { line: 'onetape kill-switch reset --approver risk-7 --reason "drill over"', says: "who approves, by an id, and why" },
      {
        line: 'onetape kill-switch reset --scope desk-2 --approver risk-7 --reason "feed is back" --json',
        says: "one desk's switch, for scripts",
      },
    ],
    load: () => import("./commands/kill-switch-reset.js"),
  },
];
