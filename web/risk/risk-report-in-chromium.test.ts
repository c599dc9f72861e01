import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { describeChromium } from "../../test/support/chromium.js";
import { pagesInChromium } from "../../test/support/page-in-chromium.js";
import { ORIGIN, REPORT_SHAPES, sampleReport } from "../../test/support/risk-report-fixture.js";
import { renderRiskReport } from "./render-risk-report.js";

const screens = [1440, 390].flatMap((width) => (["light", "dark"] as const).map((theme) => ({ width, theme })));
const everywhere = REPORT_SHAPES.flatMap((shape) => screens.map((screen) => ({ shape, ...screen })));

describeChromium("a risk report in Chromium", () => {
  const visit = pagesInChromium(async function* () {
    for (const shape of REPORT_SHAPES) yield [shape, renderRiskReport(await sampleReport(shape), ORIGIN, sha256Bytes)] as const;
  });

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
    { shape: "with a hole", width: 1440, theme: "light" },
    { shape: "bare", width: 390, theme: "dark" },
  ] as const)(
    "$shape at $width pixels, $theme: axe finds nothing serious or critical",
    async ({ shape, width, theme }) => {
      const { page } = await visit(shape, width, theme);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`)).toEqual([]);
      await page.context().close();
    },
    30_000,
  );

  test("prints on A4 without what only a screen needs", async () => {
    const { page } = await visit("usual", 1440, "dark");
    await page.emulateMedia({ media: "print", colorScheme: "light" });
    expect(await page.locator("nav.parts").isVisible()).toBe(false);
    const pdf = await page.pdf({ format: "A4" });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(2);
    expect(pages).toBeLessThan(9);
    await page.context().close();
  });
});

/** Neighbouring labels of an axis whose boxes overlap. */
function collidingLabels(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("svg.plot")].flatMap((plot) => {
      const labels = [...plot.querySelectorAll("text.tick")]
        .map((label) => ({ text: label.textContent, box: label.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0)
        .sort((a, b) => a.box.left - b.box.left);
      return labels.flatMap(({ text, box }, i) => {
        const before = labels[i - 1];
        return before !== undefined && before.box.right > box.left ? [`${before.text} / ${text}`] : [];
      });
    }),
  );
}
