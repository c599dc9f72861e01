import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { sha256Bytes } from "../../src/adapters/node-hash/sha256.js";
import type { TearSheet } from "../../src/core/report/tear-sheet.js";
import { SHAPES, sheetFixture } from "../../test/support/sheet-fixture.js";
import { wellFormed } from "../../test/support/well-formed.js";
import { renderTearSheet } from "./render-tear-sheet.js";

const page = (sheet: TearSheet): string => renderTearSheet(sheet, sha256Bytes);
const pages = Object.entries(SHAPES).map(([name, shape]) => [name, page(sheetFixture(shape))] as const);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64");

describe.each(pages)("the page of a run: %s", (_, html) => {
  test("is well-formed, with every id once", () => {
    expect(wellFormed(html)).toEqual([]);
  });

  test("refers to nothing outside of itself", () => {
    const references = [...html.matchAll(/\s(?:src|href|action|data|poster|srcset|xlink:href)="([^"]*)"/g)].map((match) => match[1]);
    expect(references.filter((reference) => !reference?.startsWith("#"))).toEqual([]);
    expect(html).not.toMatch(/url\(|@import|<(?:link|iframe|object|embed|base|img)\b/);
    for (const [, id] of html.matchAll(/\shref="#([^"]+)"/g)) expect(html).toContain(`id="${id}"`);
  });

  test("allows its own script and style by their hashes and nothing else", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
    expect(policy).toBe(
      `default-src 'none'; script-src 'sha256-${sha256(script)}'; style-src 'sha256-${sha256(style)}'; base-uri 'none'; form-action 'none'`,
    );
    expect(html.replace(/<script>[\s\S]*?<\/script>/, "")).not.toMatch(/\s(?:style|on[a-z]+)="/);
  });

  test("has no number that is none", () => {
    const body = html.slice(html.indexOf("<body>"), html.indexOf("<script"));
    expect(body).not.toMatch(/NaN|Infinity|undefined|\[object|>null</);
  });

  test("carries eighty rows at most in any table", () => {
    for (const [table] of html.matchAll(/<tbody>[\s\S]*?<\/tbody>/g)) expect(table.split("<tr>").length - 1).toBeLessThanOrEqual(80);
  });
});

describe("the section of a risk policy", () => {
  test("is there for a run under one alone, with its limits, refusals, closest calls and halts", () => {
    expect(page(sheetFixture(SHAPES.usual))).not.toContain('id="risk"');
    const html = page(sheetFixture(SHAPES["under a policy"]));
    const section = html.slice(html.indexOf('<section id="risk">'), html.indexOf('<section id="metrics">'));
    for (const said of [
      "desk+vibe",
      "2".repeat(64),
      "contracts enforced, data observed only, guards enforced",
      "exposure in group FX_ENERGY",
      "drawdown, kill level",
      "\u25B2 120.0 %",
      "DAILY_FREEZE_ACTIVE",
      "only observed",
      "signal left without a size",
      "O12 changed, buy 800 DEMO",
      "kill switch",
      "told log, email",
      "at 89 of 90 session closes",
      "The last 60 of 90 session days.",
    ])
      expect(section).toContain(said);
  });
});

describe("the page of a tear sheet", () => {
  test("is the same text for the same sheet", () => {
    expect(page(sheetFixture(SHAPES.usual))).toBe(page(sheetFixture(SHAPES.usual)));
  });

  test("escapes whatever comes from data, in the page and in the data of its script", () => {
    const evil = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'&\u2028<!--`;
    const html = page(sheetFixture({ ...SHAPES.usual, symbol: evil, strategy: evil }));
    expect(wellFormed(html)).toEqual([]);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img src=x onerror=alert(2)>");
  });

  test("says why a metric has no value, and how sure one of a short sample is", () => {
    const none = page(sheetFixture(SHAPES["no bar"]));
    expect(none).toMatch(/n\/a[\s\S]{0,120}too few returns/);
    expect(page(sheetFixture(SHAPES["two sessions"]))).toContain("1.57 ± 3.48");
  });

  test("shows guesses and warnings by a word and a sign, not by colour", () => {
    const html = page(sheetFixture(SHAPES.usual));
    expect(html).toContain("GUESS");
    expect(html).toContain("SYNTHETIC BARS");
  });

  test("carries all trades of a run up to five thousand, and says how many it leaves out beyond", () => {
    const sheet = sheetFixture({ sessions: 400, bars: 41, every: 3 });
    expect(sheet.trades.length).toBeGreaterThan(5000);
    expect(page(sheet)).toContain(`"trades_left_out":${sheet.trades.length - 5000}`);
  });
});
