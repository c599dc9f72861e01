import { describe, expect, test } from "vitest";
import { gridOf, pointsOf } from "../../../test/support/sweep-points.js";
import { heatMapOf } from "../../core/sweep/heat-map.js";
import { summarise } from "../../core/sweep/sweep-summary.js";
import { rampColour } from "./colour-ramp.js";
import { heatMapSvg } from "./heat-map-svg.js";
import { shortNumber } from "./number-text.js";
import { sweepPage } from "./sweep-page.js";

const SHARPE = { metric: "sharpe", goal: "max" } as const;
const grid = gridOf({ fast: [5, 6, 7], slow: [20, 30] });
const points = pointsOf(grid, [1, 2, -0.5, null, 1.9, 0.2]);
const map = heatMapOf(grid, points, SHARPE, 2);

/** Names of the elements of a text, each opened as often as closed. */
function elementsOf(text: string): ReadonlyMap<string, number> {
  const open: string[] = [];
  const counts = new Map<string, number>();
  for (const [, closing, name = "", rest = ""] of text.matchAll(/<(\/?)([a-z]+)([^>]*)>/g)) {
    if (closing === "/") expect(open.pop()).toBe(name);
    else {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (!rest.endsWith("/")) open.push(name);
    }
  }
  expect(open).toEqual([]);
  return counts;
}

describe("the picture of a heat map", () => {
  test("is one whole SVG with a cell a point, each with its value as a title", () => {
    const svg = heatMapSvg(map);
    const elements = elementsOf(svg.replace(/<style>.*?<\/style>/s, ""));
    // The picture's own title, and one a cell.
    expect(elements.get("title")).toBe(1 + 6);
    expect(svg).toContain("<title>slow 30, fast 5: 2 (point 2)</title>");
    expect(svg).toContain("<title>slow 30, fast 6: failed (point 4)</title>");
    expect(svg).toContain('aria-label="sharpe over slow and fast: 5 values from \u22120.5');
  });

  test("frames the chosen point thickly, near neighbours thinly, worse ones dashed", () => {
    const svg = heatMapSvg(map);
    expect(svg.match(/class="hm-frame"[^>]*stroke-width="3"/g)).toHaveLength(1);
    // Of point 2: neighbours 1 (1), 3 (-0.5) and 4 (failed), none within a tenth.
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(3);
    const flat = heatMapSvg(heatMapOf(grid, pointsOf(grid, [2, 2, 2, 2, 2, 2]), SHARPE, 2));
    expect(flat).not.toContain("stroke-dasharray");
    expect(flat.match(/class="hm-frame"/g)).toHaveLength(4);
  });

  test("is bright where the value is good, also where small is good", () => {
    const bright = rampColour(1).fill;
    const cellOf = (svg: string, title: string) => svg.split("\n").find((line) => line.includes(`<title>${title}`)) ?? "";
    expect(cellOf(heatMapSvg(map), "slow 30, fast 5")).toContain(bright);
    const small = heatMapOf(grid, points, { metric: "sharpe", goal: "min" }, 3);
    expect(cellOf(heatMapSvg(small), "slow 20, fast 6")).toContain(bright);
  });

  test("takes names and values as text, whatever they hold", () => {
    const odd = gridOf({ "<b>": ['"&', "x"] });
    const svg = heatMapSvg(heatMapOf(odd, pointsOf(odd, [1, 2]), SHARPE, 2));
    elementsOf(svg.replace(/<style>.*?<\/style>/s, ""));
    expect(svg).toContain("&lt;b&gt; &quot;&amp;: 1");
  });

  test("of many cells leaves the numbers to the titles, and says so when nothing has a value", () => {
    const large = gridOf({ fast: Array.from({ length: 40 }, (_, i) => i), slow: Array.from({ length: 40 }, (_, i) => i) });
    const svg = heatMapSvg(
      heatMapOf(
        large,
        pointsOf(
          large,
          Array.from({ length: 1600 }, (_, i) => i),
        ),
        SHARPE,
        1600,
      ),
    );
    expect(svg).not.toContain('hm-number" x=');
    expect(heatMapSvg(heatMapOf(grid, [], SHARPE, null))).toContain("no point has a value");
  });
});

describe("the page of a sweep", () => {
  const facts = {
    sweep_id: "0".repeat(32),
    strategy: "ema <1>",
    bars: 100,
    points: 6,
    summary: summarise({ ...grid, periods_per_year: 252 }, points, SHARPE, 0),
  };
  const page = sweepPage(map, facts);

  test("needs no network and no script", () => {
    expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<script|@import|url\((?!#)/);
  });

  test("states stability, trials and deflation, and holds every value as a table", () => {
    expect(page).toContain("0 of 3 neighbours (0 %)");
    expect(page).toContain("the largest to expect among 5 worthless trials");
    expect(page.match(/<th scope="col">/g)).toHaveLength(3);
    expect(page).toContain("<td>failed</td>");
    expect(page).toContain("ema &lt;1&gt;");
  });
});

test("the ramp climbs evenly from dark to bright and keeps its ink readable", () => {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let before = -1;
  for (let i = 0; i <= 100; i++) {
    const { fill, ink } = rampColour(i / 100);
    const [low, high] = [luminance(fill), luminance(ink)].sort((a, b) => a - b);
    expect(luminance(fill)).toBeGreaterThanOrEqual(before);
    // WCAG 2.2, 1.4.3: text of this size needs 4.5 to 1.
    expect(((high ?? 0) + 0.05) / ((low ?? 0) + 0.05), `at ${i}`).toBeGreaterThan(4.5);
    before = luminance(fill);
  }
});

test.each([
  [0, "0"],
  [-0.00001, "0.0000"],
  [1234.5, "1,234"],
  [-1234567, "\u22121,234,567"],
  [99.95, "99.95"],
  [0.12345, "0.123"],
  [-2.868, "\u22122.87"],
])("%d is written %s", (value, text) => {
  expect(shortNumber(value)).toBe(text);
});
