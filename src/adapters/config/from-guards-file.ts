/** A risk file with `guards` as a policy, as the sizing that it states, and as notes on what it says beside them. */
import { formatBig, parseBig } from "../../core/money/decimal.js";
import type { PartialSizing } from "../../ports/config-source.js";
import type { GuardsFile } from "./guards-schema.js";
import type { LimitFields, LossFields, PolicyFile } from "./policy-schema.js";

/** What the layout means where a key is left out: `configs/risk.yml` as it ships. */
const STANDARD = {
  currency: "EUR",
  daily_loss: "1000",
  drawdown: "1500",
  gross_exposure: "50000",
  qty: "100",
  losses: 5,
  slippage_pct: "5",
  lock_hours: "24",
  notify: ["email", "log"],
  positions: 10,
  orders_per_minute: 5,
} as const;

/** Null where the file says not to check, the layout's default where it says nothing. */
function stated<T>(value: T | null | undefined, standard: T): T | null {
  return value === undefined ? standard : value;
}

/** The same policy in our own keys. */
export function policyOfGuards(file: GuardsFile): PolicyFile {
  const { guards = {}, kill_switch: kill = {}, exposure = {} } = file;
  const currency = file.currency ?? STANDARD.currency;
  const trips = kill.enabled ?? true;
  const triggers = kill.triggers ?? {};
  const slippage = stated(guards.max_slippage_pct, STANDARD.slippage_pct);
  const qty = stated(guards.max_qty_per_symbol, STANDARD.qty);
  const positions = stated(exposure.max_open_positions, STANDARD.positions);
  const amount = (value: string | null): LimitFields | null => (value === null ? null : { limit: { amount: value, currency } });
  const level = (value: string | null) => (value === null ? null : { amount: value, currency });
  const loss = (limit: string | null, trigger: string | null): LossFields => ({ limit: level(limit), kill: trips ? level(trigger) : null });
  return {
    enforcement: { guards: guards.enabled === false ? "observe" : "enforce" },
    trading: {
      hours_only: exposure.trading_hours_only ?? true,
      blacklist: exposure.blacklist_symbols ?? [],
      orders_per_minute: stated(exposure.max_orders_per_minute, STANDARD.orders_per_minute),
    },
    limits: {
      daily_loss: loss(stated(guards.max_daily_loss, STANDARD.daily_loss), stated(triggers.max_daily_loss, STANDARD.daily_loss)),
      drawdown: loss(stated(guards.max_drawdown, STANDARD.drawdown), stated(triggers.max_drawdown_from_peak, STANDARD.drawdown)),
      consecutive_losses: {
        limit: stated(guards.max_consecutive_losses, STANDARD.losses),
        kill: trips ? stated(triggers.consecutive_losses, STANDARD.losses) : null,
      },
      position_qty: qty === null ? null : { qty },
      open_positions: positions === null ? null : { limit: positions },
      gross_exposure: amount(stated(guards.max_gross_exposure, STANDARD.gross_exposure)),
      slippage: slippage === null ? null : { fraction: fractionOf(slippage) },
    },
    kill_switch: {
      enabled: trips,
      lock_hours: kill.actions?.lock_duration_hours ?? STANDARD.lock_hours,
      actions: {
        cancel_orders: kill.actions?.cancel_all_orders ?? true,
        flatten: kill.actions?.close_all_positions ?? false,
        notify: [...(kill.actions?.notify ?? STANDARD.notify)],
      },
    },
  };
}

/** Where our key's value stands in a file of this layout, for messages. */
export const GUARDS_POINTERS: Readonly<Record<string, string>> = {
  "/limits/daily_loss/limit": "/guards/max_daily_loss",
  "/limits/daily_loss/kill": "/kill_switch/triggers/max_daily_loss",
  "/limits/drawdown/limit": "/guards/max_drawdown",
  "/limits/drawdown/kill": "/kill_switch/triggers/max_drawdown_from_peak",
  "/limits/consecutive_losses/limit": "/guards/max_consecutive_losses",
  "/limits/consecutive_losses/kill": "/kill_switch/triggers/consecutive_losses",
  "/limits/gross_exposure/limit": "/guards/max_gross_exposure",
};

/** A percentage as a fraction, exactly. */
function fractionOf(pct: string): string {
  const places = (pct.split(".")[1] ?? "").length;
  return formatBig(parseBig(pct, places) ?? 0n, places + 2).replace(/\.?0+$/, "");
}

/** The sizing that the file states for a run that states none; null where it states none either. */
export function sizingOfGuards({ sizing }: GuardsFile): PartialSizing | null {
  if (sizing === undefined) return null;
  const mode = sizing.default_mode ?? "risk";
  if (mode === "fixed") return { mode: "fixed", qty: sizing.fixed?.default_qty ?? "1" };
  if (mode === "pct_equity") return { mode: "pct_equity", pct: sizing.pct_equity?.default_pos_pct ?? "10" };
  return { mode: "risk_stop", risk_pct: sizing.risk?.default_risk_pct ?? "1", max_position_pct: sizing.risk?.max_pos_pct ?? "20" };
}

/** What the file says that no policy holds, in sentences. */
export function notesOnGuards({ sizing, broker }: GuardsFile): readonly string[] {
  const notes: string[] = [];
  if (sizing !== undefined) notes.push("sizing is no part of the policy: it sizes a run that states no sizing of its own");
  const instrument = (["min_qty", "tick_size"] as const).filter((key) => sizing?.[key] !== undefined);
  if (instrument.length > 0)
    notes.push(
      `${instrument.map((key) => `sizing.${key}`).join(" and ")} ${instrument.length > 1 ? "are" : "is"} ignored: instruments state lot_step, min_qty and price_tick`,
    );
  const keys = Object.keys(broker ?? {});
  if (keys.length > 0)
    notes.push(`${keys.map((key) => `broker.${key}`).join(", ")}: ignored, the broker's connection is not a matter of policy`);
  return notes;
}
