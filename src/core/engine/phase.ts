/** Steps of a run between two slices, and at either end of it. */
export type Phase =
  | "start"
  | "next"
  /** The bars of a session's slice stand on the tape. */
  | "arrived"
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
