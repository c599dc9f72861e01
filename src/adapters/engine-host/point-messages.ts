import type { PointFigures, PointTask, SweepTask } from "../../ports/point-pool.js";

/** Main to worker: what all points share, once, and then a point at a time with the words that the two threads share while it runs. */
export type ToPointWorker =
  | { readonly kind: "sweep"; readonly task: SweepTask }
  | { readonly kind: "point"; readonly task: PointTask; readonly control: SharedArrayBuffer };

/** Worker to main. */
export type FromPointWorker =
  | { readonly kind: "finished"; readonly point: number; readonly figures: PointFigures }
  /** A fault of ours: the sweep proves nothing. */
  | { readonly kind: "crashed"; readonly message: string; readonly stack: string };
