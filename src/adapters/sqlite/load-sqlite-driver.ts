import type { SqliteDriver, SqliteDriverName } from "./sqlite-driver.js";

/** The driver of this Node: `node:sqlite` where it returns rows as arrays (22.16 and later), else `libsql`. Both write the same files. */
export async function loadSqliteDriver(name?: SqliteDriverName): Promise<SqliteDriver> {
  const wanted = name ?? (hasNodeSqlite(process.versions.node) ? "node:sqlite" : "libsql");
  if (wanted === "node:sqlite") return (await import("./node-sqlite-driver.js")).nodeSqliteDriver();
  return (await import("./libsql-driver.js")).libsqlDriver();
}

function hasNodeSqlite(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 16);
}
