/** Writes an answer as its rows come: into a file, which is there whole or not at all, or to stdout. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { finished } from "node:stream/promises";
import { spoolAnswer } from "../../adapters/calc-rows/answer-spool.js";
import type { SqlColumn, SqlSink } from "../../adapters/calc-rows/calc-sql.js";
import type { AnswerRows, Sent } from "./answer-rows.js";
import { csvLine, csvLines, objectsOf } from "./calc-answer.js";

export const ANSWER_FORMATS = ["json", "csv", "ndjson", "parquet", "arrow"] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

type Write = (text: string) => Promise<void>;

/** What was written. */
export type Written =
  | { readonly kind: "written"; readonly columns: readonly SqlColumn[]; readonly row_count: number }
  | Extract<Sent, { readonly kind: "refused" }>;

/** @throws where the file cannot be written; nothing is left of it then. */
export async function writeAnswerFile(answer: AnswerRows, format: AnswerFormat, output: string): Promise<Written> {
  const path = resolve(process.cwd(), output);
  const temporary = `${path}.${process.pid}.tmp`;
  const counting = new Counting();
  try {
    const sent =
      format === "parquet" || format === "arrow"
        ? await spoolAnswer(
            temporary,
            format,
            (sink) => answer.send(counting.before(sink)),
            ({ kind }) => kind === "answered",
          )
        : await writeText(answer, format, temporary, counting);
    if (sent.kind === "refused") return sent;
    await rename(temporary, path);
    return { kind: "written", columns: counting.columns, row_count: counting.rows };
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeText(answer: AnswerRows, format: "json" | "csv" | "ndjson", temporary: string, counting: Counting): Promise<Sent> {
  const file = createWriteStream(temporary);
  // A folder that is not there shows when the file is finished.
  const done = finished(file);
  done.catch(() => {});
  const write: Write = async (text) => {
    if (!file.write(text)) await Promise.race([once(file, "drain"), done]);
  };
  try {
    const sent = await answer.send(counting.before(textSink(format, write)));
    if (sent.kind === "answered" && format === "json") await write(counting.rows === 0 ? "[]\n" : "]\n");
    file.end();
    await done;
    return sent;
  } finally {
    // A file that is still being opened would come back after it was removed.
    if (!file.closed) await once(file.destroy(), "close");
  }
}

/** Sends lines to stdout. */
export function streamLines(answer: AnswerRows, format: "csv" | "ndjson", write: Write): Promise<Sent> {
  return answer.send(textSink(format, write));
}

/** Sends one JSON document to stdout: `head`, the columns, the rows, how many there are, and what `tail` adds when they are known. */
export async function streamDocument(
  answer: AnswerRows,
  head: { readonly [field: string]: unknown },
  tail: () => { readonly [field: string]: unknown },
  write: Write,
): Promise<Sent> {
  let begun = false;
  const rows = textSink("json", write);
  const sent = await answer.send({
    onColumns: async (columns) => {
      await rows.onColumns(columns);
      await write(`${JSON.stringify({ ...head, columns }).slice(0, -1)},"rows":`);
    },
    onRows: async (part) => {
      begun ||= part.length > 0;
      await rows.onRows(part);
    },
  });
  if (sent.kind === "refused") return sent;
  const end = JSON.stringify({ row_count: sent.row_count, ...tail() }).slice(1);
  await write(`${begun ? "]" : "[]"},${end}\n`);
  return sent;
}

/** Rows as text; those of `json` as a list without its end. */
function textSink(format: "json" | "csv" | "ndjson", write: Write): SqlSink {
  let columns: readonly SqlColumn[] = [];
  let first = true;
  return {
    onColumns: async (found) => {
      columns = found;
      if (format === "csv") await write(csvLine(found.map(({ name }) => name)));
    },
    onRows: async (rows) => {
      if (rows.length === 0) return;
      if (format === "csv") return write(csvLines(rows));
      const objects = objectsOf({ columns, rows }).map((row) => JSON.stringify(row));
      if (format === "ndjson") return write(`${objects.join("\n")}\n`);
      await write(`${first ? "[" : ","}${objects.join(",")}`);
      first = false;
    },
  };
}

/** Counts what goes into a sink. */
class Counting {
  columns: readonly SqlColumn[] = [];
  rows = 0;

  before(sink: SqlSink): SqlSink {
    return {
      onColumns: (columns) => {
        this.columns = columns;
        return sink.onColumns(columns);
      },
      onRows: (rows) => {
        this.rows += rows.length;
        return sink.onRows(rows);
      },
    };
  }
}
