import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { actionsOf, type Entity, STATE_MACHINES, stepOf } from "../../src/core/session/state-machines.js";
import { generatedBlock, withGeneratedBlock } from "./generated-blocks.js";

const path = fileURLToPath(new URL("../../docs/adr/001-state-model.md", import.meta.url));

/** One row per state, one column per action; a cell is the state that follows. */
function tableOf(entity: Entity): string {
  const actions = actionsOf(entity);
  const states = Object.keys(STATE_MACHINES[entity]);
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    `#### ${entity.replaceAll("_", " ")}`,
    "",
    row(["state", ...actions]),
    row(["---", ...actions.map(() => "---")]),
    ...states.map((state) => row([state, ...actions.map((action) => stepOf(entity, state, action) ?? "")])),
    "",
  ].join("\n");
}

test("ADR-001 prints the transition table of each of the five entities", () => {
  const tables = (Object.keys(STATE_MACHINES) as Entity[]).map(tableOf).join("\n");
  if (process.env["ONETAPE_WRITE_DOCS"] === "1")
    writeFileSync(path, withGeneratedBlock(readFileSync(path, "utf8"), "state-machines", `${tables}\n`));
  expect(generatedBlock(readFileSync(path, "utf8"), "state-machines")).toBe(`${tables}\n`);
});
