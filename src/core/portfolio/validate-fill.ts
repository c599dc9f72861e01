/** Checks a fill against what is known: whether it is a fact that an account may book. All issues are reported together. */
export type FillCode = "FILL_ID_REQUIRED" | "DUPLICATE_FILL_DETECTED" | "INVALID_COMMISSION_SIGN" | "POSITION_SIGN_FLIP_WITHOUT_CLOSE";

export interface StatedFill {
  readonly fill_id: string;
  /** Decimal text. */
  readonly commission: string;
  /** Signed position in the instrument's units, before and after. */
  readonly qty_before: number;
  readonly qty_after: number;
}

export interface FillRules {
  /** Ids of all fills before this one. */
  readonly known: ReadonlySet<string>;
  /** True where a position must be flat before it changes its sign. */
  readonly forbid_flips: boolean;
}

export function validateFill(fill: StatedFill, rules: FillRules): readonly { readonly code: FillCode; readonly message: string }[] {
  const { fill_id, commission, qty_before, qty_after } = fill;
  const issues: { code: FillCode; message: string }[] = [];
  if (fill_id === "") issues.push({ code: "FILL_ID_REQUIRED", message: "a fill has no id" });
  else if (rules.known.has(fill_id)) issues.push({ code: "DUPLICATE_FILL_DETECTED", message: `fill ${fill_id} was booked before` });
  if (!/^\d+(\.\d+)?$/.test(commission))
    issues.push({ code: "INVALID_COMMISSION_SIGN", message: `the commission of ${fill_id} is ${commission}` });
  if (rules.forbid_flips && qty_before * qty_after < 0)
    issues.push({
      code: "POSITION_SIGN_FLIP_WITHOUT_CLOSE",
      message: `fill ${fill_id} turns a position of ${qty_before} into one of ${qty_after}`,
    });
  return issues;
}
