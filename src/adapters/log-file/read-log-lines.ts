import { createReadStream } from "node:fs";

/** A line with where it ends in the file, its line break included. `whole` is false for a last line without one. */
export interface FileLine {
  readonly text: string;
  readonly number: number;
  readonly bytes: Buffer;
  readonly end: number;
  readonly whole: boolean;
}

const LINE_BREAK = 0x0a;

/** The lines of a file as bytes and text, one block of the disk at a time. */
export async function* readFileLines(path: string): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0);
  let end = 0;
  let number = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const bytes: Buffer = Buffer.from(chunk);
    const data = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let from = 0;
    for (let at = data.indexOf(LINE_BREAK, rest.length); at >= 0; at = data.indexOf(LINE_BREAK, from)) {
      const line = data.subarray(from, at + 1);
      number += 1;
      end += line.length;
      yield { text: line.toString("utf8", 0, line.length - 1), number, bytes: line, end, whole: true };
      from = at + 1;
    }
    rest = data.subarray(from);
  }
  if (rest.length > 0) yield { text: rest.toString("utf8"), number: number + 1, bytes: rest, end: end + rest.length, whole: false };
}
