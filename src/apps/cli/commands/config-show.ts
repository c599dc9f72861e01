import { relative } from "node:path";
import { resolveSettings, type SettingOrigin, type WorkspaceSettings } from "../../../adapters/config/workspace-settings.js";
import { sha256 } from "../../../adapters/node-hash/sha256.js";
import { renderPairs } from "../../../adapters/terminal/table.js";
import { policyFingerprint } from "../../../core/gate/policy-fingerprint.js";
import type { Violation } from "../../../core/quality/violation.js";
import type { RiskChoice } from "../../../ports/config-source.js";
import { strategyOf } from "../../../usecases/strategy-of.js";
import type { CommandResult, Invocation } from "../command.js";
import { failure } from "../failure.js";
import { statedSettings } from "../stated-settings.js";

/** A value with who decided it. */
interface Shown {
  readonly value: unknown;
  readonly origin: string;
}

export async function run(invocation: Invocation): Promise<CommandResult> {
  const [path] = invocation.args;
  return path === undefined ? showSettings(invocation) : showConfig(path, invocation);
}

async function showSettings({ flags, io, settings }: Invocation): Promise<CommandResult> {
  const resolved = await resolveSettings(statedSettings(flags), process.env, process.cwd());
  if (resolved.kind === "invalid") return { kind: "failed", failure: failure("SETTINGS_INVALID", resolved.violations) };
  const names: readonly (keyof WorkspaceSettings)[] = ["home", "store", "anchors", "telemetry", "color", "quality", "quiet"];
  const values = Object.fromEntries(
    names.map((name): [string, Shown] => [name, { value: settings[name], origin: inWords(resolved.origins[name]) }]),
  );
  return shown("onetape.settings/1", {}, values, flags.on("origin"), io);
}

function inWords({ layer, place }: SettingOrigin): string {
  return place === "" ? layer : `${layer} ${place}`;
}

async function showConfig(path: string, { flags, io }: Invocation): Promise<CommandResult> {
  const [{ yamlConfigSource }, { esbuildStrategySource }, { resolveParams }] = await Promise.all([
    import("../../../adapters/config/load-backtest-config.js"),
    import("../../../adapters/strategy-loader/esbuild-strategy-source.js"),
    import("../../../core/strategy/resolve-params.js"),
  ]);
  const loaded = await yamlConfigSource.load(path);
  if (loaded.kind === "invalid") return { kind: "failed", failure: failure("CONFIG_INVALID", loaded.violations, "onetape config schema") };
  const { config, locate, states } = loaded;
  const strategy = await strategyOf(esbuildStrategySource, config);
  if (strategy.kind === "refused") return { kind: "failed", failure: failure("CONFIG_INVALID", strategy.violations) };
  const { definition } = strategy.strategy;
  const choices = yamlConfigSource.resolve(config, definition.defaults);
  const params = resolveParams(definition.params, config.params);
  const placed = (violation: Violation): Violation => ({ ...violation, ...locate(violation.field ?? "") });
  const violations = [choices, params].flatMap((part) => (part.kind === "invalid" ? part.violations.map(placed) : []));
  if (choices.kind === "invalid" || params.kind === "invalid")
    return { kind: "failed", failure: failure("CONFIG_INVALID", violations, "onetape config schema") };
  const here = (pointer: string): string => {
    const place = locate(pointer);
    return place === null ? "config" : `${place.file}:${place.line}`;
  };
  const fromFile = (name: string, value: unknown, pointer = `/${name}`): [string, Shown] => [
    name,
    { value, origin: states(pointer) ? here(pointer) : "default" },
  ];
  const chosen = (name: string, value: unknown): [string, Shown] => {
    const pointer = `/${name.replaceAll(".", "/")}`;
    const origin = choices.origins.get(pointer) ?? "default";
    return [
      name,
      { value, origin: origin === "config" ? here(pointer) : origin === "strategy" ? `strategy ${definition.meta.name}` : "default" },
    ];
  };
  const values = Object.fromEntries<Shown>([
    fromFile(config.signals === null ? "strategy" : "signals", relative(process.cwd(), config.strategy)),
    ...Object.entries(params.values).map(([name, value]): [string, Shown] => {
      const pointer = `/params/${name}`;
      return [`params.${name}`, { value, origin: states(pointer) ? here(pointer) : `strategy ${definition.meta.name}` }];
    }),
    ...config.data.flatMap(({ symbol, set, price_mode, basis, file }): [string, Shown][] => [
      [
        `data.${symbol}`,
        {
          value: `${set}, ${price_mode}, ${basis}${file === null ? "" : `, imported from ${relative(process.cwd(), file)}`}`,
          origin: here("/data"),
        },
      ],
    ]),
    fromFile("timeframe", config.timeframe),
    fromFile("from", config.from === null ? null : new Date(config.from).toISOString()),
    fromFile("to", config.to === null ? null : new Date(config.to).toISOString()),
    fromFile("max_bars", config.max_bars),
    fromFile("account.currency", config.account.currency, "/account/currency"),
    fromFile("account.cash", config.account.cash, "/account/cash"),
    fromFile("account.scale", config.account.scale, "/account/scale"),
    ...config.instruments.map((instrument): [string, Shown] => {
      const { symbol, guessed, ...fields } = instrument;
      const text = Object.entries(fields).map(([field, value]) => `${field} ${value}${guessed.includes(field) ? " (guessed)" : ""}`);
      return [`instruments.${symbol}`, { value: text.join(", "), origin: states("/instruments") ? here("/instruments") : "guess" }];
    }),
    ...Object.entries(choices.execution).map(([field, value]) => chosen(`execution.${field}`, value)),
    ...Object.entries(choices.sizing).map(([field, value]) => chosen(`sizing.${field}`, value)),
    ...riskRows(config.risk, here),
    fromFile("on_end", config.on_end),
    fromFile("time_budget_ms", config.time_budget_ms),
    fromFile("append", config.append),
  ]);
  return shown("onetape.config/1", { config: config.path }, values, flags.on("origin"), io);
}

/** The policy and its stages, each with who decided it; nothing where the config names no policy. */
function riskRows(risk: RiskChoice | null, here: (pointer: string) => string): readonly (readonly [string, Shown])[] {
  if (risk === null) return [];
  const { policy, sources, flags, notes } = risk;
  const from = here("/risk/policy");
  return [
    ["risk.policy", { value: sources.join(", "), origin: from }],
    ["risk.policy_sha256", { value: policyFingerprint(policy, sha256), origin: from }],
    ...(["contracts", "sla", "guards"] as const).map((stage): [string, Shown] => {
      const flag = flags.find((one) => one.stage === stage);
      return [
        `risk.${stage}`,
        { value: policy.enforcement[stage], origin: flag === undefined ? `policy ${policy.name}` : `environment ${flag.variable}` },
      ];
    }),
    ...notes.map((note, n): [string, Shown] => [`risk.note.${n + 1}`, { value: note, origin: from }]),
  ];
}

function shown(
  schema: string,
  head: object,
  values: { readonly [name: string]: Shown },
  origin: boolean,
  io: Invocation["io"],
): CommandResult {
  const plain = Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]));
  const origins = Object.fromEntries(Object.entries(values).map(([name, { origin: from }]) => [name, from]));
  const text = (value: unknown): string => (value === null ? "-" : typeof value === "object" ? JSON.stringify(value) : String(value));
  const width = Math.max(...Object.values(values).map(({ value }) => Math.min(text(value).length, 48)));
  const rows = Object.entries(values).map(([name, { value, origin: from }]): readonly [string, string] => [
    name,
    origin ? `${text(value).padEnd(width)}  ${io.out.dim(from)}` : text(value),
  ]);
  return { kind: "done", json: { schema, ...head, values: plain, ...(origin ? { origins } : {}) }, human: () => renderPairs(rows, io.out) };
}
