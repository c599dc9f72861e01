import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "vitest";
import { sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import { makeQualityReport, type QualityReportDocument, type ReportedSeries } from "../../src/core/quality/quality-report.js";
import { describeChromium } from "../../test/support/chromium.js";
import { pagesInChromium } from "../../test/support/page-in-chromium.js";
import { heatMap } from "./quality-views.js";
import { renderQualityPage } from "./render-quality-page.js";

const days = (count: number, missing: (n: number) => number): ReportedSeries["days"] =>
  Array.from({ length: count }, (_, n) => {
    const expected = n === 7 ? 210 : 390;
    const session = new Date(Date.UTC(2024, 0, 2 + n)).toISOString().slice(0, 10);
    return { session, half_day: n === 7, expected, present: Math.max(0, expected - missing(n)) };
  });

function series(symbol: string, own: ReportedSeries["days"], status: "PASS" | "FAIL"): ReportedSeries {
  const of = (key: "expected" | "present"): number => own.reduce((sum, day) => sum + day[key], 0);
  const result = { category: "COMPLETENESS", severity: status === "PASS" ? "INFO" : "ERROR", measured: 0.98, threshold: 0.99 } as const;
  return {
    symbol,
    timeframe: "1m",
    basis: "trade",
    capture_id: "c".repeat(64),
    calendar: "XNYS 2026.11",
    rows: of("present"),
    grade: status === "PASS" ? "A" : "F",
    results: [
      { ...result, check: "m1_completeness", status, subject: symbol, message: "7,700 of 7,800 bars" },
      { ...result, check: "gaps_in_session", status: "WARN", severity: "WARN", subject: symbol, message: "1 <gap> & more" },
    ],
    expected: of("expected"),
    present: of("present"),
    days: own,
    gaps: [{ after: "2024-01-02T17:48:00Z", before: "2024-01-02T19:29:00Z", missing: 100 }],
    gap_count: 3,
    rejects: [{ reason: "out_of_order", count: 4 }],
  };
}

const empty: QualityReportDocument = makeQualityReport("0.0.0", { series: [], files: [], weeks: [], anomalies: [], decisions: [] });
const usual = makeQualityReport("0.0.0", {
  series: [
    series(
      "ACME",
      days(20, (n) => (n === 3 ? 100 : 0)),
      "FAIL",
    ),
    series(
      "DEMO",
      days(80, (n) => (n === 70 ? 390 : n % 9 === 0 ? 2 : 0)),
      "PASS",
    ),
  ],
  files: [
    {
      capture_id: "finra:OTC:2025-12-19:1",
      raw: 50,
      normalised: 48,
      rejected: 2,
      balanced: true,
      grade: "A",
      rejects: [{ reason: "INVALID_SYMBOL", count: 2 }],
    },
    { capture_id: "finra:OTC:2025-12-26:1", raw: 50, normalised: 48, rejected: 1, balanced: false, grade: "B", rejects: [] },
  ],
  weeks: [
    {
      week_ending: "2025-12-26",
      ready_for: { research: true, trading: false, compliance: false },
      certified_for: ["research"],
      blocking_issues: ["partitions are missing: NMS_TIER_1"],
    },
  ],
  anomalies: [
    {
      anomaly_id: "a".repeat(16),
      subject: "ACME",
      check: "m1_completeness",
      severity: "ERROR",
      message: "<b>7,700</b> of 7,800",
      detected_at: "2026-01-02T00:00:00Z",
      resolution: null,
    },
    {
      anomaly_id: "b".repeat(16),
      subject: "DEMO",
      check: "gaps_in_session",
      severity: "WARN",
      message: "1 gap",
      detected_at: "2026-01-02T00:00:00Z",
      resolution: { by: "desk-1", note: "the exchange halted" },
    },
  ],
  decisions: [
    { decided_at: "2026-01-02T00:00:00Z", stage: "import", subject: "c".repeat(64), verdict: "refused", grade: "F" },
    { decided_at: "2026-01-02T00:01:00Z", stage: "backtest", subject: "d".repeat(32), verdict: "passed", grade: "A" },
  ],
});
const SHAPES = { usual, empty };
const screens = [1440, 390].flatMap((width) => (["light", "dark"] as const).map((theme) => ({ width, theme })));
const everywhere = Object.keys(SHAPES).flatMap((shape) => screens.map((screen) => ({ shape, ...screen })));

test("the heat map never rounds up, marks half days, and shows the newest sixty sessions", () => {
  const map = heatMap(usual);
  expect(map.sessions).toHaveLength(60);
  // Day 80 of a series that begins on 2 January 2024.
  expect([map.sessions[0], map.sessions.at(-1)]).toEqual(["2024-03-21", "2024-01-22"]);
  expect(map.session_count).toBe(80);
  const demo = map.rows.find(({ name }) => name === "DEMO 1m")?.cells ?? [];
  // 388 / 390 = 0.9948...
  expect(demo.find((cell) => cell?.says === "2024-03-05: 388 of 390 bars")).toMatchObject({ text: "99", strength: 1 });
  expect(demo.find((cell) => cell?.strength === 4)).toMatchObject({ text: "0", says: "2024-03-12: 0 of 390 bars" });
  const half = heatMap(
    makeQualityReport("0", {
      series: [
        series(
          "HALF",
          days(10, () => 0),
          "PASS",
        ),
      ],
      files: [],
      weeks: [],
      anomalies: [],
      decisions: [],
    }),
  );
  expect(half.rows[0]?.cells.toReversed()[7]).toEqual({ text: "100\u00bd", strength: 0, says: "2024-01-09, half day: 210 of 210 bars" });
});

describeChromium("the page about data quality in Chromium", () => {
  const visit = pagesInChromium(() =>
    Object.entries(SHAPES).map(([name, report]) => [name, renderQualityPage(report, sha256Bytes)] as const),
  );

  test.each(everywhere)(
    "$shape at $width pixels, $theme: no noise, no request, no sideways scroll, and axe finds nothing serious",
    async ({ shape, width, theme }) => {
      const { page, noise } = await visit(shape, width, theme);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(ground).toBe(theme === "light" ? "rgb(251, 251, 249)" : "rgb(18, 22, 27)");
      expect(noise).toEqual([]);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`)).toEqual([]);
      const shots = process.env["ONETAPE_PAGE_SHOTS"];
      if (shots !== undefined) await page.screenshot({ path: join(shots, `quality-${shape}-${width}-${theme}.png`), fullPage: true });
      await page.context().close();
    },
  );

  test("by keyboard: past the frame to the content, and into the heat map to scroll it", async () => {
    const { page } = await visit("usual", 390, "light");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("To the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Completeness by symbol and day, table");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => (document.activeElement?.scrollLeft ?? 0) > 0);
    await page.context().close();
  });

  test.each([
    [1440, 20],
    [390, 4],
  ])("at %i pixels the newest days are on the screen before anybody scrolls: at least %i", async (width, least) => {
    const { page } = await visit("usual", width, "light");
    const shown = await page.evaluate(() => {
      const within = document.querySelector("#chart-heat .scroll")?.getBoundingClientRect();
      return [...document.querySelectorAll("#chart-heat thead th[title]")]
        .filter(
          (head) =>
            head.getBoundingClientRect().right <= Math.min(within?.right ?? 0, innerWidth) && head.getBoundingClientRect().left >= 0,
        )
        .map((head) => head.getAttribute("title"));
    });
    expect(shown.length).toBeGreaterThanOrEqual(least);
    expect(shown[0]).toBe("2024-03-21");
    expect(shown).toEqual([...shown].sort().reverse());
    await page.context().close();
  });

  test("text of data is text, never markup", async () => {
    const { page } = await visit("usual", 1440, "light");
    expect(await page.locator("#anomalies").innerText()).toContain("<b>7,700</b> of 7,800");
    expect(await page.locator("#anomalies b").count()).toBe(0);
    await page.context().close();
  });
});
