/** The tape can no longer be written. Nothing after the last commit counts; whoever holds derived state discards it and runs again. */
export class TapeStopped extends Error {
  override readonly name = "TapeStopped";
  /** Last position known to be committed. */
  readonly committed: number;

  constructor(reason: string, committed: number) {
    super(`the tape stopped after position ${committed}: ${reason}`);
    this.committed = committed;
  }
}
