/**
 * A second matcher, written from the rules alone and as plainly as they can be: for each bar, first what happens at the open, then what
 * happens inside; oldest first; groups by the assumed path. It knows one symbol, `next_open`, `cross`, `stop_first`, fees and a sales tax in basis
 * points of whole cents, no slippage, no limits of means.
 */
export interface NaiveBar {
  readonly minute: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface NaiveWish {
  /** Number of the bar on whose close it is made. */
  readonly bar: number;
  readonly side: "buy" | "sell";
  readonly kind: "market" | "limit" | "stop";
  readonly price: number;
  readonly qty: number;
  readonly tif: "GTC" | "IOC" | "FOK";
  readonly group: string | null;
}

interface Working extends NaiveWish {
  readonly id: string;
  left: number;
  alive: boolean;
  reached: boolean;
}

export interface NaiveRun {
  /** `minute order side qty@price` per fill, like the engine's story. */
  readonly fills: readonly string[];
  /** What the fills brought in less what they took, in cents. */
  readonly cents: number;
  readonly position: number;
}

/** @param bps fee of every fill, and tax of every sale. */
export function naiveRun(
  bars: readonly NaiveBar[],
  wishes: readonly NaiveWish[],
  share: number,
  bps: { readonly fee: number; readonly tax: number },
): NaiveRun {
  const orders = wishes.map((w, i): Working => ({ ...w, id: `O${i + 1}`, left: w.qty, alive: true, reached: false }));
  const fills: string[] = [];
  let cents = 0;
  let position = 0;
  bars.forEach((bar, n) => {
    let volume = Math.floor((bar.volume * share) / 100);
    const here = orders.filter((o) => o.alive && o.bar < n);
    const acted = new Set<Working>();
    for (const time of ["open", "inside"] as const) {
      for (const order of here) {
        const price = order.alive && !acted.has(order) ? priceAt(order, bar, time) : null;
        if (price === null || (time === "inside" && beaten(order, here, bar))) continue;
        acted.add(order);
        if (order.kind === "stop") order.reached = true;
        const qty = Math.min(order.left, volume);
        if (qty < order.left && order.tif !== "GTC") order.alive = false;
        if (qty === 0 || (qty < order.left && order.tif === "FOK")) continue;
        fills.push(`${bar.minute} ${order.id} ${order.side} ${qty}@${price}`);
        const value = qty * price * 100;
        const sells = order.side === "sell";
        cents += (sells ? value : -value) - halfEven((value * bps.fee) / 10_000) - (sells ? halfEven((value * bps.tax) / 10_000) : 0);
        position += sells ? -qty : qty;
        volume -= qty;
        order.left -= qty;
        if (order.left === 0) order.alive = false;
        for (const other of orders) if (other !== order && order.group !== null && other.group === order.group) other.alive = false;
      }
    }
    for (const order of here) if (order.tif !== "GTC") order.alive = false;
  });
  return { fills, cents, position };
}

function halfEven(amount: number): number {
  const below = Math.floor(amount);
  if (amount - below === 0.5) return below % 2 === 0 ? below : below + 1;
  return Math.round(amount);
}

function priceAt(order: Working, bar: NaiveBar, time: "open" | "inside"): number | null {
  const buys = order.side === "buy";
  if (order.kind === "market" || order.reached) return time === "open" ? bar.open : null;
  // A limit is better below for who buys, a stop is reached above.
  const wantsLow = (order.kind === "limit") === buys;
  if (time === "open") return (wantsLow ? bar.open <= order.price : bar.open >= order.price) ? bar.open : null;
  if (order.kind === "limit") return (wantsLow ? bar.low < order.price : bar.high > order.price) ? order.price : null;
  return (wantsLow ? bar.low <= order.price : bar.high >= order.price) ? order.price : null;
}

/** Whether another order of its group comes first inside the bar. */
function beaten(order: Working, here: readonly Working[], bar: NaiveBar): boolean {
  if (order.group === null) return false;
  return here.some((o) => {
    if (o === order || !o.alive || o.group !== order.group || priceAt(o, bar, "inside") === null) return false;
    if (o.kind !== order.kind) return o.kind === "stop";
    const [a, b] = [onPath(o.price, bar), onPath(order.price, bar)];
    return a < b || (a === b && here.indexOf(o) < here.indexOf(order));
  });
}

/** When the assumed path first comes to a price: to the nearer extreme, back through the open, to the other. */
function onPath(price: number, { open, high, low }: NaiveBar): number {
  const upFirst = high - open <= open - low;
  if (upFirst ? price >= open : price <= open) return Math.abs(price - open);
  return 2 * (upFirst ? high - open : open - low) + Math.abs(price - open);
}
