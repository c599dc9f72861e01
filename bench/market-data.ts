/** The folder of real market data, which the repository does not carry: `ONETAPE_SHARED`, or `../shared/data` beside it. */
export function marketData(): string {
  const stated = process.env["ONETAPE_SHARED"] ?? "";
  return stated === "" ? "../shared/data" : stated;
}
