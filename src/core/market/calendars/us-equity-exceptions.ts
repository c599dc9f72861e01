/**
 * What no rule gives: days on which the American stock exchanges closed, opened late or closed early once.
 *
 * Halts inside a session (technical faults, minutes of silence, circuit breakers) are not listed: bars missing there are missing.
 */

export interface Exception {
  readonly day: string;
  readonly reason: string;
}

export interface TimedException extends Exception {
  /** Minutes after midnight in New York. */
  readonly minute: number;
}

/** Whole days closed outside the holiday rules, 1998 to 2030 as known in 2026-11. */
export const SPECIAL_CLOSURES: readonly Exception[] = [
  { day: "2001-09-11", reason: "attack on the World Trade Center" },
  { day: "2001-09-12", reason: "attack on the World Trade Center" },
  { day: "2001-09-13", reason: "attack on the World Trade Center" },
  { day: "2001-09-14", reason: "attack on the World Trade Center" },
  { day: "2004-06-11", reason: "national day of mourning for President Reagan" },
  { day: "2007-01-02", reason: "national day of mourning for President Ford" },
  { day: "2012-10-29", reason: "Hurricane Sandy" },
  { day: "2012-10-30", reason: "Hurricane Sandy" },
  { day: "2018-12-05", reason: "national day of mourning for President George H. W. Bush" },
  { day: "2025-01-09", reason: "national day of mourning for President Carter" },
];

/** Early closes outside the rules. */
export const SPECIAL_EARLY_CLOSES: readonly TimedException[] = [
  { day: "1999-12-31", minute: 780, reason: "preparation for the change of the year 2000" },
  { day: "2003-12-26", minute: 780, reason: "Friday after Christmas" },
];

/** Late opens of the New York Stock Exchange. */
export const NYSE_LATE_OPENS: readonly TimedException[] = [
  { day: "2002-09-11", minute: 720, reason: "first anniversary of the attack on the World Trade Center" },
];

/** Late opens of Nasdaq. */
export const NASDAQ_LATE_OPENS: readonly TimedException[] = [
  { day: "2002-09-11", minute: 660, reason: "first anniversary of the attack on the World Trade Center" },
];
