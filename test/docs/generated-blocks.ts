/** What stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->` of a page. @throws {Error} unless both stand there once. */
export function generatedBlock(page: string, name: string): string {
  const { from, to } = edgesOf(page, name);
  return page.slice(from, to);
}

/** The page with other content between the markers. */
export function withGeneratedBlock(page: string, name: string, content: string): string {
  const { from, to } = edgesOf(page, name);
  return page.slice(0, from) + content + page.slice(to);
}

function edgesOf(page: string, name: string): { readonly from: number; readonly to: number } {
  const begin = `<!-- ${name}: begin -->\n`;
  const end = `<!-- ${name}: end -->`;
  if (page.split(begin).length !== 2 || page.split(end).length !== 2) throw new Error(`the markers of "${name}" do not stand once each`);
  return { from: page.indexOf(begin) + begin.length, to: page.indexOf(end) };
}
