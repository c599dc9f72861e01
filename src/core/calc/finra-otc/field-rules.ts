/** What a record's fields must be. Every rule is asked: a record shows all that is wrong with it. */
import type { RejectReason } from "./reject.js";
import { tierOfCell } from "./tiers.js";

const LONGEST = 20;
const SYMBOL = /^[A-Z][A-Z0-9.\-/]*$/;
/** What cleaning would leave as it is: nearly every cell. */
const CLEAN = /^[A-Z0-9.\-/]*$/;
const MPID = /^[A-Z0-9]{4}$/;

/** A symbol in upper case, with nothing but A-Z, 0-9 and `.` `-` `/`. */
export function cleanSymbol(text: string): string {
  if (CLEAN.test(text)) return text;
  return text.toUpperCase().replace(/[^A-Z0-9.\-/]/g, "");
}

/** A market participant in upper case. */
export function cleanMpid(text: string): string {
  if (MPID.test(text)) return text;
  return text.trim().toUpperCase();
}

/** Cells of a record. Null: the shape has no such column, or the cell could not be read. */
export interface RecordFields {
  readonly tier: string | null;
  readonly symbol: string;
  readonly mpid: string;
  readonly shares: number | null;
  readonly trades: number | null;
  readonly venue: "mpid" | "name";
}

export interface JudgedFields {
  readonly symbol: string;
  readonly mpid: string;
  readonly reasons: readonly RejectReason[];
  /** `symbol|mpid`, or null where one of them is empty. */
  readonly key: string | null;
}

const NONE: readonly RejectReason[] = [];

/** A record's cleaned key and everything that its fields break. */
export function fieldReasons(fields: RecordFields): JudgedFields {
  const symbol = cleanSymbol(fields.symbol);
  const mpid = cleanMpid(fields.mpid);
  const { shares, trades } = fields;
  const goodMpid = fields.venue === "mpid" ? MPID.test(mpid) : mpid !== "" && mpid.length <= LONGEST;
  const goodTier = fields.tier === null || tierOfCell(fields.tier) !== null;
  const key = symbol === "" || mpid === "" ? null : `${symbol}|${mpid}`;
  const sound =
    goodTier &&
    goodMpid &&
    symbol.length <= LONGEST &&
    SYMBOL.test(symbol) &&
    shares !== null &&
    trades !== null &&
    shares >= 0 &&
    trades >= 0;
  if (sound && (shares > 0 || trades > 0)) return { symbol, mpid, reasons: NONE, key };
  const reasons: RejectReason[] = [];
  const say = (code: RejectReason["code"], detail: string): void => {
    reasons.push({ code, detail });
  };
  if (!goodTier) say("INVALID_TIER", `"${fields.tier}" is no tier`);
  if (symbol === "") say("INVALID_SYMBOL", `the symbol "${fields.symbol}" is empty after cleaning`);
  else if (!SYMBOL.test(symbol)) say("INVALID_SYMBOL", `the symbol "${symbol}" does not begin with a letter`);
  if (symbol.length > LONGEST) say("SYMBOL_TOO_LONG", `the symbol "${symbol}" has ${symbol.length} characters, at most ${LONGEST}`);
  if (mpid === "") say("INVALID_MPID", "the market participant is empty");
  else if (fields.venue === "mpid" && !MPID.test(mpid)) say("INVALID_MPID", `"${mpid}" is not four letters or digits`);
  if (mpid.length > LONGEST) say("MPID_TOO_LONG", `"${mpid}" has ${mpid.length} characters, at most ${LONGEST}`);
  if (shares !== null && shares < 0) say("NEGATIVE_VOLUME", `${shares} shares`);
  if (trades !== null && trades < 0) say("NEGATIVE_TRADES", `${trades} trades`);
  if (shares === 0 && trades === 0) say("ZERO_VOLUME", "no shares and no trades");
  return { symbol, mpid, reasons, key };
}
