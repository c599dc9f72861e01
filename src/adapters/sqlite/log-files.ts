import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Where the files of a store lie: one per log. */
export interface LogFiles {
  /** Path of a log's file. The anchor file lies beside it; see {@link anchorPathOf}. */
  pathOf(log: string): string;
  /** Names of the logs that have a file, sorted. */
  list(): readonly string[];
}

const EXTENSION = ".tape.db";

/** Path of the append-only anchor file that belongs to a log's file: `anchors.ndjson` in its name, so that several logs may share a folder. */
export function anchorPathOf(path: string): string {
  return `${path.replace(/\.db$/, "")}.anchors.ndjson`;
}

/** All logs in one folder, each under its own name; `/` and `:` of a name, which file systems reserve, stand as `~` and `=`. */
export function logFilesIn(folder: string): LogFiles {
  return {
    pathOf: (log) => join(folder, `${log.replaceAll("/", "~").replaceAll(":", "=")}${EXTENSION}`),
    list: () => {
      if (!existsSync(folder)) return [];
      const files = readdirSync(folder).filter((file) => file.endsWith(EXTENSION));
      return files.map((file) => file.slice(0, -EXTENSION.length).replaceAll("~", "/").replaceAll("=", ":")).sort();
    },
  };
}
