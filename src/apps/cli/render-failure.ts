import type { Style } from "../../adapters/terminal/style.js";
import type { Violation } from "../../core/quality/violation.js";
import type { Failure } from "./failure.js";

const MOST_SHOWN = 50;

/** A failure for people: what, where, the value, what was expected, and the command that helps. */
export function renderFailure({ code, message, details, next, stack }: Failure, style: Style, verbose: boolean): string {
  const lines = [`${style.bad("error")} ${style.bold(code)}: ${message}`];
  for (const detail of details.slice(0, MOST_SHOWN)) lines.push(...renderViolation(detail, code, style));
  if (details.length > MOST_SHOWN) lines.push(`  and ${details.length - MOST_SHOWN} more; --json shows all`);
  if (next !== null) lines.push(`${style.dim("next:")} ${next}`);
  if (verbose && stack !== undefined) lines.push(style.dim(stack));
  return lines.join("\n");
}

function renderViolation(
  { code, message, file, line, column, field, value, expected }: Violation,
  outer: string,
  style: Style,
): readonly string[] {
  const place = file === undefined ? "" : [file, line, column].filter((part) => part !== undefined).join(":");
  const where = [place, field ?? ""].filter((part) => part !== "").join("  ");
  const head = `  ${where === "" ? "" : `${style.notice(where)}  `}${message}${code === outer ? "" : style.dim(`  ${code}`)}`;
  const facts = [
    value === undefined || message.includes(value) ? "" : `value: ${value.trim()}`,
    expected === undefined || message.includes(expected) ? "" : `expected: ${expected}`,
  ].filter((fact) => fact !== "");
  return [head, ...facts.map((fact) => `      ${fact}`)];
}
