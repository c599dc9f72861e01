import type { Style } from "../../adapters/terminal/style.js";
import { wrapped } from "../../adapters/terminal/wrapped.js";
import type { CommandSpec, GroupSpec } from "./command.js";
import type { FlagName } from "./flag-names.js";
import { flagSpec, flagUsage, globalFlags } from "./flags.js";

const exitCodes = "0 ok, 1 failure, 2 partial, 3 usage or validation, 4 gate refused, 5 mismatch, 130 Ctrl-C, 143 SIGTERM";

/** `onetape data import FILE... [flags]` */
export function usageOf({ path, arguments: args }: CommandSpec): string {
  const words = args.map(({ name, required, variadic }) => {
    const word = variadic === true ? `${name}...` : name;
    return required ? word : `[${word}]`;
  });
  return ["onetape", ...path, ...words, "[flags]"].join(" ");
}

/** Help of one command: examples come first, since they are what most readers look for. */
export function commandHelp(spec: CommandSpec, style: Style, table: readonly CommandSpec[] = []): string {
  const below = table.filter(({ path }) => path.length > spec.path.length && spec.path.every((word, index) => path[index] === word));
  const { summary, details = [], arguments: args, examples } = spec;
  const blocks = [
    `${style.bold(["onetape", ...spec.path].join(" "))}  ${summary}`,
    section(
      "Examples",
      examples.flatMap(({ line, says }) => [`  ${line}`, style.dim(`      ${says}`)]),
      style,
    ),
    section("Usage", [`  ${usageOf(spec)}`], style),
    ...details.map((paragraph) => wrapped(paragraph, 100)),
    section("Commands", pairs(below.map((member) => [member.path.join(" "), member.summary])), style),
    section("Arguments", pairs(args.map(({ name, says }) => [name, says])), style),
    section("Flags", pairs(spec.flags.map((name) => flagRow(name, spec.flagsSay?.[name]))), style),
    section("Flags of every command", everywhere(), style),
    `${style.bold("Exit codes")}  ${exitCodes}`,
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** Help of a group, and of the program itself. */
export function listHelp(
  title: string,
  summary: string,
  examples: CommandSpec["examples"],
  commands: readonly (readonly [string, string])[],
  style: Style,
): string {
  const blocks = [
    `${style.bold(title)}  ${summary}`,
    section(
      "Examples",
      examples.flatMap(({ line, says }) => [`  ${line}`, style.dim(`      ${says}`)]),
      style,
    ),
    section("Commands", pairs(commands), style),
    section("Flags of every command", everywhere(), style),
    `${style.bold("Exit codes")}  ${exitCodes}`,
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** First level of commands: groups once, commands without a group as they are. */
export function topLevel(table: readonly CommandSpec[], groups: readonly GroupSpec[]): readonly (readonly [string, string])[] {
  const seen = new Set<string>();
  const rows: (readonly [string, string])[] = [];
  for (const { path, summary, hidden } of table) {
    const [word = ""] = path;
    if (hidden === true || seen.has(word)) continue;
    seen.add(word);
    const group = groups.find(({ name }) => name === word);
    const members = table.filter((spec) => spec.path[0] === word && spec.path.length > 1).map((spec) => spec.path[1]);
    rows.push([word, group === undefined ? summary : `${group.summary}: ${members.join(", ")}`]);
  }
  return rows;
}

function section(title: string, lines: readonly string[], style: Style): string {
  return lines.length === 0 ? "" : `${style.bold(title)}\n${lines.join("\n")}`;
}

function everywhere(): readonly string[] {
  return pairs([...globalFlags.map((name) => flagRow(name)), ["-h, --help", "this help"]]);
}

function flagRow(name: FlagName, own?: string): readonly [string, string] {
  const { says: usual, choices } = flagSpec(name);
  const says = own ?? usual;
  return [flagUsage(name), choices === undefined ? says : `${says} (${choices.join(", ")})`];
}

function pairs(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, says]) => `  ${name.padEnd(width)}  ${says}`);
}
