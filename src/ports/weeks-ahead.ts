import type { NormalisedWeek } from "../core/calc/finra-otc/normalise.js";
import type { Tier } from "../core/calc/finra-otc/tiers.js";
import type { WeeklyFile } from "../core/calc/finra-otc/weekly-intake.js";
import type { StoredType } from "../core/calc/stored-columns.js";
import type { Sha256Hex } from "../core/tape/hash.js";
import type { StoredWeek } from "./calc-store.js";
import type { WeeklyContent } from "./weekly-source.js";

/** Rows that lie in a file as text, ready to be taken into the store of rows. */
export interface RowText {
  readonly path: string;
  readonly count: number;
  /** Units of the longest line. */
  readonly longest: number;
  /** Every column of the group, those of nulls alone too. */
  readonly columns: readonly RowTextColumn[];
}

export interface RowTextColumn {
  readonly name: string;
  readonly type: StoredType;
  /** SQL type that the text is read with. */
  readonly read: string;
  /** Value of all rows, which then does not stand in the lines; null where each line has its own. */
  readonly shared: string | null;
}

/** A weekly file whose lines were written down where it was read. */
export interface WrittenFile extends Omit<WeeklyFile, "rows"> {
  readonly text: RowText;
}

/** What is asked for ahead: what an ingestion of a file is told. */
export interface WeekRequest {
  readonly path: string;
  readonly tier?: string;
  readonly week_ending?: string;
  readonly file_date?: string;
}

/** A weekly file that was read and judged before its turn. */
export interface WeekAhead {
  readonly content: Omit<WeeklyContent, "file"> & { readonly file: WrittenFile };
  /** What its rows were judged for. */
  readonly partition: { readonly week_ending: string; readonly tier: Tier };
  readonly week: NormalisedWeek;
  /** Identity of the week's rows. */
  readonly row_set: Sha256Hex;
  /** The week's rows as text; null where there are none. */
  readonly text: RowText | null;
}

/** Reads and judges weekly files before their turn comes, somewhere else. */
export interface WeeksAhead {
  /** @param requests in the order in which they are taken. */
  open(requests: readonly WeekRequest[]): OpenWeeksAhead;
}

export interface OpenWeeksAhead {
  /** The week of a request; null where the file cannot be read, or has no one week and tier: whoever reads it in its turn says why. */
  take(at: number): Promise<WeekAhead | null>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Takes what was written elsewhere into the store of rows. */
export interface WrittenWeeks {
  /** Begins what can be done of these rows before their turn; they belong to nobody until they are put. @returns what ends it and clears up. */
  begin(text: RowText): () => Promise<void>;
  putRaw(captureId: string, file: WrittenFile): Promise<void>;
  putWeek(captureId: string, week: StoredWeek, text: RowText | null): Promise<void>;
}

export interface AheadOfTurn {
  readonly weeks: WeeksAhead;
  readonly rows: WrittenWeeks;
}
