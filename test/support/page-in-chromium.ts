/** Pages of one test file, opened in Chromium from a folder of their own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { chromiumProgram } from "./chromium.js";

export interface Visit {
  readonly page: Page;
  /** Console messages, errors and requests beyond the file itself. */
  readonly noise: string[];
}

export type OpenPage = (shape: string, width: number, theme: "light" | "dark", javaScriptEnabled?: boolean) => Promise<Visit>;

/** Starts Chromium before the tests of a `describe` and ends it after them. @param pages the text of each page by the name of its shape */
export function pagesInChromium(
  pages: () => AsyncIterable<readonly [shape: string, html: string]> | Iterable<readonly [shape: string, html: string]>,
): OpenPage {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumProgram(), args: ["--no-sandbox"] });
    folder = await mkdtemp(join(tmpdir(), "onetape-page-"));
    for await (const [shape, html] of pages()) await writeFile(join(folder, `${shape}.html`), html);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  return async (shape, width, theme, javaScriptEnabled = true) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, javaScriptEnabled });
    const page = await context.newPage();
    const noise: string[] = [];
    const url = pathToFileURL(join(folder, `${shape}.html`)).href;
    page.on("console", (message) => noise.push(`console ${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
    page.on("request", (request) => {
      if (request.url() !== url) noise.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    return { page, noise };
  };
}
