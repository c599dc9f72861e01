/** What keeps factors and exchange rates from serving a run's bars; each fault with its place. */
import type { BarColumns, SessionRange } from "../core/market/bars.js";
import { dayOfText } from "../core/market/civil-date.js";
import { factorGaps } from "../core/market/factor-file.js";
import type { Instrument } from "../core/market/instrument.js";
import { utcText } from "../core/market/scan-time.js";
import type { FxSet } from "../core/money/fx-set.js";
import { fxSetOf } from "../core/money/fx-text.js";
import type { Violation } from "../core/quality/violation.js";
import { type Located, placed } from "./run-faults.js";

/** The bars of one instrument that a run delivers. */
interface Delivered {
  readonly columns: BarColumns;
  readonly sessions: readonly SessionRange[];
}

/** Times without a rate that are listed one by one; the others are counted. */
const LISTED = 5;

/** Factors must reach over the delivered days, and are for instruments that are paid in full. */
export function factorFaults(loaded: Located, traded: readonly Instrument[], delivered: readonly Delivered[]): readonly Violation[] {
  return loaded.config.corporate_actions.flatMap(({ symbol, file, rows }) => {
    const at = `/corporate_actions/${symbol.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const instrument = traded.find((x) => x.symbol === symbol);
    if (instrument?.settlement === "variation_margin") {
      const message = `${symbol} is settled by variation margin: it pays no dividends and has no splits`;
      const fault = {
        code: "ACTIONS_ON_MARGIN",
        message,
        field: at,
        value: "variation_margin",
        expected: "settlement: cash, or no factor file",
      };
      return [placed(fault, loaded, at)];
    }
    const sessions = delivered.find(({ columns }) => columns.symbol === symbol)?.sessions ?? [];
    const [first, last] = [sessions[0], sessions.at(-1)];
    if (first === undefined || last === undefined) return [];
    return factorGaps(rows, { first: dayOfText(first.session), last: dayOfText(last.session) }, file);
  });
}

/** Every bar of an instrument in another currency needs a rate that is young enough. */
export function rateFaults(loaded: Located, traded: readonly Instrument[], delivered: readonly Delivered[]): readonly Violation[] {
  const { fx, account } = loaded.config;
  if (fx === null) return [];
  const set = fxSetOf(fx.text);
  const faults: Violation[] = [];
  const known = new Set(set.currencies);
  if (!known.has(account.currency)) faults.push(missing(account.currency, account.currency, account.currency, set));
  for (const { symbol, currency } of traded) {
    if (currency === account.currency) continue;
    const own = delivered.find(({ columns }) => columns.symbol === symbol);
    if (!known.has(currency)) faults.push(missing(symbol, currency, account.currency, set));
    else if (known.has(account.currency) && own !== undefined) faults.push(...staleFaults(set, symbol, currency, account.currency, own));
  }
  return faults.map((fault) => placed(fault, loaded, "/fx"));
}

function missing(subject: string, currency: string, account: string, set: FxSet): Violation {
  return {
    code: "FX_PAIR_MISSING",
    message: `${subject} needs a rate of ${currency}, and the rate set has ${set.currencies.join(", ")}`,
    field: "/fx",
    value: currency,
    expected: `a rate that joins ${currency} to ${currency === account ? set.terms.pivot : account}`,
  };
}

function staleFaults(
  set: FxSet,
  symbol: string,
  currency: string,
  account: string,
  { columns, sessions }: Delivered,
): readonly Violation[] {
  const faults: Violation[] = [];
  let more = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { first_row, row_count } of sessions) {
    for (let row = first_row; row < first_row + row_count; row++) {
      const ts = columns.ts[row] as number;
      if (ts < until) continue;
      const answer = set.rateAt(currency, account, ts);
      if (answer.kind === "rate") {
        until = answer.until;
        continue;
      }
      if (answer.kind === "missing") return faults;
      if (faults.length === LISTED) {
        more += 1;
        break;
      }
      const hours = set.terms.max_age_ms / 3_600_000;
      const newest = answer.as_of === null ? "there is none yet" : `the newest is of ${utcText(answer.as_of)}, older than ${hours} hours`;
      faults.push({
        code: "FX_RATE_STALE",
        message: `the bar of ${symbol} that closes at ${utcText(ts)} has no rate of ${answer.pair}: ${newest}`,
        field: "/fx",
        value: utcText(ts),
        expected: `a rate of ${answer.pair} at most ${hours} hours old`,
      });
      // The rest of the session fares no better: the next fault is looked for in the next one.
      break;
    }
  }
  if (more > 0)
    faults.push({
      code: "FX_RATE_STALE",
      message: `${more} more sessions of ${symbol} have bars without a rate`,
      field: "/fx",
      value: String(more),
      expected: "0",
    });
  return faults;
}
