import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program as cli } from "../../src/apps/cli/command-table.js";
import { flagNames } from "../../src/apps/cli/flag-values.js";
import { globalFlags } from "../../src/apps/cli/flags.js";
import { hasTerminal, json, onetape, onTerminal, program, scratchFolder, throughShell } from "./cli-process.js";

const scratch = scratchFolder("conventions");
const cwd = scratch.path;
beforeAll(() => {
  expect(onetape(["--version"], { cwd }).code).toBe(0);
});
afterAll(scratch.remove);

const visible = cli.commands.filter(({ hidden }) => hidden !== true);

describe("the command table", () => {
  test("gives every visible command two examples or more of itself and a summary", () => {
    for (const { path, examples, summary, hidden } of cli.commands) {
      expect(summary).not.toBe("");
      for (const { line } of examples) expect(`${line} `.startsWith(`onetape ${path.join(" ")} `)).toBe(true);
      if (hidden !== true) expect(examples.length).toBeGreaterThanOrEqual(2);
    }
  });

  test("uses every flag that is declared, and none twice in a command", () => {
    const taken = cli.commands.flatMap(({ flags }) => flags);
    expect(flagNames().filter((name) => ![...taken, ...globalFlags].includes(name))).toEqual([]);
    for (const { flags } of cli.commands) expect(new Set([...flags, ...globalFlags]).size).toBe(flags.length + globalFlags.length);
  });

  test("has at most one kind of positional argument a command, but for explain, which asks about a thing of a run", () => {
    expect(cli.commands.filter((spec) => spec.arguments.length > 1).map(({ path }) => path.join(" "))).toEqual(["explain"]);
  });
});

describe("help", () => {
  const paths = [[], ...cli.groups.map(({ name }) => [name]), ...visible.map(({ path }) => path)];

  test.each(paths.map((path) => [path.join(" "), path] as const))("of onetape %s goes to stdout and shows examples first", (_, path) => {
    const { code, stdout, stderr } = onetape([...path, "-h"], { cwd });
    expect([code, stderr]).toEqual([0, ""]);
    const examples = stdout.indexOf("\nExamples\n");
    expect(examples).toBeGreaterThan(0);
    for (const title of ["Usage", "Commands", "Flags"]) {
      const later = stdout.indexOf(`\n${title}\n`);
      if (later !== -1) expect(later).toBeGreaterThan(examples);
    }
    expect(stdout).toContain("5 mismatch");
  });

  test("of the bare program and of a bare group is the same as with --help", () => {
    for (const path of [[], ...cli.groups.map(({ name }) => [name])]) {
      const bare = onetape(path, { cwd });
      expect(bare.code).toBe(0);
      expect(bare.stdout).toBe(onetape([...path, "--help"], { cwd }).stdout);
    }
  });

  test("wins over a missing argument, and `help COMMAND` is the same", () => {
    expect(onetape(["completion", "--help"], { cwd })).toMatchObject({ code: 0, stderr: "" });
    expect(onetape(["help", "config", "schema"], { cwd }).stdout).toBe(onetape(["config", "schema", "-h"], { cwd }).stdout);
  });

  test("loads nothing heavy: no database, bundler, validator or YAML parser", () => {
    const report = "export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }";
    const register = `import { register } from "node:module"; register("data:text/javascript,${encodeURIComponent(report)}");`;
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(register)}` };
    const { stderr } = onetape(["--help"], { cwd, env });
    expect(stderr).toContain("cli.js");
    for (const heavy of ["@duckdb", "libsql", "esbuild", "typebox", "node_modules/yaml", "cli-table3"]) expect(stderr).not.toContain(heavy);
  });

  test("is a document for programs with --json", () => {
    const { commands } = json(onetape(["--help", "--json"], { cwd }));
    expect(commands).toHaveLength(visible.length);
  });
});

describe("a mistyped command line", () => {
  test.each([
    [["doctr"], 'there is no command "doctr"; did you mean "doctor"?'],
    [["config", "schma"], 'there is no command "config schma"; did you mean "config schema"?'],
    [["doctor", "--jsn"], "there is no flag --jsn here; did you mean --json?"],
    [["completion"], "the argument SHELL is missing"],
    [["completion", "bash", "zsh"], "there are more arguments than this command takes"],
    [["doctor", "--home"], "the flag --home needs a value"],
    [["completion", "fsh"], 'there is no completion for "fsh"; did you mean fish?'],
    [["help", "docto"], 'there is no command "docto"; did you mean "doctor"?'],
  ])("%j is refused with the nearest name", (args, message) => {
    const human = onetape(args, { cwd });
    expect([human.code, human.stdout]).toEqual([3, ""]);
    expect(human.stderr).toContain(message);
    expect(human.stderr).toMatch(/^next: onetape /m);
    const machine = onetape(["--json", ...args], { cwd });
    expect([machine.code, machine.stderr]).toEqual([3, ""]);
    expect(json(machine)).toMatchObject({
      schema: "onetape.error/1",
      category: "VALIDATION",
      code: "USAGE",
      message: "The command line is not valid.",
    });
    expect(json(machine)["details"]).toMatchObject([{ message: expect.stringContaining(message) }]);
  });

  test.each([["doc"], ["comp"], ["conf"]])("the beginning of a command's name (%s) is not the command", (word) => {
    expect(onetape([word], { cwd }).code).toBe(3);
  });

  test("the beginning of a flag's name is not the flag", () => {
    expect(onetape(["doctor", "--verb"], { cwd }).code).toBe(3);
    expect(onetape(["doctor", "--js"], { cwd }).code).toBe(3);
  });
});

describe("output", () => {
  test("of --json is one document with a schema, on stdout alone", () => {
    for (const args of [["--version"], ["help"], ["config", "show"], ["config", "schema"], ["completion", "bash"], ["doctor"]]) {
      const done = onetape([...args, "--json"], { cwd });
      expect([args, done.code, done.stderr]).toEqual([args, 0, ""]);
      expect(json(done)["schema"]).toMatch(/^onetape\.[a-z-]+\/1$/);
    }
  });

  test("holds no colour in a pipe", () => {
    expect(onetape(["doctor"], { cwd }).stdout).not.toContain("\u001b");
    expect(onetape(["doctr"], { cwd }).stderr).not.toContain("\u001b");
  });

  test.runIf(hasTerminal)("is coloured on a terminal, unless NO_COLOR, TERM=dumb or --no-color speaks against it", () => {
    const line = `${JSON.stringify(process.execPath)} ${JSON.stringify(program)} doctor`;
    expect(onTerminal(line, { cwd }).screen).toContain("\u001b[34mok");
    expect(onTerminal(line, { cwd, env: { NO_COLOR: "1" } }).screen).not.toContain("\u001b");
    expect(onTerminal(line, { cwd, env: { NO_COLOR: "" } }).screen).toContain("\u001b[34mok");
    expect(onTerminal(line, { cwd, env: { TERM: "dumb" } }).screen).not.toContain("\u001b");
    expect(onTerminal(`${line} --no-color`, { cwd }).screen).not.toContain("\u001b");
  });

  test("that nobody reads to the end ends the program quietly", () => {
    const done = throughShell(`${JSON.stringify(process.execPath)} ${JSON.stringify(program)} config schema | head -c 1`, { cwd });
    expect(done).toMatchObject({ code: 0, stdout: "{", stderr: "" });
  });

  test("of an unexpected error keeps its stack for --verbose", () => {
    const plain = onetape(["config", "schema", "--output", join(cwd, "no", "such", "folder.json")], { cwd });
    expect([plain.code, plain.stdout]).toEqual([1, ""]);
    expect(plain.stderr).toContain("error IO: Reading or writing failed.");
    expect(plain.stderr).not.toMatch(/^\s+at /m);
    const verbose = onetape(["config", "schema", "--output", join(cwd, "no", "such", "folder.json"), "--verbose"], { cwd });
    expect(verbose.stderr).toMatch(/^\s+at /m);
  });
});

describe("settings", () => {
  test("that are wrong are refused with file, line and the nearest key", () => {
    const folder = scratchFolder("settings");
    writeFileSync(join(folder.path, "onetape.yaml"), "colour: never\n");
    const done = onetape(["doctor"], { cwd: folder.path });
    folder.remove();
    expect(done.code).toBe(3);
    expect(done.stderr).toContain('onetape.yaml:1:1  /colour  the key "colour" is not known here; did you mean "color"?');
  });
});
