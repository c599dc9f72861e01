/**
 * What a session needs beside its tape to be run again: its strategy as one text, and the texts that its config names by hash. Bars stand on the
 * tape itself.
 */
export interface SessionInputs {
  /** Keeps a strategy under the hash of its sources, as the session's first event names it. */
  keepStrategy(source_sha256: string, bundle: string): Promise<void>;
  /** Null where it is missing, or no longer the text that was kept. */
  strategy(source_sha256: string): Promise<string | null>;
  /** Keeps a text under its own SHA-256. */
  keepText(text: string): Promise<void>;
  /** Null where it is missing or no longer matches its hash. */
  text(sha256: string): Promise<string | null>;
}
