/** Financing and rates of a config file in the form in which they are used. */
import type { FinancingConfig } from "../../core/engine/run-config.js";
import type { FinancingFields, FxFields } from "./account-schema.js";
import type { Draft } from "./draft.js";

/** Fills in what the file leaves out. */
export function toFinancing(stated: FinancingFields): FinancingConfig {
  return {
    day_count: stated.day_count,
    borrow_rate: stated.borrow_rate ?? "0",
    borrow_rates: stated.borrow_rates ?? {},
    credit_rate: stated.credit_rate ?? "0",
    debit_rate: stated.debit_rate ?? "0",
    short_proceeds: stated.short_proceeds ?? "excluded",
  };
}

/** What the schema check left whole of the rates: a faulty one was told already. */
export function wholeFx(draft: Draft<FxFields>): FxFields {
  const rates = (draft.rates ?? []).flatMap((entry) =>
    entry?.pair === undefined || entry.rate === undefined ? [] : [{ pair: entry.pair, rate: entry.rate }],
  );
  return {
    ...(draft.pivot === undefined ? {} : { pivot: draft.pivot }),
    ...(draft.max_age_hours === undefined ? {} : { max_age_hours: draft.max_age_hours }),
    ...(draft.file === undefined ? {} : { file: draft.file }),
    rates,
  };
}
