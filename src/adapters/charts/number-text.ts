import { roundHalfEven } from "../../core/metrics/round-half-even.js";

const MINUS = "\u2212";

/** A number for people: about four significant digits, digits in groups. @param minus the sign; a terminal's text has a hyphen, so that it can be searched. */
export function shortNumber(value: number, minus: string = MINUS): string {
  const size = Math.abs(value);
  const places = size >= 1000 || Number.isInteger(value) ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
  const [whole = "", fraction] = Math.abs(roundHalfEven(value, places)).toFixed(places).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `${minus}${text}` : text;
}

/** Text as it may stand between tags and in quotes. */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
