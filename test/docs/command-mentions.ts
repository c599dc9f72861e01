import type { Page } from "./markdown-page.js";

/** A command line that a page shows, split into words. */
export interface MentionedCommand {
  readonly where: string;
  readonly line: string;
  readonly words: readonly string[];
  /** Whether it stands in running text, where a command may be named without its arguments. */
  readonly named: boolean;
}

/** Languages of blocks that hold no command lines. */
const DATA = new Set(["ts", "js", "json", "yaml", "py", "python", "sql", "mermaid"]);

/** Every `onetape …` of a page, in running text and in blocks. */
export function commandsOf({ path, inlineCode, blocks }: Page): readonly MentionedCommand[] {
  const inline = inlineCode.map(({ line, text }) => ({ where: `${path}:${line}`, text, named: true }));
  const shown = blocks
    .filter(({ lang }) => !DATA.has(lang))
    .flatMap((block) => block.text.split("\n").map((text, i) => ({ where: `${path}:${block.line + 1 + i}`, text, named: false })));
  return [...inline, ...shown].flatMap(({ where, text, named }) =>
    separated(text).flatMap((part) => {
      const line = /^(?:try )?(?:npx )?onetape(?: (?!\d)(.*))?$/.exec(part.trim())?.[1];
      return line === undefined ? [] : [{ where, line: part.trim(), words: wordsOf(line), named }];
    }),
  );
}

/** The commands of a shell line; what is substituted into it stands for itself. */
function separated(text: string): readonly string[] {
  const inner = [...text.matchAll(/\$\(([^()]*)\)/g)].map(([, command = ""]) => command);
  const outer = text.replaceAll(/\$\([^()]*\)/g, "VALUE").replaceAll(/'[^']*'/g, (quoted) => quoted.replaceAll(/[|&;<>#]/g, " "));
  return [...inner, outer].flatMap((line) => line.split(/\|\||&&|[|;<>#]|\d?>/));
}

function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare ?? "")
    .filter((word) => !/^(?:…|\.\.\.|\\)$/.test(word));
}
