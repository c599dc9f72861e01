import type { Violation } from "../../core/quality/violation.js";
import { type CalcOpening, hasCalculations, type OpenCalculations, openCalculations } from "../library/calculations.js";
import type { CommandResult, FlagValues, Invocation } from "./command.js";
import { refused } from "./data-refusal.js";
import { failureOf } from "./failure.js";

/** Opens the workspace's calculations for a command and releases them afterwards. Reading makes nothing where nothing was ever taken. */
export async function withCalculations(
  { settings, flags }: Invocation,
  mode: CalcOpening["mode"],
  work: (calculations: OpenCalculations) => Promise<CommandResult>,
): Promise<CommandResult> {
  if (mode === "read" && !(await hasCalculations(settings))) {
    const failure = failureOf("NOT_FOUND", "no weekly file was taken into this workspace yet", "onetape calc ingest FILE");
    return { kind: "failed", failure };
  }
  const workers = flags.number("workers");
  const opened = await openCalculations(settings, { mode, ...(workers === undefined ? {} : { workers }) });
  if ("kind" in opened) return { kind: "failed", failure: refused(opened) };
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** `NAME=VALUE` pairs of a flag. Everything that is no pair is found. */
export function pairsOf(
  flags: FlagValues,
  name: "param" | "checklist",
  violations: Violation[],
): readonly (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const text of flags.list(name)) {
    const at = text.indexOf("=");
    if (at > 0) pairs.push([text.slice(0, at), text.slice(at + 1)]);
    else
      violations.push({
        code: "USAGE",
        message: `${JSON.stringify(text)} sets nothing`,
        field: `--${name}`,
        value: text,
        expected: "NAME=VALUE",
      });
  }
  return pairs;
}

/** Waits between attempts of work that failed; ends at once when the command is stopped. */
export function waitFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
