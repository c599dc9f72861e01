import type { StoredRun } from "../ports/run-store.js";
import type { BacktestPorts } from "./backtest-ports.js";
import { openTape } from "./compare-runs.js";
import { diffRuns, type RunDiff } from "./diff-runs.js";

export type DiffOutcome =
  | { readonly kind: "compared"; readonly diff: RunDiff }
  /** The tape of a run cannot be opened. */
  | { readonly kind: "unreadable"; readonly run: string; readonly message: string };

/** Compares two runs of one workspace. */
export async function diffStoredRuns(
  ports: Pick<BacktestPorts, "tapes" | "bars" | "hash">,
  left: StoredRun,
  right: StoredRun,
): Promise<DiffOutcome> {
  const [one, other] = [ports.tapes(left.dir), ports.tapes(right.dir)];
  try {
    const [a, b] = [await openTape(one, left.manifest.tape.log), await openTape(other, right.manifest.tape.log)];
    if (a.session === null) return { kind: "unreadable", run: left.name, message: a.why };
    if (b.session === null) return { kind: "unreadable", run: right.name, message: b.why };
    const { bars } = ports;
    const diff = await diffRuns(
      ports,
      { name: left.name, session: a.session, run: left, bars },
      { name: right.name, session: b.session, run: right, bars },
    );
    return { kind: "compared", diff };
  } finally {
    await one.close();
    await other.close();
  }
}
