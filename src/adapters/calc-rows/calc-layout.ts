/**
 * Whether a database has the tables that this code makes. They are a projection, so nothing migrates: what an earlier version made is dropped,
 * and made again from the log and the kept sources.
 */
import { sha256 } from "../node-hash/sha256.js";
import type { CalcDatabase, CalcDialect } from "./calc-database.js";
import { columnType, ownTables } from "./calc-table-schema.js";
import { resultsTable } from "./result-tables.js";
import { tableOfRows, viewsOfRows } from "./served-schema.js";
import { sourceTables } from "./source-tables.js";

const TABLE = "calc_layout";

/** Tables of an earlier version stand where those of this one belong. */
export class CalcLayoutOutdated extends Error {
  override readonly name = "CalcLayoutOutdated";

  constructor() {
    super("the tables of calculations were made by another version; nothing is lost, the log and the kept sources make them again");
  }
}

/** Makes the tables where there are none. @throws {CalcLayoutOutdated} where there are those of another version. */
export async function prepareLayout(database: CalcDatabase): Promise<void> {
  const statements = statementsOf(database.dialect);
  const wanted = fingerprint(database.dialect, statements);
  const known = await layoutOf(database);
  if (known === wanted) return;
  if (known !== null) throw new CalcLayoutOutdated();
  await database.transaction(async () => {
    for (const statement of statements) await database.run(statement);
    await database.run(`DELETE FROM ${TABLE}`);
    await database.run(`INSERT INTO ${TABLE} (fingerprint) VALUES (?)`, [wanted]);
  });
}

/** Files that groups of an earlier version name; they are nobody's once its tables are dropped. */
export async function filesOfLayout(database: CalcDatabase): Promise<readonly string[]> {
  if (!(await database.columnsOf("calc_groups")).includes("sha256")) return [];
  return (await database.all("SELECT DISTINCT sha256 FROM calc_groups WHERE sha256 IS NOT NULL")).map(([sha256Hex]) => String(sha256Hex));
}

/** Null where there are no tables; empty where they are older than this note. */
async function layoutOf(database: CalcDatabase): Promise<string | null> {
  if ((await database.columnsOf("calc_groups")).length === 0) return null;
  if ((await database.columnsOf(TABLE)).length === 0) return "";
  const [row] = await database.all(`SELECT fingerprint FROM ${TABLE}`);
  return String(row?.[0] ?? "");
}

function statementsOf(dialect: CalcDialect): readonly string[] {
  const note = `CREATE TABLE IF NOT EXISTS ${TABLE} (fingerprint ${columnType(dialect, "text")} NOT NULL)${dialect === "sqlite" ? " STRICT" : ""}`;
  return [note, ...ownTables(dialect), ...(dialect === "sqlite" ? resultsTable() : []), ...sourceTables(dialect)];
}

/** A table of every kind that calculations have, so that a change of how they are made is seen as well. */
function fingerprint(dialect: CalcDialect, statements: readonly string[]): string {
  const unique = ["week_ending", "tier", "symbol", "capture_id", "calc_version"];
  const columns = (
    [
      ["week_ending", "text"],
      ["tier", "text"],
      ["symbol", "text"],
      ["rank", "integer"],
      ["total_shares", "exact"],
      ["digits", "digits"],
      ["hhi", "text"],
      ["venue_count", "integer"],
      ["fraction", "fraction"],
      ["is_complete", "boolean"],
      ["calc_name", "text"],
      ["calc_version", "text"],
      ["capture_id", "text"],
      ["captured_at", "integer"],
    ] as const
  ).map(([name, type]) => ({ name, type }));
  const names = columns.map(({ name }) => name);
  const table = tableOfRows(dialect, "sample_rolling", columns, unique);
  const sample = [table, viewsOfRows(dialect, "sample_rolling", names, unique, ["v1"])];
  return sha256(JSON.stringify([statements, sample]));
}
