import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { describeChromium } from "../../test/support/chromium.js";
import { pagesInChromium } from "../../test/support/page-in-chromium.js";
import { SHAPES, sheetFixture } from "../../test/support/sheet-fixture.js";
import { renderTearSheet } from "./render-tear-sheet.js";

const themes = ["light", "dark"] as const;
const widths = [1440, 390] as const;
const screens = widths.flatMap((width) => themes.map((theme) => ({ width, theme })));

describeChromium("a tear sheet in Chromium", () => {
  const visit = pagesInChromium(() =>
    Object.entries(SHAPES).map(([name, shape]) => [name, renderTearSheet(sheetFixture(shape), sha256Bytes)] as const),
  );

  const everywhere = Object.keys(SHAPES).flatMap((shape) => screens.map((screen) => ({ shape, ...screen })));

  test.each(everywhere)(
    "$shape at $width pixels, $theme: no noise, no request, no sideways scroll, no labels that run into each other",
    async ({ shape, width, theme }) => {
      const { page, noise } = await visit(shape, width, theme);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(ground).toBe(theme === "light" ? "rgb(251, 251, 249)" : "rgb(18, 22, 27)");
      expect(await collidingLabels(page)).toEqual([]);
      expect(noise).toEqual([]);
      await page.context().close();
    },
  );

  test.each([
    ...screens.map((screen) => ({ shape: "usual", ...screen })),
    { shape: "under a policy", ...screens[0] },
    { shape: "under a policy", ...screens[3] },
    { shape: "no trade", ...screens[0] },
    { shape: "no bar", ...screens[3] },
  ])("$shape at $width pixels, $theme: axe finds nothing serious or critical", async ({ shape, width = 1440, theme = "light" }) => {
    const { page } = await visit(shape, width, theme);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(
      grave.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map((node) => node.html)
            .join(" | ")}`,
      ),
    ).toEqual([]);
    await page.context().close();
  });

  test("the table of trades sorts, filters and pages by keyboard, and never holds more than eighty rows", async () => {
    const { page, noise } = await visit("usual", 1440, "light");
    const table = page.locator("table.trades");
    const firstCells = async (column: number): Promise<string[]> => table.locator(`tbody tr td:nth-child(${column})`).allTextContents();
    const rows = async (): Promise<number> => table.locator("tbody tr").count();
    expect(await rows()).toBe(50);

    await table.getByRole("button", { name: "Net" }).focus();
    await page.keyboard.press("Enter");
    expect(await table.locator("th[aria-sort=ascending]").innerText()).toContain("Net");
    const ascending = (await firstCells(11)).map(numberOf);
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    await page.keyboard.press("Enter");
    expect(await table.locator("th[aria-sort=descending]").innerText()).toContain("Net");
    const descending = (await firstCells(11)).map(numberOf);
    expect(descending[0]).toBeGreaterThanOrEqual(ascending.at(-1) ?? 0);

    await page.getByLabel("Find").focus();
    await page.keyboard.type("short");
    expect(new Set(await firstCells(3))).toEqual(new Set(["short"]));
    expect(await page.getByRole("status").innerText()).toMatch(/^\d+ trades of \d+$/);
    await page.keyboard.press("Tab");
    await page.keyboard.press("w");
    expect((await firstCells(11)).every((text) => text.startsWith("+"))).toBe(true);

    await page.getByLabel("Find").fill("");
    await page.locator(".controls select").selectOption("all");
    await page.getByRole("button", { name: "Later rows" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(".pager span").innerText()).toMatch(/^2 \/ /);
    expect(await rows()).toBeLessThanOrEqual(80);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test("a chart tells its values under the pointer and by the arrow keys", async () => {
    const { page } = await visit("usual", 1440, "light");
    const figure = page.locator("#chart-equity");
    await figure.locator("svg.plot").hover({ position: { x: 300, y: 100 } });
    expect(await figure.locator(".readout").innerText()).toMatch(
      /^\d{4}-\d{2}-\d{2} \d{2}:\d{2} · Equity [\d.\s]+ · highest [\d.\s]+ · lowest [\d.\s]+$/,
    );
    await figure.locator(".frame").focus();
    await page.keyboard.press("Home");
    const first = await figure.locator(".readout").innerText();
    await page.keyboard.press("ArrowRight");
    const second = await figure.locator(".readout").innerText();
    expect(second > first).toBe(true);
    await page.keyboard.press("Escape");
    expect(await figure.locator(".readout").innerText()).toBe("");
    await page.context().close();
  });

  test("candles zoom by button and by dragging, down to single bars", async () => {
    const { page, noise } = await visit("usual", 1440, "dark");
    const caption = async (): Promise<string> => page.locator("#chart-candles-0 figcaption p").innerText();
    expect(await caption()).toMatch(/Each candle is 256 bars/);
    for (let i = 0; i < 9; i++) await page.getByRole("button", { name: "Zoom in" }).click();
    const zoomed = await caption();
    expect(zoomed).toMatch(/of which a part is shown/);
    await page.getByRole("button", { name: "Later", exact: true }).click();
    expect(await caption()).not.toBe(zoomed);
    await page.getByRole("button", { name: "All" }).click();
    expect(await caption()).toMatch(/Each candle is 256 bars/);
    const box = await page.locator("#chart-candles-0 svg.plot").boundingBox();
    if (box === null) throw new Error("the chart has no place");
    await page.mouse.move(box.x + 200, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 80);
    await page.mouse.up();
    expect(await caption()).toMatch(/of which a part is shown/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test("a metric's name opens its definition in place, and the way back leads to the name", async () => {
    const { page } = await visit("usual", 390, "light");
    const link = page.locator(".headline a[href='#def-sharpe']");
    await link.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    expect(await dialog.innerText()).toContain("The definition of sharpe.");
    await page.keyboard.press("Escape");
    expect(await dialog.count()).toBe(0);
    expect(await link.evaluate((node) => node === document.activeElement)).toBe(true);
    await page.context().close();
  });

  test("the theme can be chosen against the system's, without a script", async () => {
    const { page } = await visit("usual", 390, "light", false);
    await page.locator("#theme-dark").check();
    expect(await page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor)).toBe("rgb(18, 22, 27)");
    await page.context().close();
  });

  test("without a script every figure, table and definition is there", async () => {
    const { page } = await visit("usual", 1440, "light", false);
    expect(await page.locator("figure.chart svg.plot").count()).toBeGreaterThanOrEqual(15);
    expect(await page.locator("figure.chart details.data").count()).toBeGreaterThanOrEqual(15);
    expect(await page.locator("table.trades tbody tr").count()).toBe(50);
    await page.locator(".headline a[href='#def-sharpe']").click();
    expect(page.url()).toMatch(/#def-sharpe$/);
    await page.context().close();
  });

  test("prints on A4 without what only a screen needs", async () => {
    const { page } = await visit("usual", 1440, "dark");
    await page.emulateMedia({ media: "print", colorScheme: "light" });
    expect(await page.locator("nav.parts").isVisible()).toBe(false);
    expect(await page.locator(".controls").first().isVisible()).toBe(false);
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(2);
    expect(pages).toBeLessThan(30);
    await page.context().close();
  });
});

/** Neighbouring labels of an axis whose boxes overlap. */
function collidingLabels(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const plot of document.querySelectorAll("svg.plot")) {
      const labels = [...plot.querySelectorAll("text.tick")]
        .map((label) => ({ text: label.textContent, box: label.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0)
        .sort((a, b) => a.box.left - b.box.left);
      for (const [i, { text, box }] of labels.entries()) {
        const before = labels[i - 1];
        if (before !== undefined && before.box.right > box.left)
          found.push(`${plot.getAttribute("aria-label")?.slice(0, 40)}: ${before.text} / ${text}`);
      }
    }
    return found;
  });
}

function numberOf(text: string): number {
  return Number(text.replaceAll("\u2212", "-").replaceAll(/[\s+]/g, ""));
}
