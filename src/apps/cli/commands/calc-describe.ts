import { renderPairs, renderTable } from "../../../adapters/terminal/table.js";
import { finraRegistry } from "../../../core/calc/finra-otc/finra-registry.js";
import { mountedCalculations } from "../../../usecases/mounted-calculations.js";
import { pipelineOf } from "../../../usecases/run-pipeline.js";
import type { CommandResult, Invocation } from "../command.js";
import { refused } from "../data-refusal.js";

/** What a calculation or a pipeline does, its parameters, keys, versions and checks. */
export async function run({ args, io }: Invocation): Promise<CommandResult> {
  const [name = ""] = args;
  const registry = finraRegistry();
  const mounted = mountedCalculations().find(({ calc_name }) => calc_name === name);
  if (mounted !== undefined) {
    const { calc_name, description, business_keys, versions, current, runs_in } = mounted;
    const pairs = [
      ["calculation", calc_name],
      ["says", description],
      ["per", business_keys.join(", ")],
      ["versions", versions.join(", ")],
      ["current", current],
      ["computed by", runs_in],
    ] as const;
    return { kind: "done", json: { schema: "onetape.calc-describe/1", ...mounted }, human: () => renderPairs(pairs, io.out) };
  }
  const pipeline = pipelineOf(registry, name);
  if ("kind" in pipeline) return { kind: "failed", failure: refused(pipeline) };
  const found = registry.get(pipeline.name);
  const entry = found.kind === "found" ? found.value : null;
  const calculation =
    entry === null
      ? null
      : {
          calc_name: entry.calc_name,
          table: entry.table,
          business_keys: entry.business_keys,
          versions: entry.versions,
          current: entry.current,
          deprecated: entry.deprecated,
          sunset: entry.sunset,
          scope: entry.scope,
          checks: entry.checks.map((check) => check.name),
        };
  const rows = pipeline.parameters.map((one) => [one.name, one.required ? "required" : "", one.kind, one.says]);
  const example = [
    `onetape calc run ${pipeline.name}`,
    ...pipeline.parameters.filter(({ required }) => required).map((one) => `-p ${one.name}=${SAMPLES[one.kind] ?? "TEXT"}`),
  ];
  if (entry !== null) example.push("-p week_ending=2025-12-26");
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
