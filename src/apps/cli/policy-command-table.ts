import type { ArgumentSpec, CommandSpec } from "./command.js";

const policy: ArgumentSpec = {
  name: "POLICY",
  required: true,
  variadic: true,
  says: "a preset (axiom, vibe, finam-1.4, finam-1.5) or a policy file; several combine",
  completes: "policies",
};

/** Commands of risk policies. */
export const policyCommands: readonly CommandSpec[] = [
  {
    path: ["policy", "show"],
    summary: "show a risk policy, resolved: what it limits, and its fingerprint",
    details: [
      "Several policies are combined: of limits in one unit the tightest holds, of limits in different units all do. The fingerprint is what every decision under the policy names.",
    ],
    arguments: [policy],
    flags: [],
    examples: [
      { line: "onetape policy show axiom", says: "a preset" },
      { line: "onetape policy show axiom vibe --json", says: "two of them combined, for scripts" },
    ],
    load: () => import("./commands/policy-show.js"),
  },
  {
    path: ["policy", "check"],
    summary: "check policy files, and whether they go together",
    details: [
      "Tells every fault of every file at once, with line and path in the file; exit code 3. Symbols and currencies are checked where a run is known: onetape config show backtest.yaml.",
    ],
    arguments: [policy],
    flags: [],
    examples: [
      { line: "onetape policy check vibe finam-1.5", says: "whether two policies go together" },
      { line: "onetape policy check axiom --json", says: "the same for scripts" },
    ],
    load: () => import("./commands/policy-check.js"),
  },
  {
    path: ["policy", "explain"],
    summary: "explain every check of a policy, in the order of decision",
    details: [
      "Shows of each check whether it is asked, what passes it and what it means. The first that fails refuses an order; a refusal tells of all that failed.",
    ],
    arguments: [policy],
    flags: ["check"],
    examples: [
      { line: "onetape policy explain axiom", says: "all checks of a preset" },
      { line: "onetape policy explain finam-1.5 --check MaxDailyLoss", says: "one of them, by its code or by a guard's name" },
    ],
    load: () => import("./commands/policy-explain.js"),
  },
];
