/** A SHA-256 digest as 64 lower-case hexadecimal characters. */
export type Sha256Hex = string;

/** SHA-256 of a text's UTF-8 bytes. The core never hashes by itself: whoever drives it hands this in. */
export type Sha256Fn = (text: string) => Sha256Hex;

/** SHA-256 of the concatenation of byte chunks. */
export type Sha256BytesFn = (chunks: readonly Uint8Array[]) => Sha256Hex;

/** The digest that stands before the first link of every chain. */
export const GENESIS_HASH: Sha256Hex = "0".repeat(64);
