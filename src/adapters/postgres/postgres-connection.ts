import type { Client, QueryArrayConfig } from "pg";
import type { PostgresTarget } from "./postgres-dsn.js";
import { PostgresFailure, postgresFailure } from "./postgres-failure.js";
import { bindAndExecute, type PreparedChange, preparedChanges } from "./prepared-change.js";

/** Everything comes as text or null, in the order of the selected columns: no driver decides what a number or a time is. */
export type PostgresRow = readonly (string | null)[];
export type PostgresValue = string | number | null | Uint8Array;

/** Fixed for every connection: what times and bytes look like as text, and that no setting of a server or a role changes what a statement means. */
const SETTINGS = [
  "SET TIME ZONE 'UTC'",
  "SET datestyle TO ISO",
  "SET bytea_output TO hex",
  "SET client_encoding TO UTF8",
  "SET default_transaction_isolation TO 'read committed'",
  "SET default_transaction_read_only TO off",
  "SET client_min_messages TO warning",
];

export interface PostgresLimits {
  /** How long a connection may take to come about. */
  readonly connect_ms: number;
  /** How long a statement may take; null for as long as it takes. */
  readonly statement_ms: number | null;
  /** How long a statement waits for a lock. */
  readonly lock_ms: number;
}

/** How much longer than the server a client waits before it gives up: the server's own word is worth more than silence. */
const GRACE_MS = 1_000;

const asText = { getTypeParser: () => (text: string | Buffer) => String(text) };

/** One connection to a server. Once lost it stays lost: whoever holds it makes another. */
export class PostgresConnection {
  readonly #client: Client;
  readonly #target: PostgresTarget;
  #lost: PostgresFailure | null = null;
  /** The end of the line of those that wait for the answer before theirs. */
  #line: Promise<unknown> = Promise.resolve();
  /** Names of changes that the server answered once, and so knows. */
  readonly #prepared: Set<string> = new Set();
  readonly #change: new () => PreparedChange;
  /** Those that have their answer: as many are made as are ever under way at a time. */
  readonly #idle: PreparedChange[] = [];

  private constructor(client: Client, target: PostgresTarget, change: new () => PreparedChange) {
    this.#client = client;
    this.#target = target;
    this.#change = change;
  }

  /** @throws {PostgresFailure} */
  static async open(target: PostgresTarget, limits: PostgresLimits): Promise<PostgresConnection> {
    const { default: pg } = await import("pg");
    const client = new pg.Client({
      connectionString: target.dsn(),
      application_name: "onetape",
      connectionTimeoutMillis: limits.connect_ms,
      keepAlive: true,
      pipeline: true,
      ...(limits.statement_ms === null ? {} : { query_timeout: limits.statement_ms + GRACE_MS }),
    });
    const connection = new PostgresConnection(client, target, preparedChanges(pg.Query));
    client.on("error", (error) => connection.#lose(error));
    client.on("end", () => connection.#lose(new Error("the server closed the connection")));
    try {
      await client.connect();
      const waits = [`SET lock_timeout TO ${limits.lock_ms}`, `SET statement_timeout TO ${limits.statement_ms ?? 0}`];
      const where = target.schema === undefined ? [] : [`SET search_path TO "${target.schema.replaceAll('"', '""')}"`];
      await client.query([...SETTINGS, ...waits, ...where].join("; "));
      return connection;
    } catch (error) {
      connection.drop();
      throw postgresFailure(error, false, (text) => target.redact(text));
    }
  }

  get lost(): boolean {
    return this.#lost !== null;
  }

  /**
   * Runs one statement.
   *
   * @param name prepares it once per connection.
   * @throws {PostgresFailure}
   */
  async query(text: string, values: readonly PostgresValue[] = [], name?: string): Promise<readonly PostgresRow[]> {
    const query = statement(text, values, name);
    return this.#inTurn(async () => (await this.#client.query<(string | null)[]>(query)).rows);
  }

  /**
   * Sends a statement at once, behind those that are under way: the server runs one after the other, each on its own.
   *
   * @returns how many rows it inserted, or changed.
   * @throws {PostgresFailure}
   */
  change(text: string, values: readonly PostgresValue[], name: string): Promise<number> {
    return this.#answered(() => (this.#prepared.has(name) ? this.#again(name, values) : this.#first(text, values, name)));
  }

  async #first(text: string, values: readonly PostgresValue[], name: string): Promise<number> {
    const { rowCount } = await this.#client.query(statement(text, values, name));
    this.#prepared.add(name);
    return rowCount ?? 0;
  }

  #again(name: string, values: readonly PostgresValue[]): Promise<number> {
    return new Promise((resolve, reject) => {
      const change = this.#idle.pop() ?? new this.#change();
      change.begin(bindAndExecute(name, values), (error, rows) => {
        // The driver may still hold one that failed, after a time-out for example: an answer that comes late must find nobody else's.
        if (error !== null) return reject(error);
        this.#idle.push(change);
        resolve(rows);
      });
      this.#client.query(change);
    });
  }

  /** Several statements without values, in one transaction of the server's. @throws {PostgresFailure} */
  async run(script: string): Promise<void> {
    await this.#inTurn(() => this.#client.query(script));
  }

  async #inTurn<T>(send: () => Promise<T>): Promise<T> {
    const before = this.#line;
    const turn = (async () => {
      await before;
      return this.#answered(send);
    })();
    this.#line = turn.catch(() => {});
    return turn;
  }

  async #answered<T>(send: () => Promise<T>): Promise<T> {
    if (this.#lost !== null) throw new PostgresFailure(this.#lost.kind, this.#lost.message, { certainty: "not_sent" });
    try {
      return await send();
    } catch (error) {
      const failure = postgresFailure(error, true, (clear) => this.#target.redact(clear));
      // After an answer that never came the connection is of no use: a late one would be taken for the next statement's.
      if (failure.certainty === "unknown") this.drop(failure);
      throw failure;
    }
  }

  /** Runs `work` in a transaction. @throws {PostgresFailure} */
  async transaction<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await this.query(begin);
    try {
      const result = await work();
      await this.query("COMMIT");
      return result;
    } catch (error) {
      if (!this.lost) await this.query("ROLLBACK");
      throw error;
    }
  }

  /** Lets go of the server without a word. */
  drop(why?: PostgresFailure): void {
    this.#lost ??= why ?? new PostgresFailure("io", "the connection is closed", { certainty: "not_sent" });
    this.#client.end().catch(() => {});
    this.#client.connection.stream.destroy();
  }

  async close(): Promise<void> {
    if (this.#lost !== null) return;
    this.#lost = new PostgresFailure("io", "the connection is closed", { certainty: "not_sent" });
    // A server that is gone has closed it already.
    await this.#client.end().catch(() => {});
  }

  #lose(error: unknown): void {
    this.#lost ??= postgresFailure(error, false, (text) => this.#target.redact(text));
  }
}

function statement(text: string, values: readonly PostgresValue[], name: string | undefined): QueryArrayConfig {
  return {
    text,
    values: values.map((value) => (value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value)),
    rowMode: "array",
    types: asText,
    ...(name === undefined ? {} : { name }),
  };
}

/** A connection that is made when it is first needed, and made again after it was lost. */
export class PostgresLink {
  readonly #open: () => Promise<PostgresConnection>;
  #connection: Promise<PostgresConnection> | null = null;

  constructor(open: () => Promise<PostgresConnection>) {
    this.#open = open;
  }

  /** Reads; a connection that was lost meanwhile is made again once, since a read may be repeated. @throws {PostgresFailure} */
  async read(text: string, values: readonly PostgresValue[], name?: string): Promise<readonly PostgresRow[]> {
    try {
      return await (await this.#get()).query(text, values, name);
    } catch (error) {
      const connection = await this.#connection?.catch(() => null);
      if (connection?.lost !== true) throw error;
      this.#connection = null;
      return (await this.#get()).query(text, values, name);
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    this.#connection = null;
    await connection?.close();
  }

  #get(): Promise<PostgresConnection> {
    if (this.#connection !== null) return this.#connection;
    const opening = this.#open();
    this.#connection = opening;
    opening.catch(() => {
      if (this.#connection === opening) this.#connection = null;
    });
    return opening;
  }
}
