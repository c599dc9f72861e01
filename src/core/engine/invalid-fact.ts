/** A fact that contradicts what is already known. A bug or a corrupted tape, never a market condition. */
export class InvalidFact extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.name = "InvalidFact";
    this.code = code;
  }
}
