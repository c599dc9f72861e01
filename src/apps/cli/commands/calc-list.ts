import { renderTable } from "../../../adapters/terminal/table.js";
import { PIPELINES } from "../../../core/calc/finra-otc/pipelines.js";
import { FINRA_OTC } from "../../../core/calc/finra-otc/tiers.js";
import { declaredStanding } from "../../../core/calc/version-lifecycle.js";
import { calculationCatalogue, isMounted } from "../../../usecases/calculation-catalogue.js";
import { hasCalculations } from "../../library/calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { withCalculations } from "../with-calculations.js";

const columns = [{ title: "name" }, { title: "current" }, { title: "versions" }, { title: "per" }, { title: "says" }];

/** Every calculation and pipeline, with the versions as the workspace's events left them. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { io, args } = invocation;
  const registry = calculationCatalogue();
  const prefix = args[0] ?? "";
  const tell = (standing: (calc: string) => { readonly current: string; readonly states: ReadonlyMap<string, string> }): CommandResult => {
    const all = registry.entries.map((entry) => {
      const { current, states } = standing(entry.calc_name);
      return {
        calc_name: entry.calc_name,
        domain: entry.domain,
        current,
        versions: [...states].map(([version, state]) => ({ version, state })),
        business_keys: entry.business_keys,
        table: entry.table,
        description: entry.description,
        checks: entry.checks.map(({ name }) => name),
        runs_in: isMounted(entry) ? entry.runs_in : "onetape calc run",
      };
    });
    const weekly = all.filter(({ domain }) => domain === FINRA_OTC);
    const calculations = [...weekly, ...all.filter(({ domain }) => domain !== FINRA_OTC)].filter(({ calc_name }) =>
      calc_name.startsWith(prefix),
    );
    const pipelines = PIPELINES.filter(({ name }) => name.startsWith(prefix)).map(({ name, summary, parameters }) => ({
      name,
      summary,
      parameters,
    }));
    return {
      kind: "done",
      json: { schema: "onetape.calc-list/1", calculations, pipelines },
      human: async () => {
        const shown = prefix === "" ? calculations.filter(({ domain }) => domain === FINRA_OTC) : calculations;
        const rows = shown.map(({ calc_name, current, versions, business_keys, description }) => [
          calc_name,
          current,
          versions.map(({ version, state }) => (state === "ACTIVE" ? version : `${version} ${state.toLowerCase()}`)).join(", "),
          business_keys.join(", "),
          description,
        ]);
        const told = rows.length === 0 ? "" : await renderTable(columns, rows, io.out);
        const groups = prefix === "" ? await renderTable(GROUP_COLUMNS, groupRows(calculations), io.out) : "";
        const named = pipelines.map(({ name, summary, parameters }) => [
          name,
          parameters.map((one) => `${one.name}${one.required ? "*" : ""}`).join(" "),
          summary,
        ]);
        const piped =
          named.length === 0
            ? ""
            : await renderTable([{ title: "pipeline" }, { title: "parameters (* required)" }, { title: "does" }], named, io.out);
        return (
          [told, groups, piped].filter((text) => text !== "").join("\n") || "no calculation and no pipeline has a name that begins so\n"
        );
      },
      next: [`onetape calc describe ${calculations[0]?.calc_name ?? pipelines[0]?.name ?? "venue_share"}`],
    };
  };
  const declared = (calc: string): ReturnType<typeof declaredStanding> => {
    const found = registry.get(calc);
    if (found.kind === "unknown") throw new Error(`${calc} is registered`);
    return declaredStanding(found.value);
  };
  if (!(await hasCalculations(invocation.settings))) return tell(declared);
  return withCalculations(invocation, "read", async ({ log }) =>
    tell((calc) => {
      const found = registry.get(calc);
      if (found.kind === "unknown") throw new Error(`${calc} is registered`);
      return log.index.standing(found.value);
    }),
  );
}

const GROUP_COLUMNS = [
  { title: "also" },
  { title: "calculations", numeric: true },
  { title: "listed by" },
  { title: "computed by" },
] as const;

/** One line per family of names that no weekly file is behind. */
function groupRows(
  calculations: readonly { readonly calc_name: string; readonly domain: string; readonly runs_in: string }[],
): readonly (readonly string[])[] {
  const groups = new Map<string, { count: number; readonly runs: Set<string> }>();
  for (const { calc_name, domain, runs_in } of calculations) {
    if (domain === FINRA_OTC) continue;
    const family = `${calc_name.split(".")[0] ?? calc_name}.`;
    const group = groups.get(family) ?? { count: 0, runs: new Set() };
    group.count += 1;
    groups.set(family, group);
    group.runs.add(runs_in);
  }
  return [...groups].map(([family, { count, runs }]) => [`${family}*`, String(count), `onetape calc list ${family}`, [...runs].join("; ")]);
}
