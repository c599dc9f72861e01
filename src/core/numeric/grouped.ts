/** A number for people, its whole digits in groups of three: `1,234,567` and `-1,234.5678`. Takes integers and decimal text. */
export function grouped(value: number | string): string {
  const [whole = "", fraction] = String(value).split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/** A count for people, with its word: `1 log`, `2,000 logs`. @param one the word of one; that of many has an s behind it. */
export function counted(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? "" : "s"}`;
}
