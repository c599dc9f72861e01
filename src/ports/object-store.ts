/** A stored file, named by the SHA-256 of its bytes. */
export interface StoredObject {
  readonly sha256: string;
  readonly bytes: number;
}

/** Files by content. */
export interface ObjectStore {
  /** Moves a finished file into the store. The same content again changes nothing. */
  put(path: string): Promise<StoredObject & { readonly created: boolean }>;
  /** Where an object lies; it may be missing. */
  pathOf(sha256: string): string;
  /** Reads the object again. */
  verify(sha256: string): Promise<"ok" | "missing" | "changed">;
  remove(sha256: string): Promise<void>;
}
