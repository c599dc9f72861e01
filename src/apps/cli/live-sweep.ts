import { progressLine } from "../../adapters/terminal/progress.js";
import { rankPoints } from "../../core/sweep/rank-points.js";
import { pointLabel } from "../../core/sweep/sweep-grid.js";
import type { SweepPoint } from "../../core/sweep/sweep-point.js";
import type { SweepRow, SweepStart } from "../../usecases/run-sweep.js";
import type { Io } from "./io.js";
import { figure } from "./render-sweep.js";

/** Shows a sweep while it runs: the best points so far and how far it is on a terminal, a line now and then elsewhere. */
export class LiveSweep {
  readonly #io: Io;
  readonly #top: number;
  readonly #live: ReturnType<Io["live"]>;
  readonly #progress: ReturnType<Io["progress"]>;
  #start: SweepStart | null = null;
  #best: readonly SweepPoint[] = [];
  #done = 0;
  #computed = 0;
  #failed = 0;
  #began = 0;

  constructor(io: Io, top: number) {
    this.#io = io;
    this.#top = top;
    this.#live = io.live();
    this.#progress = io.progress("sweep", "points");
  }

  start(start: SweepStart): void {
    this.#start = start;
    this.#best = rankPoints(start.taken, start.ranking).slice(0, this.#top);
    this.#done = start.taken.length;
    this.#failed = start.taken.filter(({ status }) => status === "failed").length;
    this.#began = performance.now();
    this.#draw();
  }

  add(row: SweepRow): void {
    if (this.#start === null) return;
    this.#done += 1;
    this.#computed += 1;
    if (row.status === "ok") this.#best = rankPoints([...this.#best, row], this.#start.ranking).slice(0, this.#top);
    else this.#failed += 1;
    this.#draw();
  }

  end(): void {
    this.#live.end();
    this.#progress.end();
  }

  #draw(): void {
    if (this.#start === null) return;
    const { ranking, grid, workers } = this.#start;
    const state = { done: this.#done, total: grid.points, at: null };
    if (!this.#live.shown) {
      this.#progress.update(state);
      return;
    }
    this.#live.draw(({ columns, rows }) => {
      const seconds = (performance.now() - this.#began) / 1000;
      const rate = seconds > 0 && this.#computed > 0 ? this.#computed / seconds : null;
      const best = this.#best.slice(0, Math.max(1, rows - 4));
      const values = best.map((point) => figure(point.metrics[ranking.metric]));
      const width = Math.max(ranking.metric.length, ...values.map((value) => value.length));
      const plain = { ...this.#io.err, good: same, dim: same };
      const note = `${workers} worker${workers === 1 ? "" : "s"}${this.#failed === 0 ? "" : `, ${this.#failed} failed`}`;
      return [
        `${ranking.metric.padStart(width)}  best so far`,
        ...best.map((point, i) => `${(values[i] ?? "").padStart(width)}  ${pointLabel(point.params)}`),
        `${progressLine({ label: "sweep", unit: "points", style: plain }, state, rate, columns - note.length - 2)}  ${note}`,
      ];
    });
  }
}

/** Lines are cut by their length, so they carry no decoration. */
const same = (text: string): string => text;
