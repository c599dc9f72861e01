/** The risk policy of a run: what its config names, combined, checked against the run's symbols and currencies. */
import type { Limits, RiskPolicy } from "../../core/gate/policy.js";
import { fxSetOf } from "../../core/money/fx-text.js";
import { nearestName } from "../../core/quality/nearest-name.js";
import type { Violation } from "../../core/quality/violation.js";
import type { FxChoice, PartialSizing, RiskChoice } from "../../ports/config-source.js";
import { enforcementFlags, withFlags } from "./enforcement-flags.js";
import type { Report } from "./load-account-files.js";
import { type LoadedPolicy, loadPolicies } from "./load-policies.js";

/** What the config says of the account and the symbols. */
export interface RiskContext {
  /** Folder that paths are relative to. */
  readonly folder: string;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly currency: string | undefined;
  /** Null where there are no rates; undefined where they have faults of their own. */
  readonly fx: FxChoice | null | undefined;
  /** Every symbol that the run knows; null where the data have faults of their own. */
  readonly symbols: readonly string[] | null;
  /** Whether the config states a sizing. */
  readonly sized: boolean;
}

export interface LoadedRisk {
  readonly risk: RiskChoice | null;
  /** Sizing that a policy's file states for a run that states none. */
  readonly sizing: PartialSizing | null;
}

/**
 * @param names presets or paths, in the order in which the config names them.
 * @param report tells a fault of the config; faults of policy files go to `violations`.
 */
export async function loadRisk(
  names: readonly string[],
  context: RiskContext,
  report: Report,
  violations: Violation[],
): Promise<LoadedRisk> {
  const nothing: LoadedRisk = { risk: null, sizing: null };
  if (names.length === 0) return nothing;
  const read = enforcementFlags(context.environment);
  if (read.kind === "invalid") violations.push(...read.violations);
  const loaded = await loadPolicies(names, context.folder);
  if (loaded.kind === "invalid") {
    for (const violation of loaded.violations) {
      if (violation.file !== undefined && violation.line !== undefined) violations.push(violation);
      else report(violation.code, "/risk/policy", violation.message, violation.value, violation.expected ?? "a sound policy");
    }
    return nothing;
  }
  const before = violations.length;
  for (const member of loaded.members) {
    checkCurrencies(member, context, report, violations);
    checkSymbols(member, context.symbols, violations);
  }
  if (read.kind === "invalid" || violations.length > before) return nothing;
  const given = loaded.members.filter(({ sizing }) => sizing !== null);
  const sizing = context.sized ? null : (given[0]?.sizing ?? null);
  const notes = loaded.members.flatMap(({ source, notes: said }) => said.map((note) => `${source}: ${note}`));
  const unused = given.slice(context.sized ? 0 : 1).map(({ source }) => `${source}: its sizing is not used: the run has another`);
  return {
    risk: {
      policy: withFlags(loaded.policy, read.flags),
      sources: loaded.members.map(({ source }) => source),
      flags: read.flags.map(({ stage, variable }) => ({ stage, variable })),
      notes: [...notes, ...unused],
    },
    sizing,
  };
}

/** Amounts need a currency that can be told in the account's. */
function checkCurrencies(member: LoadedPolicy, { currency, fx }: RiskContext, report: Report, violations: Violation[]): void {
  if (currency === undefined || fx === undefined) return;
  const known = new Set(["base", currency, ...(fx === null ? [] : fxSetOf(fx.text).currencies)]);
  const told = new Set<string>();
  for (const { code, pointer } of currenciesOf(member.policy)) {
    if (known.has(code) || told.has(code)) continue;
    told.add(code);
    const message = `${member.source} limits amounts in ${code}, and the run has no rate between ${code} and ${currency}`;
    const expected = `a rate in "fx", such as { pair: ${code}/${currency}, rate: ... }, or amounts in base or ${currency}`;
    const place = member.locate(pointer);
    if (place === null) report("POLICY_CURRENCY", "/risk/policy", message, code, expected);
    else violations.push({ code: "POLICY_CURRENCY", message, ...place, field: pointer, value: code, expected });
  }
}

/** Currencies of a policy's amounts, each with the limit that names it. */
function currenciesOf({ limits, kill_switch }: RiskPolicy): readonly { readonly code: string; readonly pointer: string }[] {
  const of = (list: Limits | undefined, pointer: string) =>
    (list ?? []).flatMap(({ limit }) => ("currency" in limit ? [{ code: limit.currency, pointer }] : []));
  const named = [
    "notional_min",
    "notional_max",
    "risk_per_trade",
    "position_value",
    "gross_exposure",
    "net_exposure",
    "portfolio_heat",
  ] as const;
  return [
    ...(["daily_loss", "drawdown"] as const).flatMap((name) =>
      (["alert", "limit", "kill"] as const).flatMap((level) => of(limits[name]?.[level], `/limits/${name}/${level}`)),
    ),
    ...named.flatMap((name) => of(limits[name], `/limits/${name}`)),
    ...Object.entries(limits.asset_class_exposure).flatMap(([name, list]) => of(list, `/limits/asset_class_exposure/${name}`)),
    ...limits.correlation_groups.flatMap((group) => of(group.limits, "/limits/correlation_groups")),
    ...kill_switch.reconciliation_difference.flatMap((value) =>
      "currency" in value ? [{ code: value.currency, pointer: "/kill_switch/reconciliation_difference" }] : [],
    ),
  ];
}

/** A file's groups may only name symbols that the run knows. A preset's are known to be right, and count the symbols that the run has. */
function checkSymbols(member: LoadedPolicy, symbols: readonly string[] | null, violations: Violation[]): void {
  if (symbols === null || member.preset) return;
  for (const { group, symbol, pointer } of member.grouped) {
    if (symbols.includes(symbol)) continue;
    const near = nearestName(symbol, symbols);
    const message = `the group ${group} names ${symbol}, which this run does not know${near === null ? "" : `; did you mean ${near}?`}`;
    const expected = `${symbols.join(", ")}, or an entry for ${symbol} in "instruments"`;
    violations.push({ code: "UNKNOWN_SYMBOL", message, ...(member.locate(pointer) ?? {}), field: pointer, value: symbol, expected });
  }
}
