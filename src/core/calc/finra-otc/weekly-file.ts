/** The three shapes of a weekly file, and how a line of each is read. Bytes, encodings and line ends are an adapter's business. */
import { parseDay } from "../../market/civil-date.js";
import type { Violation } from "../../quality/violation.js";
import { fieldReasons } from "./field-rules.js";
import type { Reject, RejectReason } from "./reject.js";

export type ShapeName = "transparency" | "compact" | "legacy";

type FieldName = "tier" | "symbol" | "mpid" | "shares" | "trades" | "last_update" | "week_ending";

interface Shape {
  readonly name: ShapeName;
  /** Whether the venue column holds four-character market participant ids, or names of venues. */
  readonly venue: "mpid" | "name";
  readonly columns: Readonly<Partial<Record<FieldName, string>>>;
  /** Header that the shape must have; more columns may follow only in `legacy`. */
  readonly header: readonly string[];
}

const SHAPES: readonly Shape[] = [
  {
    name: "transparency",
    venue: "mpid",
    columns: {
      tier: "tierDescription",
      symbol: "issueSymbolIdentifier",
      mpid: "MPID",
      shares: "totalWeeklyShareQuantity",
      trades: "totalWeeklyTradeCount",
      last_update: "lastUpdateDate",
    },
    header: [
      "tierDescription",
      "issueSymbolIdentifier",
      "issueName",
      "marketParticipantName",
      "MPID",
      "totalWeeklyShareQuantity",
      "totalWeeklyTradeCount",
      "lastUpdateDate",
    ],
  },
  {
    name: "compact",
    venue: "mpid",
    columns: { week_ending: "WeekEnding", tier: "Tier", symbol: "Symbol", mpid: "MPID", shares: "TotalShares", trades: "TotalTrades" },
    header: ["WeekEnding", "Tier", "Symbol", "MPID", "TotalShares", "TotalTrades"],
  },
  {
    name: "legacy",
    venue: "name",
    columns: { symbol: "Symbol", mpid: "Venue", week_ending: "Date", shares: "TotalWeeklyShareVolume", trades: "TotalWeeklyTrades" },
    header: ["Symbol", "Venue", "Date", "TotalWeeklyShareVolume", "TotalWeeklyTrades"],
  },
];

/** A header that was recognised. */
export interface FileLayout {
  readonly shape: ShapeName;
  readonly venue: "mpid" | "name";
  readonly width: number;
  readonly at: Readonly<Partial<Record<FieldName, number>>>;
}

/** A line whose cells could be read; what they say is not judged yet. */
export interface RawRow {
  readonly line: number;
  readonly raw: string;
  /** Null where the shape has no such column. */
  readonly tier: string | null;
  readonly week_ending: string | null;
  readonly last_update: string | null;
  readonly symbol: string;
  readonly mpid: string;
  readonly shares: number;
  readonly trades: number;
}

/** The shape that a header line has, or what was expected of it. */
export function readHeader(
  line: string,
): { readonly kind: "layout"; readonly layout: FileLayout } | { readonly kind: "invalid"; readonly violations: readonly Violation[] } {
  const cells = line.split("|").map((cell) => cell.trim());
  for (const shape of SHAPES) {
    const fits = shape.header.every((name, n) => cells[n] === name) && (shape.name === "legacy" || cells.length === shape.header.length);
    if (!fits) continue;
    const at = Object.fromEntries(Object.entries(shape.columns).map(([field, column]) => [field, cells.indexOf(column)]));
    return { kind: "layout", layout: { shape: shape.name, venue: shape.venue, width: cells.length, at } };
  }
  const closest = SHAPES.map((shape) => ({ shape, missing: shape.header.filter((name) => !cells.includes(name)) })).sort(
    (a, b) => a.missing.length - b.missing.length,
  )[0];
  const missing =
    closest === undefined || closest.missing.length === 0 ? "columns stand in another order" : `missing ${closest.missing.join(", ")}`;
  return {
    kind: "invalid",
    violations: [
      {
        code: "WRONG_COLUMNS",
        message: `the header is that of no weekly file: ${missing}`,
        field: "header",
        value: line.slice(0, 200),
        expected: SHAPES.map((shape) => shape.header.join("|")).join(" or "),
      },
    ],
  };
}

/** Whether a line carries no data: blank, or a comment of the legacy shape. */
export function isPassedOver(line: string): boolean {
  const first = line.charCodeAt(0);
  // Nearly every line begins with a letter or a digit.
  if (first > 0x23 && first < 0x7f) return false;
  return line.trim() === "" || line.trimStart().startsWith("#");
}

/** One data line as a row, or as a reject with everything that is wrong with it. */
export function readLine(
  layout: FileLayout,
  text: string,
  line: number,
): { readonly kind: "row"; readonly row: RawRow } | { readonly kind: "reject"; readonly reject: Reject } {
  const cells = text.split("|");
  const reject = (reasons: readonly RejectReason[], key: string | null): { readonly kind: "reject"; readonly reject: Reject } => ({
    kind: "reject",
    reject: { stage: "INGEST", line, reasons, raw: text, record_key: key },
  });
  if (cells.length !== layout.width)
    return reject([{ code: "PARSE_ERROR", detail: `${cells.length} cells where the header has ${layout.width}` }], null);
  const broken: RejectReason[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if ((unit < 0x20 && unit !== 0x09) || unit === 0xfffd) {
      broken.push({ code: "PARSE_ERROR", detail: unit === 0xfffd ? "bytes that are no UTF-8" : `control character ${unit} in the line` });
      break;
    }
  }
  const cell = (field: FieldName): string | null => {
    const at = layout.at[field];
    return at === undefined ? null : (cells[at] ?? "").trim();
  };
  const shares = readCount(cell("shares") ?? "", "shares", broken);
  const trades = readCount(cell("trades") ?? "", "trades", broken);
  const week = cell("week_ending");
  if (week !== null && parseDay(week) === null) broken.push({ code: "PARSE_ERROR", detail: `"${week}" is no day written as YYYY-MM-DD` });
  const update = cell("last_update");
  if (update !== null && parseDay(update) === null)
    broken.push({ code: "PARSE_ERROR", detail: `last update "${update}" is no day written as YYYY-MM-DD` });
  const symbol = cell("symbol") ?? "";
  const mpid = cell("mpid") ?? "";
  if (broken.length > 0) {
    const judged = fieldReasons({ tier: cell("tier"), symbol, mpid, shares, trades, venue: layout.venue });
    return reject([...broken, ...judged.reasons], judged.key);
  }
  return {
    kind: "row",
    row: {
      line,
      raw: text,
      tier: cell("tier"),
      week_ending: week,
      last_update: update,
      symbol,
      mpid,
      shares: shares ?? 0,
      trades: trades ?? 0,
    },
  };
}

const WHOLE = /^[+-]?\d+$/;

function readCount(text: string, what: string, broken: RejectReason[]): number | null {
  if (text === "") {
    broken.push({ code: "PARSE_ERROR", detail: `${what} is blank` });
    return null;
  }
  if (!WHOLE.test(text)) {
    broken.push({ code: "PARSE_ERROR", detail: `${what} "${text}" is no whole number` });
    return null;
  }
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  broken.push({ code: "PARSE_ERROR", detail: `${what} ${text} is beyond 2^53-1` });
  return null;
}
