import type { Violation } from "./violation.js";

/** How often each code was seen, ascending by code. */
export interface ViolationTotal {
  readonly code: string;
  readonly count: number;
}

/** Keeps the first violations of an input in full and counts all of them. */
export class ViolationLog {
  readonly #limit: number;
  readonly #kept: Violation[] = [];
  readonly #counts = new Map<string, number>();
  #file: string | null = null;
  #total = 0;

  /** @param limit violations kept in full. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The file that the violations that follow belong to, as the user named it. */
  set file(name: string | null) {
    this.#file = name;
  }

  get file(): string | null {
    return this.#file;
  }

  add(violation: Violation): void {
    this.#total += 1;
    this.#counts.set(violation.code, (this.#counts.get(violation.code) ?? 0) + 1);
    if (this.#kept.length >= this.#limit) return;
    this.#kept.push(this.#file === null || violation.file !== undefined ? violation : { ...violation, file: this.#file });
  }

  /** Violations in all, those not kept included. */
  get total(): number {
    return this.#total;
  }

  /** The first violations, in the order found. */
  get violations(): readonly Violation[] {
    return [...this.#kept];
  }

  get totals(): readonly ViolationTotal[] {
    return [...this.#counts].map(([code, count]) => ({ code, count })).sort((a, b) => (a.code < b.code ? -1 : 1));
  }
}
