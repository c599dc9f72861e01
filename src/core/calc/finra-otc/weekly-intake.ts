import type { Violation } from "../../quality/violation.js";
import { PlainLines } from "./plain-lines.js";
import type { Reject } from "./reject.js";
import { type Tier, tierOfCell } from "./tiers.js";
import { type FileLayout, isPassedOver, type RawRow, readHeader, readLine } from "./weekly-file.js";

/** A weekly file as it was read, before its rows are judged. */
export interface WeeklyFile {
  readonly layout: FileLayout;
  /** Data lines in all: rows and rejects. */
  readonly raw_count: number;
  readonly rows: readonly RawRow[];
  /** Lines that could not be read. */
  readonly rejects: readonly Reject[];
  /** The newest last-update date of its rows, or null where the shape has none. */
  readonly last_update: string | null;
  /** Tiers that the rows name, ascending; cells that name none are left out. */
  readonly tiers: readonly Tier[];
  /** Weeks that the rows name, ascending. */
  readonly weeks: readonly string[];
}

/** Takes a file's lines in order. */
export class WeeklyIntake {
  #layout: FileLayout | null;
  #plain: PlainLines | null;
  #refusal: readonly Violation[] = [];
  readonly #rows: RawRow[] = [];
  readonly #rejects: Reject[] = [];
  readonly #tiers = new Set<Tier>();
  readonly #weeks = new Set<string>();
  #lastTier = "";
  #update: string | null = null;

  /** @param layout of lines that come without their header. */
  constructor(layout: FileLayout | null = null) {
    this.#layout = layout;
    this.#plain = layout === null ? null : new PlainLines(layout);
  }

  /** @param line 1-based. */
  push(text: string, line: number): void {
    if (this.#refusal.length > 0 || isPassedOver(text)) return;
    if (this.#layout === null) {
      const header = readHeader(text);
      if (header.kind === "layout") {
        this.#layout = header.layout;
        this.#plain = new PlainLines(header.layout);
      } else this.#refusal = header.violations.map((violation) => ({ ...violation, line }));
      return;
    }
    const plain = this.#plain?.read(text, line) ?? null;
    if (plain !== null) {
      this.#take(plain);
      return;
    }
    const read = readLine(this.#layout, text, line);
    if (read.kind === "reject") this.#rejects.push(read.reject);
    else this.#take(read.row);
  }

  #take(row: RawRow): void {
    this.#rows.push(row);
    if (row.last_update !== null && (this.#update === null || row.last_update > this.#update)) this.#update = row.last_update;
    if (row.week_ending !== null) this.#weeks.add(row.week_ending);
    if (row.tier === null || row.tier === this.#lastTier) return;
    this.#lastTier = row.tier;
    const tier = tierOfCell(row.tier);
    if (tier !== null) this.#tiers.add(tier);
  }

  finish(): { readonly kind: "file"; readonly file: WeeklyFile } | { readonly kind: "refused"; readonly violations: readonly Violation[] } {
    if (this.#refusal.length > 0) return { kind: "refused", violations: this.#refusal };
    const count = this.#rows.length + this.#rejects.length;
    if (this.#layout === null || count === 0) {
      const message = this.#layout === null ? "the file is empty" : "the file has a header and no data line";
      return { kind: "refused", violations: [{ code: "FILE_EMPTY", message, expected: "a header and at least one data line" }] };
    }
    return {
      kind: "file",
      file: {
        layout: this.#layout,
        raw_count: count,
        rows: this.#rows,
        rejects: this.#rejects,
        last_update: this.#update,
        tiers: [...this.#tiers].sort(),
        weeks: [...this.#weeks].sort(),
      },
    };
  }
}
