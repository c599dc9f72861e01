import { PostgresConnection } from "../postgres/postgres-connection.js";
import type { PostgresTarget } from "../postgres/postgres-dsn.js";
import { type CalcDatabase, inserts, type SqlCell, type SqlColumnCells } from "./calc-database.js";

/** Schema of the database that holds rows of calculations: apart from the tape's tables, since it can be dropped and made again. */
export const CALC_SCHEMA = "onetape_calc";

const LIMITS = { connect_ms: 10_000, statement_ms: 60_000, lock_ms: 5_000 } as const;
const PLACES = 30_000;

/** Connects, and makes the schema where there is none: the role then needs the right to. @throws {PostgresFailure} */
export async function openPostgresCalcDatabase(target: PostgresTarget): Promise<CalcDatabase> {
  const connection = await PostgresConnection.open(target, LIMITS);
  try {
    const there = await connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [CALC_SCHEMA]);
    if (there.length === 0) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${CALC_SCHEMA}`);
    await connection.run(`SET search_path TO ${CALC_SCHEMA}`);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return new PostgresCalcDatabase(connection);
}

class PostgresCalcDatabase implements CalcDatabase {
  readonly dialect = "postgres";
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  all(sql: string, values: readonly SqlCell[] = []): Promise<readonly (readonly unknown[])[]> {
    return this.#connection.query(numbered(sql), values);
  }

  async run(sql: string, values: readonly SqlCell[] = []): Promise<void> {
    if (values.length === 0) await this.#connection.run(sql);
    else await this.#connection.query(numbered(sql), values);
  }

  async insert(table: string, columns: readonly SqlColumnCells[], count: number, suffix: string = ""): Promise<void> {
    const options = { place: (at: number) => `$${at}`, most: PLACES, suffix };
    for (const { sql, values } of inserts(table, columns, count, options)) await this.#connection.query(sql, values);
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.#connection.transaction("BEGIN", work);
  }

  async columnsOf(table: string): Promise<readonly string[]> {
    const rows = await this.#connection.query(
      "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
      [`${CALC_SCHEMA}.${table}`],
    );
    return rows.map(([name]) => name ?? "");
  }

  drop(): Promise<void> {
    return this.transaction(async () => {
      await this.#connection.run(`DROP SCHEMA ${CALC_SCHEMA} CASCADE`);
      await this.#connection.run(`CREATE SCHEMA ${CALC_SCHEMA}`);
    });
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** `?` as `$1`, `$2`, ...; the statements have none inside text. */
function numbered(sql: string): string {
  let at = 0;
  return sql.replaceAll("?", () => `$${++at}`);
}
