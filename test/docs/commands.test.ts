import { expect, test } from "vitest";
import { commandTable, groups } from "../../src/apps/cli/command-table.js";
import { readFlags } from "../../src/apps/cli/flag-values.js";
import { parseCommandLine } from "../../src/apps/cli/program.js";
import { commandsOf } from "./command-mentions.js";
import { readPages } from "./markdown-page.js";

/** The page that is made from the command table says nothing that could be wrong. */
const pages = readPages().filter(({ path }) => path !== "docs/reference/cli.md");

/** Words that stand for what a reader fills in. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(["RUN", "CONFIG", "COMMAND", "FILE", "DIR", "ID", "N", "SHELL"]);

test.each(pages)("every command and flag that $path mentions exists", (page) => {
  const wrong = commandsOf(page).flatMap(({ where, line, words }) => {
    if (words[0] === "COMMAND") return [];
    const parsed = parseCommandLine(words, commandTable, groups);
    if (parsed.kind === "invalid") return [`${where}: ${line}: ${parsed.failure.details[0]?.message ?? ""}`];
    if (parsed.kind !== "command" || words.some((word) => PLACEHOLDERS.has(word))) return [];
    return readFlags(parsed.given).violations.map(({ message }) => `${where}: ${line}: ${message}`);
  });
  expect(wrong).toEqual([]);
});

test("the pages mention commands at all", () => {
  expect(pages.flatMap(commandsOf).length).toBeGreaterThan(50);
});
