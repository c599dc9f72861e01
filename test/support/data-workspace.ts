import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryEventStore } from "../../src/adapters/memory/memory-event-store.js";
import { sha256 } from "../../src/adapters/node-hash/sha256.js";
import { composeDataPorts } from "../../src/apps/library/data-ports.js";
import type { DataPorts, DataRefusal } from "../../src/usecases/data-ports.js";
import { type ImportedBars, importBars } from "../../src/usecases/import-bars.js";
import type { ImportBarsOptions } from "../../src/usecases/import-options.js";

/** A workspace for one test: a folder of its own, the catalogue in memory, a clock that moves a second at each look. */
export interface TestWorkspace {
  readonly folder: string;
  readonly home: string;
  readonly ports: DataPorts;
  /** Writes a file into the folder; @returns its name. */
  file(name: string, content: string | Uint8Array): Promise<string>;
  /** Imports and expects success. */
  take(options: ImportBarsOptions): Promise<ImportedBars>;
  /** Imports and expects a refusal. */
  refuse(options: ImportBarsOptions): Promise<DataRefusal>;
  remove(): Promise<void>;
}

export async function testWorkspace(): Promise<TestWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), "onetape-data-"));
  const home = join(folder, ".onetape");
  let time = Date.UTC(2026, 0, 1);
  const now = (): number => {
    time += 1000;
    return time;
  };
  const ports = composeDataPorts(home, new MemoryEventStore({ sha256, now }), now);
  return {
    folder,
    home,
    ports,
    async file(name, content) {
      await writeFile(join(folder, name), content);
      return name;
    },
    async take(options) {
      const outcome = await importBars(ports, options, folder);
      if (outcome.kind === "refused") throw new Error(`refused: ${JSON.stringify(outcome.violations, null, 1)}`);
      return outcome;
    },
    async refuse(options) {
      const outcome = await importBars(ports, options, folder);
      if (outcome.kind !== "refused") throw new Error(`imported ${outcome.rows} rows`);
      return outcome;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
