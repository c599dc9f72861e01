import { renderTable } from "../../../adapters/terminal/table.js";
import { finraRegistry } from "../../../core/calc/finra-otc/finra-registry.js";
import { PIPELINES } from "../../../core/calc/finra-otc/pipelines.js";
import { declaredStanding } from "../../../core/calc/version-lifecycle.js";
import { mountedCalculations } from "../../../usecases/mounted-calculations.js";
import { hasCalculations } from "../../library/calculations.js";
import type { CommandResult, Invocation } from "../command.js";
import { withCalculations } from "../with-calculations.js";

const columns = [{ title: "name" }, { title: "current" }, { title: "versions" }, { title: "per" }, { title: "says" }];

/** Every calculation and pipeline, with the versions as the workspace's events left them. */
export async function run(invocation: Invocation): Promise<CommandResult> {
  const { io, args } = invocation;
  const registry = finraRegistry();
  const prefix = args[0] ?? "";
  const tell = (standing: (calc: string) => { readonly current: string; readonly states: ReadonlyMap<string, string> }): CommandResult => {
    const own = registry.entries.map((entry) => {
      const { current, states } = standing(entry.calc_name);
      return {
        calc_name: entry.calc_name,
        current,
        versions: [...states].map(([version, state]) => ({ version, state })),
        business_keys: entry.business_keys,
        table: entry.table,
        description: entry.description,
      };
    });
    const mounted = mountedCalculations().map(({ calc_name, current, versions, business_keys, description }) => ({
      calc_name,
      current,
      versions: versions.map((version) => ({ version, state: "ACTIVE" })),
      business_keys,
      table: null,
      description,
    }));
    const calculations = [...own, ...mounted].filter(({ calc_name }) => calc_name.startsWith(prefix));
    const pipelines = PIPELINES.filter(({ name }) => name.startsWith(prefix)).map(({ name, summary, parameters }) => ({
      name,
      summary,
      parameters,
    }));
    return {
      kind: "done",
      json: { schema: "onetape.calc-list/1", calculations, pipelines },
      human: async () => {
        const rows = calculations.map(({ calc_name, current, versions, business_keys, description }) => [
          calc_name,
          current,
          versions.map(({ version, state }) => (state === "ACTIVE" ? version : `${version} ${state.toLowerCase()}`)).join(", "),
          business_keys.join(", "),
          description,
        ]);
        const told = rows.length === 0 ? "" : await renderTable(columns, rows, io.out);
        const named = pipelines.map(({ name, summary, parameters }) => [
          name,
          parameters.map((one) => `${one.name}${one.required ? "*" : ""}`).join(" "),
          summary,
        ]);
        const piped =
          named.length === 0
            ? ""
            : await renderTable([{ title: "pipeline" }, { title: "parameters (* required)" }, { title: "does" }], named, io.out);
        return [told, piped].filter((text) => text !== "").join("\n") || "no calculation and no pipeline has a name that begins so\n";
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
