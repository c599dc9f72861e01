/**
 * The shell of a page that is one file: everything inside, nothing fetched.
 *
 * The policy in its head allows this page's own script and style by their hashes, and nothing else. All text comes through the
 * components, which escape it; data for the script is JSON in which no tag can begin.
 */
import { script, style } from "onetape:page-assets";
import type { Sha256BytesFn } from "../../src/core/tape/hash.js";

export interface DocumentPage {
  readonly title: string;
  /** HTML that components rendered. */
  readonly body: string;
  /** What the page's script reads; null for a page without a script. */
  readonly data: unknown;
}

export function documentPage({ title, body, data }: DocumentPage, hash: Sha256BytesFn): string {
  const scripts = data === null ? "" : ` script-src ${sourceOf(script, hash)};`;
  const policy = `default-src 'none';${scripts} style-src ${sourceOf(style, hash)}; base-uri 'none'; form-action 'none'`;
  const islands =
    data === null ? [] : [`<script type="application/json" id="page-data">${safeJson(data)}</script>`, `<script>${script}</script>`];
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    withoutMarkers(body),
    ...islands,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** Comments by which a script would find its places again. The islands draw theirs anew, and text cannot hold a comment: its `<` is escaped. */
function withoutMarkers(html: string): string {
  return html.replace(/<!--[\s\S]*?-->/g, "");
}

/** JSON that neither ends its element nor begins another. */
function safeJson(data: unknown): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** How a policy names an element by its text. */
function sourceOf(text: string, hash: Sha256BytesFn): string {
  const bytes = Uint8Array.from(hash([new TextEncoder().encode(text)]).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return `'sha256-${btoa(String.fromCharCode(...bytes))}'`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
