/** A thread that reads weekly files before their turn: judges them, and writes their rows down as text. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { parentPort } from "node:worker_threads";
import { writeRowText } from "../../adapters/calc-rows/row-text.js";
import { rawColumns, tradeColumns as textColumns } from "../../adapters/calc-rows/week-rows.js";
import { WeeklyFileSource } from "../../adapters/finra/weekly-file-source.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import type { WeekAnswer, WeekWork } from "../../adapters/week-threads/week-messages.js";
import { tradeColumns } from "../../core/calc/finra-otc/trade-columns.js";
import { readWeekAhead } from "../../usecases/read-week-ahead.js";

const port = parentPort;
if (port === null) throw new Error("this file is started as a thread, by whoever takes weekly files");

port.on("message", (work: WeekWork) => {
  void answerTo(work).then((answer) => {
    if (answer.kind !== "read") return port.postMessage(answer);
    const { symbol, venue, shares, trades, line } = answer.rows;
    port.postMessage(
      answer,
      [symbol, venue, shares, trades, line].map(({ buffer }) => buffer as ArrayBuffer),
    );
  });
});

const weekly = new WeeklyFileSource();

async function answerTo({ request, scratch }: WeekWork): Promise<WeekAnswer> {
  try {
    const read = await readWeekAhead({ weekly, hash: sha256 }, request);
    if (read === null) return { kind: "unread" };
    const { content, partition, week, row_set } = read;
    const { rows: raw, ...facts } = content.file;
    await mkdir(dirname(scratch), { recursive: true });
    const lines = await writeRowText(`${scratch}-raw.csv`, rawColumns({ ...facts, rows: raw }), facts.raw_count);
    const text = week.rows.length === 0 ? null : await writeRowText(`${scratch}-week.csv`, textColumns(week.rows), week.rows.length);
    return {
      kind: "read",
      content: { ...content, file: { ...facts, text: lines } },
      partition,
      row_set,
      rows: tradeColumns(week.rows),
      rejects: week.rejects,
      other_tier: week.other_tier,
      text,
    };
  } catch (error) {
    return { kind: "crashed", message: error instanceof Error ? error.message : String(error) };
  }
}
