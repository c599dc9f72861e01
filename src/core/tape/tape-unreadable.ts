/** A tape that cannot be read here, though nothing is wrong with it: made by a newer version, or not to be opened. */
export class TapeUnreadable extends Error {
  override readonly name = "TapeUnreadable";
  readonly code = "TAPE_UNREADABLE";
  /** First event that cannot be read; null where none can. */
  readonly position: number | null;

  constructor(message: string, position: number | null = null) {
    super(message);
    this.position = position;
  }
}
