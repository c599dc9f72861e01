import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { finished } from "node:stream/promises";
import { type SqlColumn, type SqlQuestion, streamSql } from "../../adapters/calc-rows/calc-sql.js";
import { grouped } from "../../core/numeric/grouped.js";
import type { OpenCalculations } from "../library/calculations.js";
import { csvLine, csvLines, objectsOf } from "./calc-answer.js";
import type { CommandResult, Invocation } from "./command.js";
import { failure } from "./failure.js";

/** Formats that need no more than one part of the answer at a time. */
export type StreamedFormat = "csv" | "ndjson";

/** Writes the answer to a question as it comes; a file is there whole or not at all. @param output a path, or `-` for stdout. */
export async function streamAnswer(
  { rows }: OpenCalculations,
  question: SqlQuestion,
  { format, output }: { readonly format: StreamedFormat; readonly output: string },
  { io }: Invocation,
): Promise<CommandResult> {
  const path = output === "-" ? null : resolve(process.cwd(), output);
  const temporary = path === null ? null : `${path}.${process.pid}.tmp`;
  const file = temporary === null ? null : createWriteStream(temporary);
  // A folder that is not there shows when the file is finished.
  const done = file === null ? null : finished(file);
  done?.catch(() => {});
  const write = async (text: string): Promise<void> => {
    if (file === null) await io.write(text);
    else if (!file.write(text)) await Promise.race([once(file, "drain"), done]);
  };
  let columns: readonly SqlColumn[] = [];
  try {
    const outcome = await streamSql(rows, question, {
      onColumns: async (found) => {
        columns = found;
        if (format === "csv") await write(csvLine(found.map(({ name }) => name)));
      },
      onRows: (part) =>
        write(
          format === "csv"
            ? csvLines(part)
            : objectsOf({ columns, rows: part })
                .map((row) => `${JSON.stringify(row)}\n`)
                .join(""),
        ),
    });
    file?.end();
    await done;
    if (outcome.kind === "refused")
      return { kind: "failed", failure: failure("USAGE", outcome.violations, 'onetape calc query --sql "SHOW TABLES"') };
    if (path === null || temporary === null) return { kind: "streamed" };
    await rename(temporary, path);
    const { row_count } = outcome;
    const document = { schema: "onetape.calc-query/1", calc_name: null, versions: [], warnings: [], columns, row_count } as const;
    return {
      kind: "done",
      json: { ...document, path: output, format },
      human: () => `wrote ${io.out.bold(output)}: ${grouped(row_count)} rows\n`,
    };
  } finally {
    file?.destroy();
    if (temporary !== null) await rm(temporary, { force: true });
  }
}
