import type { Style } from "./style.js";

/** A column of a table: its title, and whether its cells are numbers and stand on the right. */
export interface TableColumn {
  readonly title: string;
  readonly numeric?: boolean;
}

const none = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
};
const open = { ...none, left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " };

/** Columns of text without borders: every line can be read, cut and searched. Ends with a line break. */
export async function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], style: Style): Promise<string> {
  const { default: Table } = await import("cli-table3");
  const table = new Table({
    head: columns.map(({ title }) => style.dim(title)),
    colAligns: columns.map(({ numeric }) => (numeric === true ? "right" : "left")),
    chars: open,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) table.push([...row]);
  const lines = table.toString().split("\n");
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** Names and values in two columns. */
export function renderPairs(pairs: readonly (readonly [string, string])[], style: Style): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${style.dim(name.padEnd(width))}  ${value}\n`).join("");
}
