/** A command with where it stands. */
export interface PlacedCommand {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** As it came; nothing has been checked. */
  readonly command: unknown;
  /** Why nothing could be read where a command was expected, or null. */
  readonly unreadable: string | null;
}
