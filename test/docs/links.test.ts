import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { readPages, root } from "./markdown-page.js";

const pages = readPages();
const byPath = new Map(pages.map((page) => [page.path, page]));

test.each(pages)("every link of $path leads somewhere", ({ path, links, anchors }) => {
  const broken = links
    .filter(({ text }) => !/^[a-z]+:/.test(text))
    .flatMap(({ line, text }) => {
      const [file = "", anchor] = text.split("#");
      const target = file === "" ? path : posix.normalize(posix.join(dirname(path), file));
      if (!existsSync(join(root, target))) return [`${path}:${line}: there is no ${target}`];
      const known = target === path ? anchors : byPath.get(target)?.anchors;
      return anchor === undefined || known?.has(anchor) === true ? [] : [`${path}:${line}: ${target} has no heading #${anchor}`];
    });
  expect(broken).toEqual([]);
});

test("links to other hosts are encrypted", () => {
  expect(
    pages.flatMap(({ path, links }) => links.filter(({ text }) => text.startsWith("http:")).map(({ line }) => `${path}:${line}`)),
  ).toEqual([]);
});

test("every page below docs can be reached from docs/README.md", () => {
  const seen = new Set(["docs/README.md"]);
  for (const path of seen) {
    for (const { text } of byPath.get(path)?.links ?? []) {
      const target = posix.normalize(posix.join(dirname(path), text.split("#")[0] ?? ""));
      if (byPath.has(target)) seen.add(target);
    }
  }
  expect(pages.map(({ path }) => path).filter((path) => path.startsWith("docs/") && !seen.has(path))).toEqual([]);
});
