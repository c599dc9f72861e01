/** The risk state of the account: one row per session, one per fill. */
import { formatBig } from "../money/decimal.js";
import type { Valuation } from "./account-fold.js";
import { ratioText } from "./decimal-text.js";
import type { RowMoment } from "./row-moment.js";
import type { RowOf } from "./table.js";

export const riskSchema = {
  name: "risk",
  grain: "one row per session and one per fill, for the whole account; limits are absent where no policy sets them",
  sort_key: ["tape_position"],
  columns: {
    tape_position: { type: "int64", unit: "tape position", nullable: false, doc: "Position of the event that the row follows." },
    row_kind: { type: "text", unit: null, nullable: false, doc: "`fill`, `session` or `end`, as in `positions`." },
    ts: { type: "timestamp_ms", unit: "UTC", nullable: false, doc: "Event time." },
    session: { type: "text", unit: null, nullable: true, doc: "Session date at the exchange, `YYYY-MM-DD`." },
    equity: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Equity as in `positions`." },
    peak_equity: {
      type: "decimal",
      unit: "currency",
      nullable: false,
      min_scale: 8,
      doc: "Highest equity at any bar close so far, initial cash included.",
    },
    gross_exposure: { type: "decimal", unit: "currency", nullable: false, min_scale: 8, doc: "Sum of absolute market values." },
    current_leverage: {
      type: "decimal",
      unit: "ratio",
      nullable: true,
      min_scale: 8,
      doc: "`gross_exposure` over `equity`, half-even; absent where equity is not positive.",
    },
    max_leverage: { type: "decimal", unit: "ratio", nullable: true, min_scale: 8, doc: "Limit on leverage." },
    max_position_notional: { type: "decimal", unit: "currency", nullable: true, min_scale: 8, doc: "Limit on one position's value." },
    current_drawdown: {
      type: "decimal",
      unit: "fraction",
      nullable: true,
      min_scale: 8,
      doc: "(`peak_equity` - `equity`) over `peak_equity`, not below 0, half-even; absent where the peak is not positive.",
    },
    max_drawdown: { type: "decimal", unit: "fraction", nullable: true, min_scale: 8, doc: "Limit on drawdown." },
    kill_switch_dd: { type: "decimal", unit: "fraction", nullable: true, min_scale: 8, doc: "Drawdown at which the kill switch trips." },
    breached_rules: { type: "text", unit: null, nullable: false, doc: "Codes of the rules in breach, as a JSON array." },
    kill_switch_active: { type: "bool", unit: null, nullable: false, doc: "Whether the kill switch is on." },
  },
} as const;

export type RiskRow = RowOf<typeof riskSchema>;

/** @param peak highest equity at any bar close so far */
export function riskRow(moment: RowMoment, account: Valuation, peak: bigint, moneyScale: number): RiskRow {
  const below = peak > account.equity ? peak - account.equity : 0n;
  return {
    tape_position: moment.position,
    row_kind: moment.row,
    ts: moment.ts,
    session: moment.session,
    equity: formatBig(account.equity, moneyScale),
    peak_equity: formatBig(peak, moneyScale),
    gross_exposure: formatBig(account.gross, moneyScale),
    current_leverage: ratioText(account.gross, account.equity),
    max_leverage: null,
    max_position_notional: null,
    current_drawdown: ratioText(below, peak),
    max_drawdown: null,
    kill_switch_dd: null,
    breached_rules: "[]",
    kill_switch_active: false,
  };
}
