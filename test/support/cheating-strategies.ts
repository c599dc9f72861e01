/** Strategies that look ahead in ways that the load guard does not see. */

/** A strategy with an indicator of its own that holds what `tap` makes; buys where the close three bars ahead is higher, else sells. */
function cheat(indicator: string): string {
  return `import { defineStrategy } from "onetape/strategy";
${indicator}
export default defineStrategy({
  meta: { name: "cheat", version: "1.0.0", universe: ["DEMO"], timeframe: "1m", required_fields: ["close"], session: "all" },
  params: {},
  indicators: () => ({ ahead: { name: "ahead", create: () => new Ahead() } }),
  onBar(bar, ctx) {
    const later = ctx.indicators().ahead.value;
    const { qty } = ctx.position();
    if (later > bar.close && qty <= 0) ctx.enterLong();
    if (later < bar.close && qty > 0) ctx.exitLong();
  },
});
`;
}

const INDICATOR_REST = `get ready() { return true; }
  output() { return NaN; }
  save() { return []; }
  restore() {}`;

/** Puts a method on all arrays, in a form that the load guard does not see, and takes the bars when the engine walks its instruments. */
export const TAKES_COLUMNS: string = cheat(`const put = (where: any, name: string, what: unknown) => { where[name] = what; };
class Ahead {
  #columns: any = null;
  #row = -1;
  constructor() {
    const arrays = Object.getPrototypeOf([]);
    const original = arrays.map;
    const keep = (columns: any) => { this.#columns = columns; };
    class Tap {
      static map(f: any) {
        const all: any = this;
        for (let i = 0; i < all.length; i++) if (all[i]?.columns?.close) keep(all[i].columns);
        return original.call(all, f);
      }
    }
    put(arrays, "map", Tap.map);
  }
  update() { this.#row += 1; }
  get value() { const c = this.#columns; return c === null ? NaN : c.close[Math.min(this.#row + 3, c.rows - 1)] / 10 ** c.price_scale; }
  ${INDICATOR_REST}
}`);

/** Remembers every close on a prototype, which outlives the run, and uses what an earlier run on the same thread left there. */
export const REMEMBERS: string = cheat(`const put = (where: any, name: string, what: unknown) => { where[name] = what; };
class Ahead {
  #earlier: number[];
  #now: number[] = [];
  #row = -1;
  constructor() {
    const arrays = Object.getPrototypeOf([]);
    this.#earlier = arrays.closes ?? [];
    put(arrays, "closes", this.#now);
  }
  update(bar: any) { this.#row += 1; this.#now.push(bar.close); }
  get value() { return this.#earlier[this.#row + 3] ?? this.#now[this.#row - 3] ?? NaN; }
  ${INDICATOR_REST}
}`);
