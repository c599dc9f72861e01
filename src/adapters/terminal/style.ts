/** Text decorations that are the identity where colours are off. */
export interface Style {
  readonly enabled: boolean;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly notice: (text: string) => string;
}

/** `always` and `never` are the user's word; `auto` asks the stream and the environment. */
export type ColorChoice = "auto" | "always" | "never";

/** Whether text to a stream is decorated: off for anything but a terminal, for a non-empty `NO_COLOR` and for `TERM=dumb`. */
export function wantsColor(choice: ColorChoice, isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  if (choice !== "auto") return choice === "always";
  return isTerminal && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}

/** Blue and orange instead of green and red: they stay apart for every kind of sight. Meaning never hangs on them alone. */
export function makeStyle(enabled: boolean): Style {
  const wrap = (open: string, close: string) => (text: string) => (enabled ? `\u001b[${open}m${text}\u001b[${close}m` : text);
  return {
    enabled,
    bold: wrap("1", "22"),
    dim: wrap("2", "22"),
    good: wrap("34", "39"),
    bad: wrap("38;5;208", "39"),
    notice: wrap("36", "39"),
  };
}
