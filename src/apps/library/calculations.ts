import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { CalcDatabase } from "../../adapters/calc-rows/calc-database.js";
import { CalcLayoutOutdated } from "../../adapters/calc-rows/calc-layout.js";
import { openPostgresCalcDatabase } from "../../adapters/calc-rows/postgres-calc-database.js";
import { RowFiles } from "../../adapters/calc-rows/row-files.js";
import { openSqliteCalcDatabase } from "../../adapters/calc-rows/sqlite-calc-database.js";
import { StoredCalcStore } from "../../adapters/calc-rows/stored-calc-store.js";
import { FileSourceArchive } from "../../adapters/finra/file-source-archive.js";
import { WeeklyFileSource } from "../../adapters/finra/weekly-file-source.js";
import { sha256 } from "../../adapters/node-hash/sha256.js";
import { FileObjectStore } from "../../adapters/objects/file-object-store.js";
import { WorkerWeeks } from "../../adapters/week-threads/worker-week-threads.js";
import { CALC_LOG } from "../../core/calc/calc-event-schemas.js";
import type { CalcRegistry } from "../../core/calc/calc-registry.js";
import type { FinraCalculation } from "../../core/calc/finra-otc/finra-input.js";
import { finraRegistry } from "../../core/calc/finra-otc/finra-registry.js";
import { type CalcLog, type CalcPorts, type CalcRefusal, openCalcLog } from "../../usecases/calc-log.js";
import { calculationCatalogue } from "../../usecases/calculation-catalogue.js";
import { refusal } from "../../usecases/data-ports.js";
import { currentVersions, registerVersions } from "../../usecases/govern-calculations.js";
import { tellDeclarations } from "../../usecases/tell-declarations.js";
import { workspacePaths } from "../../usecases/workspace.js";
import { postgresTargetOf, type WorkspaceChoice, workspaceStore } from "./event-stores.js";
import { weekWorkerEntry } from "./installation.js";

/** The calculations of a workspace, open. */
export interface OpenCalculations {
  readonly ports: CalcPorts;
  readonly rows: StoredCalcStore;
  readonly log: CalcLog;
  readonly registry: CalcRegistry<FinraCalculation>;
  close(): Promise<void>;
}

export interface CalcOpening {
  /** `rebuild` writes, and first drops tables that another version made: a rebuild makes them again. */
  readonly mode: "read" | "write" | "rebuild";
  /** Calculations beside the product's own. */
  readonly extra?: readonly FinraCalculation[];
  /** Wall clock in UTC milliseconds; left out: this machine's. */
  readonly now?: () => number;
  /**
   * Threads that read and judge weekly files before their turn; 0 reads each in its turn. Left out: one, where the machine has a second core.
   * Nothing that is stored depends on it. PostgreSQL, which serves lines as rows, takes none.
   */
  readonly workers?: number;
}

/** Whether anything was ever stored. */
export async function hasCalculations(workspace: WorkspaceChoice): Promise<boolean> {
  const store = workspaceStore(workspace, process.env);
  try {
    return (await store.logs()).includes(CALC_LOG);
  } finally {
    await store.close();
  }
}

/**
 * Opens the calculations of a workspace. For writing, the versions that the code declares are put on the log. Tables that another version
 * made are refused with the command that makes them again.
 *
 * @throws {StoreNotNamed} @throws {BackendFailure} @throws {CalcRegistryRefused} for declarations that break an invariant.
 */
export async function openCalculations(workspace: WorkspaceChoice, opening: CalcOpening): Promise<OpenCalculations | CalcRefusal> {
  calculationCatalogue(opening.extra);
  const registry = finraRegistry(opening.extra ?? []);
  const paths = workspacePaths(workspace.home);
  const store = workspaceStore(workspace, process.env);
  const scratch = join(paths.tmp, `calculations-${process.pid}`);
  let rows: StoredCalcStore | null = null;
  let log: CalcLog | null = null;
  const close = async (): Promise<void> => {
    try {
      await log?.close();
    } finally {
      await rows?.close();
      await store.close();
      await rm(scratch, { recursive: true, force: true });
    }
  };
  try {
    const database =
      workspace.store === "postgres"
        ? await openPostgresCalcDatabase(postgresTargetOf(process.env))
        : await openSqliteCalcDatabase(join(paths.calculations, "rows.db"));
    const files = new RowFiles(new FileObjectStore(join(paths.calculations, "objects")), scratch);
    try {
      rows = await openRows(database, files, opening.mode);
    } catch (error) {
      await files.close();
      await database.close();
      if (!(error instanceof CalcLayoutOutdated)) throw error;
      await close();
      return refusal("unavailable", [{ code: "TABLES_OUTDATED", message: error.message }], "onetape calc rebuild");
    }
    const threads = workspace.store === "postgres" ? 0 : (opening.workers ?? Math.min(1, availableParallelism() - 1));
    const ports: CalcPorts = {
      ...(threads === 0 ? {} : { ahead: { weeks: new WorkerWeeks(weekWorkerEntry, threads, scratch, rows), rows } }),
      store,
      rows,
      weekly: new WeeklyFileSource(),
      sources: new FileSourceArchive(join(paths.calculations, "sources")),
      hash: sha256,
      now: opening.now ?? Date.now,
    };
    const mode = opening.mode === "read" ? "read" : "write";
    const opened = await openCalcLog(ports, mode);
    if (opened.kind === "refused") {
      await close();
      return opened;
    }
    log = opened.log;
    if (mode === "write") {
      await registerVersions(ports, log, registry);
      await tellDeclarations(rows, registry);
    }
    await rows.setCurrent(currentVersions(log, registry));
    // Weeks grow out of their preliminary time while nobody writes.
    await log.tellTables();
    return { ports, rows, log, registry, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openRows(database: CalcDatabase, files: RowFiles, mode: CalcOpening["mode"]): Promise<StoredCalcStore> {
  try {
    return await StoredCalcStore.open(database, files);
  } catch (error) {
    if (!(error instanceof CalcLayoutOutdated) || mode !== "rebuild") throw error;
  }
  await StoredCalcStore.dropOutdated(database, files);
  return StoredCalcStore.open(database, files);
}
