import { Command as Commander, CommanderError, Option } from "commander";
import { nearestName } from "../../core/quality/nearest-name.js";
import type { CommandSpec, GroupSpec, Program } from "./command.js";
import { type Failure, failureOf } from "./failure.js";
import type { FlagName } from "./flag-names.js";
import { flagNames } from "./flag-values.js";
import { flagSpec, globalFlags } from "./flags.js";
import { usageOf } from "./help-text.js";

/** What a command line asks for. */
export type Parsed =
  | {
      readonly kind: "command";
      readonly spec: CommandSpec;
      readonly args: readonly string[];
      readonly given: { readonly [name: string]: unknown };
    }
  | { readonly kind: "help"; readonly path: readonly string[]; readonly given: { readonly [name: string]: unknown } }
  | { readonly kind: "version"; readonly given: { readonly [name: string]: unknown } }
  | { readonly kind: "invalid"; readonly failure: Failure };

/** Reads a command line by the command table. Executes nothing, and never takes the beginning of a name for the name. */
export function parseCommandLine(argv: readonly string[], { commands: table, groups }: Pick<Program, "commands" | "groups">): Parsed {
  const wantsHelp = asksForHelp(argv);
  const words = wantsHelp ? argv.filter((word) => word !== "-h" && word !== "--help") : argv;
  const found: Parsed[] = [];
  const program = asParser(new Commander("onetape"));
  program.option("-V, --version");
  for (const name of globalFlags) program.addOption(toOption(name));
  const openTo = (command: Commander, path: readonly string[]): void => {
    // Words that name nothing reach the action, so that a mistyped command is told before a mistyped flag.
    command.allowExcessArguments(true).allowUnknownOption(true);
    command.action(() => {
      const given = byFlagName(command.optsWithGlobals());
      const [word] = command.args;
      if (word !== undefined) found.push({ kind: "invalid", failure: unknownWord(word, path, table, groups) });
      else found.push(command.optsWithGlobals()["version"] === true ? { kind: "version", given } : { kind: "help", path, given });
    });
  };
  openTo(program, []);
  const parents = new Map<string, Commander>([["", program]]);
  for (const { name } of groups) {
    const group = asParser(program.command(name));
    openTo(group, [name]);
    parents.set(name, group);
  }
  for (const spec of table) {
    const parent = parents.get(spec.path.length > 1 ? (spec.path[0] ?? "") : "");
    if (parent === undefined) throw new Error(`the command ${spec.path.join(" ")} belongs to no group`);
    const command = asParser(parent.command(spec.path.at(-1) ?? ""));
    // A command may have commands below it, such as `sweep` and `sweep list`.
    if (spec.path.length === 1) parents.set(spec.path[0] ?? "", command);
    for (const { name, required, variadic } of spec.arguments) {
      const word = variadic === true ? `${name}...` : name;
      // Help must not fail for want of an argument.
      command.argument(required && !wantsHelp ? `<${word}>` : `[${word}]`);
    }
    for (const name of spec.flags) command.addOption(toOption(name));
    command.action(() => {
      const given = byFlagName(command.optsWithGlobals());
      // A flag of the command above is read there, but means nothing here.
      const allowed = [...spec.flags, ...globalFlags];
      const strange = flagNames().find((name) => given[name] !== undefined && given[name] !== false && !allowed.includes(name));
      if (strange !== undefined && !wantsHelp)
        found.push({ kind: "invalid", failure: unknownFlag(`--${strange}`, allowed, `onetape ${spec.path.join(" ")} --help`) });
      else found.push(wantsHelp ? { kind: "help", path: spec.path, given } : { kind: "command", spec, args: command.args, given });
    });
  }
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "invalid", failure: usageFailure(error, specOf(words, table), table) };
  }
  return found[0] ?? { kind: "help", path: [], given: {} };
}

/** Whether a command line asks for help anywhere before `--`. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end === -1 ? argv.length : end).some((word) => word === "-h" || word === "--help");
}

/** The parser only reads: errors come as exceptions, and it prints nothing. */
function asParser(command: Commander): Commander {
  return command
    .helpOption(false)
    .helpCommand(false)
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
}

function toOption(name: FlagName): Option {
  const { short, value, kind } = flagSpec(name);
  const option = new Option(`${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` <${value}>`}`);
  return kind === "list" ? option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]) : option;
}

/** The parser files `--no-tape` as `tape: false` and `--price-mode` as `priceMode`. */
function byFlagName(options: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } {
  const camel = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    flagNames().map((name) => [name, name.startsWith("no-") ? options[camel(name.slice(3))] === false : options[camel(name)]]),
  );
}

/** The longest run of leading words that names a command. */
function specOf(argv: readonly string[], table: readonly CommandSpec[]): CommandSpec | undefined {
  const words = argv.filter((word) => !word.startsWith("-"));
  const named = table.filter(({ path }) => path.length > 0 && path.every((part, index) => words[index] === part));
  return named.reduce<CommandSpec | undefined>(
    (longest, spec) => (spec.path.length > (longest?.path.length ?? 0) ? spec : longest),
    undefined,
  );
}

function unknownWord(word: string, path: readonly string[], table: readonly CommandSpec[], groups: readonly GroupSpec[]): Failure {
  const asked = ["onetape", ...path, "--help"].join(" ");
  if (word.startsWith("-")) return unknownFlag(word, [...globalFlags], asked);
  const visible = table.filter(({ hidden }) => hidden !== true);
  const known =
    path.length === 0
      ? [...groups.map(({ name }) => name), ...visible.map((spec) => spec.path[0] ?? "")]
      : visible.filter((spec) => spec.path[0] === path[0]).map((spec) => spec.path[1] ?? "");
  const near = nearestName(word, known);
  const full = [...path, word].join(" ");
  const next = near === null ? asked : ["onetape", ...path, near, "--help"].join(" ");
  const hint = near === null ? "" : `; did you mean "${[...path, near].join(" ")}"?`;
  return failureOf("USAGE", `there is no command "${full}"${hint}`, next, { value: word, ...(near === null ? {} : { expected: near }) });
}

function unknownFlag(flag: string, known: readonly FlagName[], next: string): Failure {
  const name = flag.replace(/^-+/, "").replace(/=.*$/, "");
  const near = flag.startsWith("--") ? nearestName(name, [...known, "help", "version"]) : null;
  const hint = near === null ? "" : `; did you mean --${near}?`;
  return failureOf("USAGE", `there is no flag ${flag.replace(/=.*$/, "")} here${hint}`, next, {
    value: flag,
    ...(near === null ? {} : { expected: `--${near}` }),
  });
}

function usageFailure(error: CommanderError, spec: CommandSpec | undefined, table: readonly CommandSpec[]): Failure {
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  const next = spec === undefined ? "onetape --help" : `onetape ${spec.path.join(" ")} --help`;
  if (error.code === "commander.unknownOption") {
    const known = spec === undefined ? table.flatMap(({ flags }) => flags) : spec.flags;
    return unknownFlag(name, [...known, ...globalFlags], next);
  }
  if (error.code === "commander.optionMissingArgument")
    return failureOf(
      "USAGE",
      `the flag ${
        name
          .split(" ")
          .find((word) => word.startsWith("--"))
          ?.replace(/,$/, "") ?? name
      } needs a value`,
      next,
    );
  const usage = spec === undefined ? {} : { expected: usageOf(spec) };
  if (error.code === "commander.missingArgument")
    return failureOf("USAGE", `the argument ${name.replace("...", "")} is missing`, next, usage);
  if (error.code === "commander.excessArguments")
    return failureOf("USAGE", "there are more arguments than this command takes", next, usage);
  return failureOf("USAGE", error.message.replace(/^error: /, ""), next, usage);
}
