import { renderPairs, renderTable } from "../../../adapters/terminal/table.js";
import { finraRegistry } from "../../../core/calc/finra-otc/finra-registry.js";
import type { MountedCalculation } from "../../../core/calc/mounted-calculation.js";
import { calculationCatalogue, isMounted } from "../../../usecases/calculation-catalogue.js";
import { pipelineOf } from "../../../usecases/run-pipeline.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";

/** What a calculation or a pipeline does, its parameters, keys, versions and checks. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { args, io } = invocation;
  const [name = ""] = args;
  const registry = finraRegistry();
  const entry = calculationCatalogue().get(name);
  if (entry.kind === "found" && isMounted(entry.value)) return describeMounted(entry.value, invocation);
  const pipeline = pipelineOf(registry, name);
  if ("kind" in pipeline) return { kind: "failed", failure: refused(pipeline) };
  const found = registry.get(pipeline.name);
  const weekly = found.kind === "found" ? found.value : null;
  const calculation =
    weekly === null
      ? null
      : {
          calc_name: weekly.calc_name,
          table: weekly.table,
          business_keys: weekly.business_keys,
          versions: weekly.versions,
          current: weekly.current,
          deprecated: weekly.deprecated,
          sunset: weekly.sunset,
          scope: weekly.scope,
          checks: weekly.checks.map((check) => check.name),
        };
  const rows = pipeline.parameters.map((one) => [one.name, one.required ? "required" : "", one.kind, one.says]);
  const example = [
    `onetape calc run ${pipeline.name}`,
    ...pipeline.parameters.filter(({ required }) => required).map((one) => `-p ${one.name}=${SAMPLES[one.kind] ?? "TEXT"}`),
  ];
  if (weekly !== null) example.push("-p week_ending=2025-12-26");
  return {
    kind: "done",
    json: {
      schema: "onetape.calc-describe/1",
      name: pipeline.name,
      summary: pipeline.summary,
      parameters: pipeline.parameters,
      calculation,
    },
    human: async () => {
      const facts =
        calculation === null
          ? [["pipeline", pipeline.name] as const, ["does", pipeline.summary] as const]
          : ([
              ["calculation", calculation.calc_name],
              ["says", pipeline.summary],
              ["per", calculation.business_keys.join(", ")],
              ["versions", calculation.versions.join(", ")],
              ["current", calculation.current],
              ["reads", SCOPES[calculation.scope]],
              ["table", calculation.table],
              ["checks", calculation.checks.join(", ")],
            ] as const);
      return `${renderPairs(facts, io.out)}\n${await renderTable([{ title: "parameter" }, { title: "" }, { title: "kind" }, { title: "says" }], rows, io.out)}`;
    },
    next: [example.join(" ")],
  };
}

/** A calculation without a planner: nothing to state, somewhere to look. */
function describeMounted(entry: MountedCalculation, { io }: Invocation): CommandResult {
  const { calc_name, domain, description, business_keys, versions, current, deprecated, sunset, table, runs_in } = entry;
  const checks = entry.checks.map(({ name }) => name);
  const calculation = { calc_name, domain, table, business_keys, versions, current, deprecated, sunset, checks, runs_in };
  const pairs = [
    ["calculation", calc_name],
    ["says", description],
    ["per", business_keys.join(", ")],
    ["versions", versions.join(", ")],
    ["current", current],
    ["computed by", runs_in],
    ["table", table],
    ["checks", checks.join(", ")],
  ] as const;
  return {
    kind: "done",
    json: { schema: "onetape.calc-describe/1", name: calc_name, summary: description, parameters: [], calculation },
    human: () => renderPairs(pairs, io.out),
  };
}

const SCOPES = {
  capture: "one capture of a week and tier",
  capture_set: "all tiers of a week",
  window: "several weeks of a tier",
} as const;
const SAMPLES: Readonly<Record<string, string>> = {
  week: "2025-12-26",
  tier: "OTC",
  count: "6",
  path: "data/finra",
  day: "2025-12-26",
  flag: "true",
};
