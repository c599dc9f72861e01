import type { DeletionChecklist, VersionMove } from "../../../core/calc/version-lifecycle.js";
import type { Violation } from "../../../core/quality/violation.js";
import { calculationCatalogue, isMounted } from "../../../usecases/calculation-catalogue.js";
import { currentVersions, moveCalcVersion } from "../../../usecases/govern-calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";
import { failure } from "../failure.js";
import { pairsOf, withCalculations } from "../with-calculations.js";

const MOVES: readonly VersionMove[] = ["activate", "deprecate", "sunset", "delete"];

/** Moves a version of a calculation through its life. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, flags } = invocation;
  const [calc_name = ""] = args;
  const word = flags.text("move") ?? "";
  const calc_version = flags.text("calc-version") ?? "";
  const violations: Violation[] = [];
  const move = MOVES.find((one) => one === word);
  if (move === undefined)
    violations.push({
      code: "USAGE",
      message: word === "" ? "no move is given" : `${JSON.stringify(word)} is no move`,
      field: "--move",
      value: word,
      expected: MOVES.join(", "),
    });
  if (calc_version === "")
    violations.push({ code: "USAGE", message: "no version is named", field: "--calc-version", expected: "--calc-version VERSION" });
  const pairs = pairsOf(flags, "checklist", violations);
  const checklist = checklistOf(pairs, violations);
  if (violations.length > 0 || move === undefined)
    return { kind: "failed", failure: failure("USAGE", violations, "onetape calc version --help") };
  const mounted = calculationCatalogue().get(calc_name);
  if (mounted.kind === "found" && isMounted(mounted.value))
    return {
      kind: "failed",
      failure: failure("DATA_INVALID", [movesWithTheCode(calc_name, mounted.value.runs_in)], `onetape calc describe ${calc_name}`),
    };
  return withCalculations(invocation, "write", async ({ ports, log, registry }) => {
    const by = flags.text("by") ?? "";
    const reason = flags.text("reason") ?? "";
    const outcome = await moveCalcVersion(ports, log, registry, {
      calc_name,
      calc_version,
      move,
      by,
      reason,
      ...(pairs.length === 0 ? {} : { checklist }),
    });
    if (outcome.kind === "refused") return { kind: "failed", failure: refused(outcome) };
    const states = Object.fromEntries(outcome.standing.states);
    const current = currentVersions(log, registry).get(calc_name) ?? "";
    return {
      kind: "done",
      json: { schema: "onetape.calc-version/1", calc_name, current, states },
      human: () =>
        `${calc_name}: ${Object.entries(states)
          .map(([version, state]) => `${version} ${state}`)
          .join(", ")}; current is ${current}\n`,
      next: [`onetape calc query ${calc_name}`],
    };
  });
}

function movesWithTheCode(calc_name: string, runs_in: string): Violation {
  const message = `${calc_name} is computed inside other work (${runs_in}): its versions move with the code that computes them`;
  return { code: "VERSION_DECLARED", message, field: "calc", value: calc_name, expected: "a calculation of weekly files" };
}

function checklistOf(pairs: readonly (readonly [string, string])[], violations: Violation[]): DeletionChecklist {
  const names = ["migration", "consumers_moved", "no_query_names_it", "audit_settled", "second_reviewer"];
  for (const [name, value] of pairs)
    if (!names.includes(name))
      violations.push({
        code: "USAGE",
        message: `the checklist has no ${name}`,
        field: "--checklist",
        value,
        expected: `one of ${names.join(", ")}`,
      });
  const said = new Map(pairs);
  const yes = (name: string): boolean => said.get(name) === "true" || said.get(name) === "yes";
  return {
    migration: said.get("migration") ?? "",
    consumers_moved: yes("consumers_moved"),
    no_query_names_it: yes("no_query_names_it"),
    audit_settled: yes("audit_settled"),
    second_reviewer: said.get("second_reviewer") ?? "",
  };
}
