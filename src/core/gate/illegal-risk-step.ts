/** A kill switch or a freeze met an event that its state does not know: a bug or a corrupted tape. */
export class IllegalRiskStep extends Error {
  readonly code = "INVALID_STATE_TRANSITION";
  readonly machine: string;
  readonly status: string;
  readonly action: string;

  constructor(machine: string, status: string, action: string) {
    super(`the ${machine} is ${status} and cannot take ${action}`);
    this.name = "IllegalRiskStep";
    this.machine = machine;
    this.status = status;
    this.action = action;
  }
}
