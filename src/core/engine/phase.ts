/** Steps of a run between two slices, and at either end of it. */
export type Phase =
  | "start"
  | "next"
  | "close_before"
  | "open"
  | "actions"
  | "match"
  | "decide"
  | "close_after"
  | "end"
  | "flatten"
  | "final_close"
  | "complete"
  | "done";
