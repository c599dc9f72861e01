/** The named pipelines of the domain and their parameters: what can be asked for by name. */
import type { FinraCalculation } from "./finra-input.js";

/** How a parameter is read. */
export type ParameterKind = "text" | "week" | "day" | "tier" | "count" | "flag" | "path";

export interface PipelineParameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly required: boolean;
  readonly says: string;
}

/** What a pipeline does: ingest and normalise take files and captures, `calculate` runs calculations in their order. */
export type PipelineWork =
  | { readonly kind: "ingest" }
  | { readonly kind: "normalise" }
  | { readonly kind: "backfill" }
  | { readonly kind: "calendar_year" }
  | { readonly kind: "trading_days" }
  | { readonly kind: "calculate"; readonly calculations: readonly string[] };

export interface Pipeline {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly PipelineParameter[];
  readonly work: PipelineWork;
}

const parameter = (name: string, kind: ParameterKind, says: string, required = false): PipelineParameter => ({
  name,
  kind,
  required,
  says,
});

const week = (required: boolean): PipelineParameter => parameter("week_ending", "week", "the Friday that ends the week", required);
const tier = (required: boolean): PipelineParameter =>
  parameter("tier", "tier", `NMS_TIER_1, NMS_TIER_2 or OTC${required ? "" : "; left out: all"}`, required);
const force = parameter("force", "flag", "do what was done before again");
const capture = parameter("capture_id", "text", "this capture instead of the newest of its partition");
const range: readonly PipelineParameter[] = [
  parameter("start_date", "day", "first day of a range of weeks, instead of week_ending"),
  parameter("end_date", "day", "last day of the range"),
];
const exchange = parameter("exchange_code", "text", "the exchange whose trading days count (default XNYS)");
const calendar = parameter("calendar_capture_id", "text", "this capture of a calendar's year instead of the newest");
const version = parameter("calc_version", "text", "this version instead of the current one");

/** Parameters of a calculation that is run by its name. */
export function calculationParameters(calc: Pick<FinraCalculation, "calc_name" | "scope">): readonly PipelineParameter[] {
  const shared = [week(false), ...range];
  const own = calc.scope === "capture_set" ? [] : [tier(false), capture];
  const days = calc.calc_name === "volume_per_trading_day" ? [exchange, calendar] : [];
  return [
    ...shared,
    ...own,
    ...days,
    version,
    parameter("level", "text", "L1 appends, L2 skips the same input (the default), L3 the same rows"),
    force,
  ];
}

const DOMAIN = "finra.otc_transparency";
/** Names that anomalies carry of what was at work. */
export const INGEST_PIPELINE: string = `${DOMAIN}.ingest_week`;
export const NORMALISE_PIPELINE: string = `${DOMAIN}.normalize_week`;
export const SCHEDULE_PIPELINE: string = `${DOMAIN}.backfill_range`;
export const CALENDAR_PIPELINE: string = "reference.exchange_calendar.ingest_year";

export const PIPELINES: readonly Pipeline[] = [
  {
    name: INGEST_PIPELINE,
    summary: "take a weekly file into the workspace as a capture",
    parameters: [
      parameter("file_path", "path", "the weekly file: text, gzip or zip; left out: data/finra/finra_otc_weekly_{tier}_{yyyymmdd}.csv"),
      tier(false),
      week(false),
      parameter("source_type", "text", "file (the default) or api"),
      parameter("mock_response", "path", "for source_type api: a file with what the interface answered"),
      parameter("file_date", "day", "publication date, over that of the file's name"),
      parameter("batch_id", "text", "name of the batch that the file came with, kept with its capture"),
      force,
    ],
    work: { kind: "ingest" },
  },
  {
    name: NORMALISE_PIPELINE,
    summary: "judge every line of a capture: a row, or a reject with all its reasons",
    parameters: [week(true), tier(true), capture, force],
    work: { kind: "normalise" },
  },
  {
    name: `${DOMAIN}.aggregate_week`,
    summary: "compute symbol_summary of a week",
    parameters: [week(true), tier(true), capture, force],
    work: { kind: "calculate", calculations: ["symbol_summary"] },
  },
  {
    name: `${DOMAIN}.compute_rolling`,
    summary: "compute a moving window that ends with a week",
    parameters: [week(true), tier(true), parameter("window_weeks", "count", "4, 6 (the default) or 13"), force],
    work: { kind: "calculate", calculations: ["symbol_rolling_6w"] },
  },
  {
    name: `${DOMAIN}.compute_venue_share`,
    summary: "compute venue_share of a week",
    parameters: [week(false), tier(false), capture, force],
    work: { kind: "calculate", calculations: ["venue_share"] },
  },
  {
    name: `${DOMAIN}.compute_venue_concentration`,
    summary: "compute venue_concentration of a week or a range of weeks",
    parameters: [week(false), ...range, tier(false), version, force],
    work: { kind: "calculate", calculations: ["venue_concentration"] },
  },
  {
    name: `${DOMAIN}.compute_volume_per_day`,
    summary: "compute volume_per_trading_day of a week",
    parameters: [week(false), ...range, tier(false), exchange, calendar, force],
    work: { kind: "calculate", calculations: ["volume_per_trading_day"] },
  },
  {
    name: SCHEDULE_PIPELINE,
    summary: "take the weekly files of a range of weeks through every stage",
    parameters: [
      tier(true),
      parameter("weeks_back", "count", "how many weeks, the last one included", true),
      parameter("source_dir", "path", "folder of the files", true),
      parameter("file_pattern", "text", "name of a week's file (default week_{week}.psv)"),
      week(false),
      force,
    ],
    work: { kind: "backfill" },
  },
  {
    name: CALENDAR_PIPELINE,
    summary: "load an exchange's holidays of one year, from its own rules or a JSON file",
    parameters: [
      parameter("exchange_code", "text", "XNYS (the default), XNAS, XASE, ARCX or BATS; others from a file"),
      parameter("year", "count", "the year; a file says it itself"),
      parameter("file_path", "path", "JSON {exchange_code, year, holidays: [{date, name, type}]}"),
      force,
    ],
    work: { kind: "calendar_year" },
  },
  {
    name: "reference.exchange_calendar.compute_trading_days",
    summary: "list the trading days of a week, a range of days or a year",
    parameters: [exchange, week(false), ...range, parameter("year", "count", "a whole year, instead of days")],
    work: { kind: "trading_days" },
  },
];
