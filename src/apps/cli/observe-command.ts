import type { Violation } from "../../core/quality/violation.js";
import { observeWith } from "../library/telemetry.js";
import type { CommandResult, CommandSpec } from "./command.js";
import { programVersion } from "./version.js";

export type Observing =
  | {
      readonly kind: "observing";
      /** Hands over what is left. @returns what was not taken, in words; null where all was, and where telemetry is off. */
      close(exit: number, result: CommandResult["kind"]): Promise<string | null>;
    }
  | { readonly kind: "invalid"; readonly violations: readonly Violation[] };

const OFF: Observing = { kind: "observing", close: () => Promise.resolve(null) };

/**
 * Watches one command.
 *
 * @param telemetry `otlp`, or the absolute path of a file.
 */
export async function observeCommand({ path, hidden }: CommandSpec, telemetry: string, environment: NodeJS.ProcessEnv): Promise<Observing> {
  if (hidden === true) return OFF;
  const { isDisabled, otlpViolations } = await import("../../adapters/telemetry/otlp-variables.js");
  if (isDisabled(environment)) return OFF;
  const violations = otlpViolations(environment);
  if (violations.length > 0) return { kind: "invalid", violations };
  const { startOtel } = await import("../../adapters/telemetry/otel-telemetry.js");
  // Arguments are not told: they are people's own words.
  const name = `onetape ${path.join(" ")}`;
  const about = { "process.executable.name": "onetape", "onetape.command": path.join(" ") };
  const destination = telemetry === "otlp" ? ({ kind: "otlp" } as const) : ({ kind: "file", path: telemetry } as const);
  const started = await startOtel({ destination, version: programVersion(), environment, root: { name, attributes: about } }).catch(
    (error: unknown) => (isFileError(error) ? error : Promise.reject(error)),
  );
  if (started instanceof Error) {
    const expected = "off, otlp, or a file in a folder that is there and can be written to";
    const message = `telemetry cannot be written to ${telemetry}: ${started.message}`;
    return { kind: "invalid", violations: [{ code: "CONFIG_VALUE", message, field: "--telemetry", value: telemetry, expected }] };
  }
  observeWith(started);
  started.log("info", "onetape.command.started", `${name} began`, about);
  return {
    kind: "observing",
    async close(exit, result) {
      observeWith(null);
      const ended = { ...about, "process.exit.code": exit, "onetape.command.result": result };
      started.log(exit === 0 ? "info" : "warn", "onetape.command.ended", `${name} ended with exit code ${exit}`, ended);
      return started.close(ended, exit === 0 ? null : `exit_${exit}`);
    },
  };
}

/** An error of the file system names its call; anything else is a bug. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
