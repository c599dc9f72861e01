/** Several captures as one input: the tiers of a week, or the weeks of a window. */
import type { UtcMillis } from "../tape/event.js";
import type { Sha256Fn } from "../tape/hash.js";

export interface CaptureMember {
  readonly capture_id: string;
  readonly captured_at: UtcMillis;
  readonly week_ending: string;
  readonly tier: string;
}

/** An identity over captures. It exists once: the same members give the same id. */
export interface CaptureSet {
  readonly set_id: string;
  readonly scope: "capture_set" | "window";
  readonly week_ending: string;
  readonly tier: string | null;
  /** Ascending by week and tier, at most one capture per pair. */
  readonly members: readonly CaptureMember[];
  /** That of the newest member. */
  readonly captured_at: UtcMillis;
}

/** Domain and version of the id over the members. */
export const CAPTURE_SET_PREFIX = "onetape/capture-set/v1\n";

/**
 * The set of some captures: `{domain}:set:{week}:{h16}` for all tiers of a week, `{domain}:window:{tier}:{week}:{h16}` for the weeks of a tier,
 * where h16 begins SHA-256 of the members' ids in their order.
 *
 * @throws {RangeError} for no member, or two of one partition.
 */
export function formCaptureSet(
  domain: string,
  target: { readonly scope: CaptureSet["scope"]; readonly week_ending: string; readonly tier: string | null },
  captures: readonly CaptureMember[],
  sha256: Sha256Fn,
): CaptureSet {
  const place = (member: CaptureMember): string => `${member.week_ending}|${member.tier}`;
  const members = [...captures].sort((a, b) => (place(a) < place(b) ? -1 : 1));
  if (members.length === 0) throw new RangeError("a capture set has members");
  if (new Set(members.map(place)).size !== members.length) throw new RangeError("a capture set holds one capture per partition");
  const { scope, week_ending, tier } = target;
  const h16 = sha256(`${CAPTURE_SET_PREFIX}${members.map(({ capture_id }) => `${capture_id}\n`).join("")}`).slice(0, 16);
  const where = scope === "capture_set" ? `set:${week_ending}` : `window:${tier ?? ""}:${week_ending}`;
  return {
    set_id: `${domain}:${where}:${h16}`,
    scope,
    week_ending,
    tier,
    members,
    captured_at: members.reduce((newest, { captured_at }) => (captured_at > newest ? captured_at : newest), members[0]?.captured_at ?? 0),
  };
}
