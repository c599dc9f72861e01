import type { LocalClock } from "../core/market/stamp-reader.js";

/** The world's time zones, as one release of the IANA database knows them. */
export interface TimeZones {
  /** Release of the database, such as `2025c`. Part of what a capture of local times rests on. */
  readonly version: string;
  /** @returns the zone's clock, or null for a name that the database does not have. */
  open(name: string): LocalClock | null;
}
