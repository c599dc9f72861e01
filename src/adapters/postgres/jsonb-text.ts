import { canonicalPayload } from "../../core/tape/canonical-json.js";

/** A string, or a number outside of one. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * The canonical text of a payload that JSONB gave back: it keeps values and forgets how they were written.
 *
 * Text that is no payload comes back as it is, so that its hash shows the damage.
 */
export function canonicalOfJsonb(text: string): string {
  const canonical = canonicalPayload(parse(text));
  return canonical.ok ? canonical.text : text;
}

/**
 * Whether JSONB holds exactly the numbers that the tape wrote.
 *
 * A number with more digits than a double has, or with zeros behind it, reads as the same value: only its own text shows that somebody
 * changed it. PostgreSQL writes numbers without an exponent.
 */
export function holdsCanonicalNumbers(text: string): boolean {
  for (const [token] of text.matchAll(TOKEN)) if (!token.startsWith('"') && token !== plain(Number(token))) return false;
  return true;
}

/** A number as a plain decimal, without an exponent, to the last digit that ECMAScript shows. */
function plain(value: number): string {
  const shown = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-])(\d+)$/.exec(shown);
  if (match === null) return shown;
  const [, sign = "", first = "", rest = "", direction, digits = "0"] = match;
  const exponent = Number(digits);
  return direction === "-" ? `${sign}0.${"0".repeat(exponent - 1)}${first}${rest}` : `${sign}${first}${rest.padEnd(exponent, "0")}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
