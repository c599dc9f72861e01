/** Writes a tear sheet beside its run, or where it is wanted. What is there already with the same bytes stays as it is. */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Table } from "../core/projections/table.js";
import type { ReportInput } from "../core/report/report-input.js";
import { reportTables } from "../core/report/report-tables.js";
import type { TearSheet } from "../core/report/tear-sheet.js";
import type { Sha256BytesFn } from "../core/tape/hash.js";
import type { ArtifactWriter } from "../ports/artifact-writer.js";
import type { ReportRenderer } from "../ports/report-renderer.js";
import { writeFileAtomically } from "./workspace.js";

export type ReportFormat = "html" | "json" | "csv" | "parquet";

export interface WriteReportPorts {
  readonly renderer: ReportRenderer;
  readonly artifacts: ArtifactWriter;
  readonly hashBytes: Sha256BytesFn;
}

export interface WrittenReport {
  /** The file, or the folder of the tables. */
  readonly path: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[];
  /** True when every file was there with the same bytes. */
  readonly unchanged: boolean;
}

/** The document as text, as `--format json` and `--format html` print it. */
export async function reportText(ports: Pick<WriteReportPorts, "renderer">, sheet: TearSheet, format: "html" | "json"): Promise<string> {
  return format === "html" ? ports.renderer.page(sheet) : `${JSON.stringify(sheet)}\n`;
}

/** Writes one document. */
export async function writeDocument(ports: Pick<WriteReportPorts, "hashBytes">, path: string, text: string): Promise<WrittenReport> {
  const bytes = Buffer.from(text);
  const unchanged = (await present(path))?.equals(bytes) === true;
  if (!unchanged) await writeFileAtomically(path, (temporary) => writeFile(temporary, bytes));
  return { path, files: [{ path, sha256: ports.hashBytes([bytes]), bytes: bytes.length }], unchanged };
}

/** Writes every table of the sheet into a folder. Other files in it stay. */
export async function writeTables(
  ports: WriteReportPorts,
  dir: string,
  { input, sheet }: { readonly input: ReportInput; readonly sheet: TearSheet },
  format: "csv" | "parquet",
): Promise<WrittenReport> {
  await mkdir(dir, { recursive: true });
  const staging = await mkdtemp(join(dir, ".tmp-"));
  try {
    const files: WrittenReport["files"][number][] = [];
    let unchanged = true;
    for (const table of reportTables(input, sheet)) {
      const { path, sha256, bytes } = await ports.artifacts.writeTableAs(staging, table, format);
      const target = join(dir, path);
      const before = await present(target);
      if (before === null || ports.hashBytes([before]) !== sha256) {
        unchanged = false;
        await rename(join(staging, path), target);
      }
      files.push({ path: target, sha256, bytes });
    }
    return { path: dir, files, unchanged };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A table of the sheet by name, or the names that there are. */
export function tableOf(
  name: string,
  { input, sheet }: { readonly input: ReportInput; readonly sheet: TearSheet },
): { readonly kind: "found"; readonly table: Table } | { readonly kind: "unknown"; readonly known: readonly string[] } {
  const tables = reportTables(input, sheet);
  const table = tables.find(({ schema }) => schema.name === name);
  return table === undefined ? { kind: "unknown", known: tables.map(({ schema }) => schema.name) } : { kind: "found", table };
}

async function present(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
