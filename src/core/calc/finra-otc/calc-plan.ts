/** Which inputs a calculation needs, and the identity of all that goes in. */
import { canonicalJson } from "../../tape/canonical-json.js";
import type { Sha256Fn, Sha256Hex } from "../../tape/hash.js";
import type { CalcIndex, CaptureRecord } from "../calc-index.js";
import { type CaptureSet, formCaptureSet } from "../capture-set.js";
import type { FinraCalculation } from "./finra-input.js";
import { WINDOW_WEEKS } from "./rolling.js";
import { FINRA_OTC, TIERS, type Tier } from "./tiers.js";
import { weeksUpTo } from "./weeks.js";

/** One unit of work: a calculation of one partition. */
export interface CalcTarget {
  readonly week_ending: string;
  /** Null for a calculation over all tiers of a week. */
  readonly tier: Tier | null;
}

/** What a target is computed from. */
export interface CalcInputs {
  /** Capture or capture set that the rows carry. */
  readonly capture_id: string;
  readonly captured_at: number;
  readonly captures: readonly CaptureRecord[];
  /** Null where one capture is the input. */
  readonly set: CaptureSet | null;
}

/** Targets of a calculation over weeks and tiers, ascending by week and tier: the same request gives the same batch. */
export function targetsOf(calc: FinraCalculation, weeks: readonly string[], tiers: readonly Tier[]): readonly CalcTarget[] {
  const sorted = [...new Set(weeks)].sort();
  if (calc.scope === "capture_set") return sorted.map((week_ending) => ({ week_ending, tier: null }));
  const wanted = TIERS.filter((tier) => tiers.includes(tier));
  return sorted.flatMap((week_ending) => wanted.map((tier) => ({ week_ending, tier })));
}

/**
 * The newest live captures that a target needs, or those as of a capture that is named. Null where its own week is not there.
 *
 * @param captureId the capture to compute on instead of the newest; of a calculation over one capture or one tier's weeks.
 */
export function inputsOf(
  calc: FinraCalculation,
  target: CalcTarget,
  index: CalcIndex,
  sha256: Sha256Fn,
  captureId: string | null = null,
): CalcInputs | null {
  const { week_ending, tier } = target;
  const own = (partition: { readonly week_ending: string; readonly tier: string }): CaptureRecord | null => {
    const named = captureId === null ? null : index.capture(captureId);
    if (named === null || named.week_ending !== partition.week_ending || named.tier !== partition.tier)
      return index.newest(FINRA_OTC, partition);
    return named.retracted ? null : named;
  };
  if (calc.scope === "capture") {
    const capture = tier === null ? null : own({ week_ending, tier });
    return capture === null ? null : { capture_id: capture.capture_id, captured_at: capture.captured_at, captures: [capture], set: null };
  }
  const weeks = calc.scope === "window" ? weeksUpTo(week_ending, WINDOW_WEEKS[calc.calc_name] ?? 1) : [week_ending];
  const tiers = tier === null ? TIERS : [tier];
  const captures = weeks.flatMap((week) => tiers.flatMap((each) => own({ week_ending: week, tier: each }) ?? []));
  if (!captures.some((capture) => capture.week_ending === week_ending)) return null;
  const set = formCaptureSet(FINRA_OTC, { scope: calc.scope, week_ending, tier }, captures, sha256);
  return { capture_id: set.set_id, captured_at: set.captured_at, captures, set };
}

/** What went in, by content: the calculation and its version, each capture with its normalised rows and grade, and calendars. */
export function inputHash(
  calc: { readonly calc_name: string; readonly calc_version: string },
  parts: readonly { readonly capture_id: string; readonly row_set: Sha256Hex | null; readonly grade: string }[],
  calendars: readonly string[],
  sha256: Sha256Fn,
): Sha256Hex {
  const text = canonicalJson({ ...calc, parts: parts.map((part) => ({ ...part })), calendars });
  if (!text.ok) throw new RangeError(`the input of ${calc.calc_name} has no canonical form`);
  return sha256(`onetape/calc-input/v1\n${text.text}`);
}
