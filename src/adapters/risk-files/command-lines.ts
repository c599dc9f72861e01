import type { PlacedCommand } from "../../core/session/placed-command.js";

/** Longest line that is read: an event of a log holds no more. */
const LONGEST = 1_100_000;
/** Most commands of one batch. */
const BATCH = 1_000;

/**
 * Commands of a stream of NDJSON, in batches as they come: a slow sender's commands wait for nothing but their line's end. Empty lines are passed
 * over; a line that is no JSON, or too long, is told as such.
 *
 * @param file name that a reader knows the stream by
 */
export async function* commandLines(file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly PlacedCommand[]> {
  // A broken sequence of bytes becomes a character that no key has: the line is refused where it matters.
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let dropping = false;
  let line = 0;
  const parse = (text: string): readonly PlacedCommand[] => {
    line += 1;
    if (dropping) {
      dropping = false;
      return [{ file, line, command: null, unreadable: `a line holds at most ${LONGEST} characters` }];
    }
    const trimmed = text.trim();
    if (trimmed === "") return [];
    try {
      return [{ file, line, command: JSON.parse(trimmed) as unknown, unreadable: null }];
    } catch (error) {
      return [{ file, line, command: null, unreadable: error instanceof Error ? error.message : String(error) }];
    }
  };
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    const commands = lines.flatMap(parse);
    if (rest.length > LONGEST) {
      dropping = true;
      rest = "";
    }
    for (let at = 0; at < commands.length; at += BATCH) yield commands.slice(at, at + BATCH);
  }
  const last = parse(rest + decoder.decode());
  if (last.length > 0) yield last;
}
