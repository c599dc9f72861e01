import { appendFile, mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Notification, Notifier } from "../../ports/notifier.js";

/** A channel that writes what is to be told into a file, a line of JSON each, and says so to whoever looks on. */
export class NotificationFile implements Notifier {
  readonly #path: string;
  readonly #now: () => number;
  readonly #tell: (text: string) => void;

  /** @param tell shows a line to people at once. */
  constructor(path: string, now: () => number, tell: (text: string) => void) {
    this.#path = path;
    this.#now = now;
    this.#tell = tell;
  }

  async notify({ id, channel, about, text }: Notification): ReturnType<Notifier["notify"]> {
    const line = `${JSON.stringify({ id, at: new Date(this.#now()).toISOString(), channel, about, text })}\n`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await appendFile(this.#path, line);
      const file = await open(this.#path, "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      // The line may stand in the file, whole or in part: whoever looks finds out.
      return { kind: "unknown", cause: error instanceof Error ? error.message : String(error) };
    }
    this.#tell(text);
    return { kind: "delivered" };
  }

  async find(id: string): ReturnType<Notifier["find"]> {
    try {
      const text = await readFile(this.#path, "utf8");
      return text.split("\n").some((line) => idOf(line) === id) ? "delivered" : "absent";
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "ENOENT" ? "absent" : "unknown";
    }
  }
}

/** A line that was cut off is none. */
function idOf(line: string): unknown {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === "object" && read !== null && "id" in read ? read.id : null;
  } catch {
    return null;
  }
}
