import fc from "fast-check";
import { expect, test } from "vitest";
import { PlainLines } from "./plain-lines.js";
import { type FileLayout, readHeader, readLine } from "./weekly-file.js";

const HEADERS = [
  "tierDescription|issueSymbolIdentifier|issueName|marketParticipantName|MPID|totalWeeklyShareQuantity|totalWeeklyTradeCount|lastUpdateDate",
  "WeekEnding|Tier|Symbol|MPID|TotalShares|TotalTrades",
  "Symbol|Venue|Date|TotalWeeklyShareVolume|TotalWeeklyTrades|More",
] as const;

function layoutOf(header: string): FileLayout {
  const read = readHeader(header);
  if (read.kind !== "layout") throw new Error(`no layout: ${header}`);
  return read.layout;
}

const cell = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("OTC", "AABB", "OTCN", "2025-12-12", "12", "0", "007") },
  fc.constantFrom("", " ", " A", "A ", "\u00a0A", "\u00e9", "a\tb", "\u0001", "\ufffd", "+5", "-5", "1.5", "1e3", "2025-02-30", "#"),
  fc.constantFrom("999999999999999", "9007199254740991", "9007199254740992"),
  fc.string({ maxLength: 4 }),
);

test("a line that is read at once gives the row that reading it cell by cell gives", () => {
  let plain = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...HEADERS),
      fc.array(fc.array(cell, { minLength: 4, maxLength: 9 }), { maxLength: 8 }),
      (header, lines) => {
        const layout = layoutOf(header);
        const quick = new PlainLines(layout);
        for (const [at, cells] of lines.entries()) {
          const text = cells.slice(0, layout.width).join("|");
          const row = quick.read(text, at + 2);
          if (row === null) continue;
          plain += 1;
          expect({ kind: "row", row }).toEqual(readLine(layout, text, at + 2));
        }
      },
    ),
  );
  expect(plain).toBeGreaterThan(0);
});

test("lines of a real shape are read at once; strange ones are left to the reader of cells", () => {
  const lines = new PlainLines(layoutOf(HEADERS[0]));
  const row = lines.read("OTC|AABB|ASIA BROADBAND INC Common Stock|OTC LINK|OTCN|6753871|171|2026-01-05", 2);
  expect(row).toMatchObject({ tier: "OTC", symbol: "AABB", mpid: "OTCN", shares: 6_753_871, trades: 171, last_update: "2026-01-05" });
  for (const strange of [
    "OTC|AABB|x|y|OTCN|6753871|171",
    "OTC|AABB|x|y|OTCN|6753871|171|2026-01-05|",
    "OTC| AABB|x|y|OTCN|6753871|171|2026-01-05",
    "OTC|AABB|x|y|OTCN|-1|171|2026-01-05",
    "OTC|AABB|x|y|OTCN||171|2026-01-05",
    "OTC|AABB|x|y|OTCN|1|171|2026-02-30",
    "OTC|AABB|caf\u00e9|y|OTCN|1|171|2026-01-05",
  ])
    expect(lines.read(strange, 3), strange).toBeNull();
});
