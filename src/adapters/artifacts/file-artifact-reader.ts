import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EquityCurve } from "../../core/projections/equity-curve.js";
import type { RowOf, TableSchema } from "../../core/projections/table.js";
import type { ArtifactReader, ReadArtifact } from "../../ports/artifact-reader.js";
import { readColumnFile } from "./column-file.js";
import { parseCsvTable } from "./csv-table.js";

/** Artifacts as `FileArtifactWriter` leaves them. */
export const fileArtifactReader: ArtifactReader = {
  async readTable<S extends TableSchema>(dir: string, schema: S): Promise<ReadArtifact<readonly RowOf<S>[]>> {
    const text = await readFile(join(dir, `${schema.name}.csv`), "utf8").catch(absent);
    return text === null ? missing(`${schema.name}.csv`) : parseCsvTable(schema, text);
  },
  async readCurve(dir: string, name: string): Promise<ReadArtifact<EquityCurve>> {
    const bytes = await readFile(join(dir, `${name}.columns`)).catch(absent);
    return bytes === null ? missing(`${name}.columns`) : readColumnFile(name, bytes);
  },
};

function missing(file: string): { readonly kind: "unreadable"; readonly problem: string } {
  return { kind: "unreadable", problem: `${file} is missing` };
}

/** Turns "there is no such file" into null and lets every other error through. */
function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
