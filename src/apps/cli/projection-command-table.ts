import type { ArgumentSpec, CommandSpec } from "./command.js";

const projection: ArgumentSpec = { name: "NAME", required: true, says: "a projection: see onetape projections list", completes: null };

/** Commands of what is folded from the workspace's logs. */
export const projectionCommands: readonly CommandSpec[] = [
  {
    path: ["projections", "list"],
    summary: "list what is folded from the workspace's logs, and how each stands",
    details: [
      "Each projection has a code version, the last position that it looked at, its lag in events and time, the hash of its state and a condition: current, behind, halted, other_code, altered, other_log or not_built. Listing changes nothing; exit code 5 where one is halted, altered or of another log.",
    ],
    arguments: [],
    flags: ["log"],
    examples: [
      { line: "onetape projections list", says: "every projection of the catalogue and of each session" },
      { line: "onetape projections list --log catalogue --json", says: "those of one log, for scripts" },
    ],
    load: () => import("./commands/projections-list.js"),
  },
  {
    path: ["projections", "show"],
    summary: "show a projection: condition, state, and the events that it could not fold",
    arguments: [projection],
    flags: ["log"],
    examples: [
      { line: "onetape projections show captures", says: "why it stands where it stands, and what it says" },
      { line: "onetape projections show captures --json", says: "the state as JSON, for scripts" },
    ],
    load: () => import("./commands/projections-show.js"),
  },
  {
    path: ["projections", "rebuild"],
    summary: "fold a projection again from the start of its log, beside the one that answers",
    details: [
      "The new generation takes the place of the old one in one step when it has reached the head, and not before. An event that cannot be folded stops it, and the old one goes on answering; with --park such events are set aside and listed.",
    ],
    arguments: [projection],
    flags: ["log", "park"],
    examples: [
      { line: "onetape projections rebuild captures", says: "says whether the state is the one from before" },
      { line: "onetape projections rebuild captures --park --json", says: "whatever cannot be folded is set aside" },
    ],
    load: () => import("./commands/projections-rebuild.js"),
  },
];
