import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced block. `lang` and `words` follow the opening fence, which stands in `line`, counted from 1. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly lang: string;
  readonly words: readonly string[];
  readonly text: string;
}

/** A piece of running text: inline code, or the target of a link. */
export interface Mention {
  readonly line: number;
  readonly text: string;
}

export interface Page {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly inlineCode: readonly Mention[];
  readonly links: readonly Mention[];
  /** Anchors of its headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
}

const FENCE = /^ *(`{3,})(.*)$/;
const LINK = /!?\[(?:[^\]\\]|\\.)*\]\(([^()\s]+)(?: "[^"]*")?\)/g;

/** Every Markdown page of the repository that readers see: those at its top, and everything below `docs` and `examples`. */
export function readPages(): readonly Page[] {
  const top = readdirSync(root).filter((name) => name.endsWith(".md"));
  const below = ["docs", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  );
  return [...top, ...below].sort().map(readPage);
}

/** @throws {Error} for a fence that is never closed: everything after it would go unchecked. */
export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), "utf8");
  const blocks: Block[] = [];
  const inlineCode: Mention[] = [];
  const links: Mention[] = [];
  const anchors = new Set<string>();
  let open: { readonly fence: string; readonly info: string; readonly line: number; readonly lines: string[] } | null = null;
  text.split("\n").forEach((content, index) => {
    const line = index + 1;
    const fence = FENCE.exec(content);
    if (open !== null) {
      if (content.trim() === open.fence) {
        const [lang = "", ...words] = open.info.trim().split(/\s+/);
        blocks.push({ page: path, line: open.line, lang, words, text: `${open.lines.join("\n")}\n` });
        open = null;
      } else open.lines.push(content);
      return;
    }
    if (fence !== null) {
      open = { fence: fence[1] ?? "", info: fence[2] ?? "", line, lines: [] };
      return;
    }
    const heading = /^#{1,6} +(.*)$/.exec(content)?.[1];
    if (heading !== undefined) anchors.add(freeAnchor(anchorOf(heading), anchors));
    for (const [, code = ""] of content.matchAll(/`([^`]+)`/g)) inlineCode.push({ line, text: code });
    for (const [, target = ""] of content.replaceAll(/`[^`]+`/g, "code").matchAll(LINK)) links.push({ line, text: target });
  });
  const unclosed = open as { readonly line: number } | null;
  if (unclosed !== null) throw new Error(`${path}:${unclosed.line}: the fence is never closed`);
  return { path, text, blocks, inlineCode, links, anchors };
}

/** GitHub's anchor of a heading: lower case, punctuation dropped, spaces to hyphens. */
function anchorOf(heading: string): string {
  const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim();
  return plain
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

/** A heading that stands twice gets a number the second time. */
function freeAnchor(anchor: string, taken: ReadonlySet<string>): string {
  if (!taken.has(anchor)) return anchor;
  for (let n = 1; ; n++) if (!taken.has(`${anchor}-${n}`)) return `${anchor}-${n}`;
}
