import type { CommittedBlock } from "../core/tape/committed-block.js";
import type { Head } from "../core/tape/event.js";
import type { Sha256Hex } from "../core/tape/hash.js";
import type { LogLayout } from "./event-store.js";

/** What the first line of a log's file says. */
export interface LogFileHeader {
  readonly log: string;
  /** How it was kept where it comes from; a copy may be kept otherwise. */
  readonly layout: LogLayout;
  /** Where the log ends in this file. */
  readonly head: Head;
}

/** Why a file, or a line of it, is not what a log's file is. */
export interface LogFileFault {
  readonly code: "LOG_FILE_MISSING" | "LOG_FILE_PARTIAL" | "LOG_FILE_INVALID" | "LOG_FILE_NEWER";
  readonly line: number;
  readonly message: string;
}

/** A file that is read. Blocks come as they stand there: whoever reads them verifies them. */
export interface LogFileReader {
  readonly header: LogFileHeader;
  /** Reads from the first block on. Ends early at a line that is none; {@link fault} then says why. */
  blocks(): AsyncIterable<CommittedBlock>;
  /** After reading: what was wrong, also where the lines do not have the hash of the last line. */
  fault(): LogFileFault | null;
}

/** A file that is written. What an interruption leaves behind has another name and is gone on with. */
export interface LogFileWriter {
  /** Where an earlier attempt stopped, as the blocks that it wrote; empty for a new file. */
  readonly kept: AsyncIterable<CommittedBlock>;
  /** That of an earlier attempt, where it is gone on with. */
  readonly header: LogFileHeader;
  /** Forgets what an earlier attempt wrote. */
  restart(header: LogFileHeader): Promise<void>;
  append(block: CommittedBlock): Promise<void>;
  /** Makes the file whole, durable, and gives it its name. */
  finish(): Promise<{ readonly bytes: number; readonly sha256: Sha256Hex }>;
  /** Leaves what was written for the next attempt. */
  close(): Promise<void>;
}

/** Files that carry whole logs, hash for hash. */
export interface LogFiles {
  read(path: string): Promise<LogFileReader | LogFileFault>;
  /** @param header that of an earlier attempt is kept where it is of the same log. */
  write(path: string, header: LogFileHeader): Promise<LogFileWriter>;
}
