/** Weekly files from the disk, plain, gzipped or zipped, and from bytes at hand. Quotes mean nothing in them: lines end at CR, LF or both. */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { WeeklyIntake } from "../../core/calc/finra-otc/weekly-intake.js";
import type { Violation } from "../../core/quality/violation.js";
import type { WeeklyOrigin, WeeklyRead, WeeklySource } from "../../ports/weekly-source.js";
import { BadTextFile, textBytes } from "../csv/text-bytes.js";
import { fileHash } from "./file-hash.js";

/** Longest line; a longer one is no weekly file. */
const LONGEST_LINE = 65_536;

export class WeeklyFileSource implements WeeklySource {
  async read(origin: WeeklyOrigin): Promise<WeeklyRead> {
    const name = origin.kind === "file" ? basename(origin.path) : origin.file_name;
    try {
      const bytes = origin.kind === "file" ? (await stat(origin.path)).size : origin.content.length;
      const intake = new WeeklyIntake();
      const lines = new LineReader(intake);
      const chunks = origin.kind === "file" ? textBytes(origin.path, null, () => {}) : [origin.content];
      for await (const chunk of chunks) lines.write(chunk);
      lines.end();
      const finished = intake.finish();
      if (finished.kind === "refused") return invalid(name, finished.violations);
      const sha256 = origin.kind === "file" ? await fileHash(origin.path) : createHash("sha256").update(origin.content).digest("hex");
      return { kind: "read", content: { file_name: name, bytes, sha256, file: finished.file } };
    } catch (error) {
      if (error instanceof BadTextFile)
        return invalid(name, [{ code: "FILE_UNREADABLE", message: `${name} ${error.message}`, expected: "a text file" }]);
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        const violation = {
          code: "FILE_MISSING",
          message: `there is no file ${name}`,
          field: "file",
          value: name,
          expected: "a file that exists",
        };
        return { kind: "refused", reason: "not_found", violations: [violation] };
      }
      throw error;
    }
  }
}

function invalid(file: string, violations: readonly Violation[]): WeeklyRead {
  return { kind: "refused", reason: "invalid", violations: violations.map((violation) => ({ ...violation, file })) };
}

/** Splits UTF-8 bytes into lines. Bytes that are no UTF-8 become U+FFFD, which makes their line a reject and no other. */
class LineReader {
  readonly #intake: WeeklyIntake;
  readonly #decoder = new TextDecoder("utf-8");
  #rest = "";
  #line = 0;
  #started = false;

  constructor(intake: WeeklyIntake) {
    this.#intake = intake;
  }

  /** @throws {BadTextFile} */
  write(chunk: Uint8Array): void {
    if (!this.#started && chunk.length >= 2) {
      this.#started = true;
      const [a, b] = chunk;
      if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) throw new BadTextFile("is UTF-16; save it as UTF-8");
    }
    this.#take(this.#rest + this.#decoder.decode(chunk, { stream: true }), false);
  }

  end(): void {
    this.#take(this.#rest + this.#decoder.decode(), true);
    if (this.#rest !== "") this.#push(this.#rest);
    this.#rest = "";
  }

  #take(text: string, last: boolean): void {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit !== 10 && unit !== 13) continue;
      // The feed after a return may stand in the next chunk.
      if (unit === 13 && at + 1 === text.length && !last) break;
      this.#push(text.slice(from, at));
      if (unit === 13 && text.charCodeAt(at + 1) === 10) at += 1;
      from = at + 1;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > LONGEST_LINE) throw new BadTextFile(`has a line of more than ${LONGEST_LINE} characters`);
  }

  #push(text: string): void {
    this.#line += 1;
    this.#intake.push(text, this.#line);
  }
}
