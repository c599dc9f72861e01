const VOID = new Set(["meta", "input", "br", "hr"]);
/** Elements whose text is not markup. */
const RAW = new Set(["script", "style"]);

/** What is wrong with the nesting and the ids of a page; a page that closes every element in order has no complaints. */
export function wellFormed(html: string): readonly string[] {
  const problems: string[] = [];
  const open: string[] = [];
  const ids = new Set<string>();
  const tag = /<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z0-9:_-]+(?:="[^"]*")?)*)\s*(\/?)>|<!doctype html>/g;
  let end = 0;
  for (let match = tag.exec(html); match !== null; match = tag.exec(html)) {
    const between = html.slice(end, match.index);
    if (between.includes("<")) problems.push(`stray < in ${JSON.stringify(between.slice(0, 80))}`);
    end = tag.lastIndex;
    const [, closing, name, attributes = "", selfClosing] = match;
    if (name === undefined) continue;
    if (closing === "/") {
      const expected = open.pop();
      if (expected !== name) problems.push(`</${name}> closes <${expected}>`);
      continue;
    }
    const id = /\sid="([^"]*)"/.exec(attributes)?.[1];
    if (id !== undefined && ids.has(id)) problems.push(`id ${id} twice`);
    if (id !== undefined) ids.add(id);
    if (selfClosing === "/" || VOID.has(name)) continue;
    if (RAW.has(name)) {
      end = html.indexOf(`</${name}>`, tag.lastIndex) + name.length + 3;
      tag.lastIndex = end;
      continue;
    }
    open.push(name);
  }
  return [...problems, ...open.map((name) => `<${name}> is not closed`)];
}
