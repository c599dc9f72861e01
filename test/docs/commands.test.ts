import { expect, test } from "vitest";
import { program } from "../../src/apps/cli/command-table.js";
import { flagNames, readFlags } from "../../src/apps/cli/flag-values.js";
import { parseCommandLine } from "../../src/apps/cli/program.js";
import { commandsOf } from "./command-mentions.js";
import { readPages } from "./markdown-page.js";

/** The page that is made from the command table says nothing that could be wrong. */
const pages = readPages().filter(({ path }) => path !== "docs/reference/cli.md");

/** Words that stand for what a reader fills in. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(["RUN", "CONFIG", "COMMAND", "FILE", "DIR", "ID", "N", "SHELL"]);

test.each(pages)("every command and flag that $path mentions exists", (page) => {
  const wrong = commandsOf(page).flatMap(({ where, line, words, named }) => {
    if (words[0] === "COMMAND") return [];
    const parsed = parseCommandLine(words, program);
    if (parsed.kind === "invalid" && named && parseCommandLine([...words, "--help"], program).kind === "help") return [];
    if (parsed.kind === "invalid") return [`${where}: ${line}: ${parsed.failure.details[0]?.message ?? ""}`];
    if (parsed.kind !== "command" || words.some((word) => PLACEHOLDERS.has(word))) return [];
    return readFlags(parsed.given).violations.map(({ message }) => `${where}: ${line}: ${message}`);
  });
  expect(wrong).toEqual([]);
});

/** What `npm run bench` takes; its page speaks of no other program. */
const BENCH_FLAGS = ["json", "quick", "tape", "write"];

test.each(pages)("every flag that $path names by itself exists", ({ path, inlineCode }) => {
  const known: ReadonlySet<string> = new Set([...flagNames(), "help", "version", ...(path === "docs/benchmarks.md" ? BENCH_FLAGS : [])]);
  const unknown = inlineCode.flatMap(({ line, text }) => {
    const name = /^--([a-z-]+)/.exec(text)?.[1];
    return name === undefined || known.has(name) ? [] : [`${path}:${line}: --${name}`];
  });
  expect(unknown).toEqual([]);
});

test("the pages mention commands at all", () => {
  expect(pages.flatMap(commandsOf).length).toBeGreaterThan(50);
});
