import { isAscii } from "node:buffer";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text. What is ASCII, as nearly all of a tape is, is copied as it is. @throws {TypeError} for bytes that are no UTF-8. */
export function utf8Text(bytes: Uint8Array): string {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return utf8.decode(bytes);
}
