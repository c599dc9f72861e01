/**
 * A statement that the server knows already, run again with other values: what the driver would write piece by piece, and with a
 * description that nobody reads, leaves in one piece. Half of what an append costs this process is the driver's, which this halves.
 */
import type { Connection, Query } from "pg";
import type { PostgresValue } from "./postgres-connection.js";

const BIND = 0x42;
const EXECUTE = 0x45;
const SYNC = 0x53;
/** Execute without a limit of rows, on the unnamed portal; then sync. */
const END: readonly number[] = [EXECUTE, 0, 0, 0, 9, 0, 0, 0, 0, 0, SYNC, 0, 0, 0, 4];

/** The driver's own query, which it lets into its pipeline. One is used again once its answer came. */
export interface PreparedChange extends Query {
  /** @param messages of {@link bindAndExecute}. @param done hears of an error, or how many rows were inserted or changed. */
  begin(messages: Buffer, done: (error: Error | null, rows: number) => void): void;
}

/** What the driver calls a query by, beside what its types say. */
interface DriverQuery {
  callback: ((error: Error | null) => void) | undefined;
}

/** @param driver the class that the driver makes its queries of, loaded when the first connection is. */
export function preparedChanges(driver: typeof Query): new () => PreparedChange {
  return class extends driver implements PreparedChange, DriverQuery {
    callback: DriverQuery["callback"];
    #messages: Buffer | null = null;
    #rows = 0;

    constructor() {
      super({ text: "" });
    }

    begin(messages: Buffer, done: (error: Error | null, rows: number) => void): void {
      this.#messages = messages;
      this.#rows = 0;
      this.callback = (error) => done(error ?? null, this.#rows);
    }

    override submit = (connection: Connection): null => {
      if (this.#messages !== null) connection.stream.write(this.#messages);
      this.#messages = null;
      return null;
    };

    /** `INSERT 0 1`, `UPDATE 1`. */
    handleCommandComplete({ text }: { readonly text: string }): void {
      this.#rows = Number(text.slice(text.lastIndexOf(" ") + 1));
    }

    handleReadyForQuery(): void {
      this.callback?.(null);
    }
  };
}

/** Binds values to a prepared statement, executes it and ends the transaction: three messages of protocol 3.0, in one piece. */
export function bindAndExecute(name: string, values: readonly PostgresValue[]): Buffer {
  const texts = values.map((value) => (typeof value === "number" ? String(value) : value));
  let length = 1 + 4 + 1 + (name.length + 1) + 2 + 2 * texts.length + 2 + 4 * texts.length + 2;
  for (const text of texts) if (text !== null) length += typeof text === "string" ? Buffer.byteLength(text) : text.length;
  const messages = Buffer.allocUnsafe(length + END.length);
  messages[0] = BIND;
  // The unnamed portal, then the statement.
  let at = messages.writeInt32BE(length - 1, 1);
  messages[at++] = 0;
  at += messages.write(name, at, "latin1");
  messages[at++] = 0;
  at = messages.writeInt16BE(texts.length, at);
  for (const text of texts) at = messages.writeInt16BE(text instanceof Uint8Array ? 1 : 0, at);
  at = messages.writeInt16BE(texts.length, at);
  for (const text of texts) {
    const start = at + 4;
    if (text === null) at = messages.writeInt32BE(-1, at);
    else {
      if (typeof text === "string") at = start + messages.write(text, start);
      else {
        messages.set(text, start);
        at = start + text.length;
      }
      messages.writeInt32BE(at - start, start - 4);
    }
  }
  at = messages.writeInt16BE(0, at);
  for (const byte of END) messages[at++] = byte;
  return messages;
}
