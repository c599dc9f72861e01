import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program as cli } from "../../src/apps/cli/command-table.js";
import { json, onetape, program, scratchFolder, throughShell } from "./cli-process.js";

const scratch = scratchFolder("completion");
const project = join(scratch.path, "p");
let runId = "";
beforeAll(() => {
  expect(onetape(["init", "p"], { cwd: scratch.path }).code).toBe(0);
  runId = String(json(onetape(["backtest", "backtest.yaml", "--json"], { cwd: project }))["run_id"]);
});
afterAll(scratch.remove);

/** What bash offers for the words of a command line, the last of them unfinished. */
function offered(...words: readonly string[]): readonly string[] {
  const quoted = ["onetape", ...words].map((word) => `'${word}'`).join(" ");
  const line = [
    `onetape() { "${process.execPath}" "${program}" "$@"; }`,
    'eval "$(onetape completion bash)"',
    `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _onetape`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash reads it, not JavaScript.
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join("\n");
  const { code, stdout, stderr } = throughShell(`bash -c '${line.replaceAll("'", "'\\''")}'`, { cwd: project });
  expect([code, stderr]).toEqual([0, ""]);
  return stdout.trim().split("\n");
}

describe("bash", () => {
  test.each([
    [["ver"], ["verify"]],
    [["data", "de"], ["derive"]],
    [["replay", "--l"], ["--level"]],
    [
      ["replay", "--level", ""],
      ["L1", "L2", "L3", "L4"],
    ],
    [["--home", ".", "config", "sch"], ["schema"]],
    [["completion", "po"], ["powershell"]],
    [["help", "doc"], ["doctor"]],
  ] as const)("completes %j", (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  test("completes run ids, symbols and captures from the workspace", () => {
    expect(offered("replay", runId.slice(0, 4))).toEqual([runId]);
    expect(offered("runs", "show", "lat")).toEqual(["latest"]);
    expect(offered("data", "list", "--symbol", "")).toEqual(["DEMO"]);
    expect(offered("data", "show", "")).toEqual(["DEMO", expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  test("offers files where a file is due", () => {
    expect(offered("backtest", "back")).toEqual(["backtest.yaml"]);
  });
});

test.each(["bash", "zsh", "fish", "powershell"])("the script of %s names every command and every flag of its own", (shell) => {
  const { stdout } = onetape(["completion", shell], { cwd: project });
  for (const name of [
    ...cli.groups.map((group) => group.name),
    ...cli.commands.filter(({ hidden }) => hidden !== true).map(({ path }) => path.at(-1) ?? ""),
  ]) {
    expect(stdout).toContain(name);
  }
  for (const flag of cli.commands.flatMap(({ flags }) => flags)) expect(stdout).toContain(shell === "fish" ? `-l ${flag}` : `--${flag}`);
  expect(stdout).not.toContain("undefined");
  expect(stdout).not.toContain("__complete files");
});

test("candidates never fail: an unusable workspace has none", () => {
  expect(onetape(["__complete", "runs", "--home", join(project, "backtest.yaml")], { cwd: project })).toMatchObject({
    code: 0,
    stderr: "",
  });
  expect(onetape(["__complete", "nonsense"], { cwd: project })).toMatchObject({ code: 0, stdout: "", stderr: "" });
});
