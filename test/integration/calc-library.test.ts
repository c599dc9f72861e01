/** Calculations as a program uses them: through the package's entry. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ArrowFile } from "../../src/adapters/arrow/arrow-file.js";
import {
  answerSql,
  currentVersions,
  ingestWeek,
  normaliseCapture,
  openCalculations,
  queryCalculation,
  runCalculations,
} from "../../src/index.js";
import { compactFile } from "../support/finra-week.js";

const WEEK = "2025-12-26";

test("a week is taken, computed, asked for, and still there in the next process", async () => {
  const home = mkdtempSync(join(tmpdir(), "onetape-calc-library-"));
  const path = join(home, `week_${WEEK}.psv`);
  writeFileSync(
    path,
    compactFile(WEEK, [
      ["A", "ETRD", 1_500, 2],
      ["A", "SCHW", 500, 1],
    ]),
  );
  const open = async (mode: "read" | "write") => {
    const opened = await openCalculations({ home, store: "sqlite" }, { mode, now: () => Date.parse("2025-12-30T10:00:00Z") });
    if ("kind" in opened) throw new Error(JSON.stringify(opened));
    return opened;
  };
  const writing = await open("write");
  const { ports, log, registry } = writing;
  const taken = await ingestWeek(ports, log, { path, tier: "OTC" });
  expect(taken).toMatchObject({ kind: "ingested", capture_id: "finra.otc_transparency:OTC:2025-12-26:e9a0bc" });
  if (taken.kind === "ingested") await normaliseCapture(ports, log, taken.capture_id);
  const ran = await runCalculations(ports, log, registry, { calc: "venue_share", weeks: [WEEK], tiers: ["OTC"] }, async () => {});
  expect(ran).toMatchObject({ processed: 1, exit_code: 0 });
  await writing.close();
  const reading = await open("read");
  const answer = await queryCalculation(reading.ports, reading.log, reading.registry, {
    calc: "venue_share",
    where: { week_ending: WEEK },
  });
  if (answer.kind === "refused") throw new Error(JSON.stringify(answer));
  expect(answer.rows.map((row) => [row["mpid"], row["market_share_pct"]])).toEqual([
    ["ETRD", "0.75"],
    ["SCHW", "0.25"],
  ]);
  const sql = "SELECT mpid, rank FROM finra_otc_transparency_venue_share_latest ORDER BY rank";
  const current = currentVersions(reading.log, reading.registry);
  expect(await answerSql(reading.rows, { sql, current, entries: reading.registry.entries })).toMatchObject({
    rows: [
      ["ETRD", 1],
      ["SCHW", 2],
    ],
  });
  await reading.close();
  rmSync(home, { recursive: true, force: true });
});

test("an Arrow file begins and ends as the format wants, and its footer tells each batch", () => {
  const file = new ArrowFile([
    { name: "symbol", type: "utf8" },
    { name: "shares", type: "decimal" },
  ]);
  const pieces = [
    file.head(),
    file.batch([
      ["A", "10"],
      [null, null],
    ]),
    file.batch([["B", "-7"]]),
    file.end(),
  ];
  const bytes = Buffer.concat(pieces);
  const text = bytes.toString("latin1");
  expect([text.slice(0, 8), text.slice(-6)]).toEqual(["ARROW1\0\0", "ARROW1"]);
  const footer = bytes.subarray(bytes.length - 10 - bytes.readInt32LE(bytes.length - 10), bytes.length - 10);
  // A block of the footer: where its batch begins, as 64 bits.
  const starts = [pieces[0]?.length ?? 0, (pieces[0]?.length ?? 0) + (pieces[1]?.length ?? 0)];
  for (const start of starts) {
    const place = Buffer.alloc(8);
    place.writeBigInt64LE(BigInt(start));
    expect(footer.includes(place)).toBe(true);
    // Each message begins with the mark of the format.
    expect(bytes.readInt32LE(start)).toBe(-1);
  }
});
