/** One thing wrong with an input, told so that its author can mend it. */
export interface Violation {
  /** Upper-snake code, fixed per kind of violation. */
  readonly code: string;
  /** What is wrong, with the value and what was expected. */
  readonly message: string;
  /** File as the user named it, when the input is a file. */
  readonly file?: string;
  /** 1-based line in that file. */
  readonly line?: number;
  /** 1-based column in that line. */
  readonly column?: number;
  /** Field, column or JSON pointer. */
  readonly field?: string;
  /** The offending value as text. */
  readonly value?: string;
  readonly expected?: string;
}
