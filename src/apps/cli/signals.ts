import { EXIT } from "./failure.js";

export interface Interruption {
  readonly signal: AbortSignal;
  /** Exit code of the signal that came, or null. */
  exit(): number | null;
  release(): void;
}

/**
 * The first Ctrl-C or SIGTERM asks the command to stop at a safe point and says so at once; the second one quits on the spot.
 */
export function listenForSignals(say: (text: string) => void): Interruption {
  const controller = new AbortController();
  let exit: number | null = null;
  const on = (code: number) => () => {
    if (exit !== null) process.exit(code);
    exit = code;
    say(code === EXIT.interrupted ? "stopping at a safe point; Ctrl-C again quits at once" : "stopping at a safe point");
    controller.abort();
  };
  const interrupt = on(EXIT.interrupted);
  const terminate = on(EXIT.terminated);
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  return {
    signal: controller.signal,
    exit: () => exit,
    release() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
    },
  };
}
