/** Who can tell the command that it is at. */
export interface CommandInHand {
  /** Id of the command: 1 to 200 printable ASCII characters. Good until the next command begins. */
  readonly command: string;
}
