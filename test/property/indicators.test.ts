import fc from "fast-check";
import { ATR, BollingerBands, DonchianChannels, EMA, MACD, ROC, RSI, SMA } from "trading-signals";
import { describe, expect, test } from "vitest";
import type { Bar, Indicator, IndicatorFactory } from "../../src/core/strategy/index.js";
import * as api from "../../src/core/strategy/index.js";

const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  macd_ema_sma: ["signal", "histogram", "fast", "slow"],
  macd_ema_first: ["signal", "histogram", "fast", "slow"],
  donchian: ["upper", "lower"],
  donchian_previous: ["upper", "lower"],
  bollinger_population: ["upper", "lower", "deviation"],
  atr_wilder: ["true_range"],
  atr_sma: ["true_range"],
};

const FACTORIES: readonly IndicatorFactory[] = [
  api.sma(5),
  api.emaFirst(5),
  api.emaSma(5),
  api.macdEmaSma(3, 6, 4),
  api.macdEmaFirst(3, 6, 4),
  api.rsiWilder(5),
  api.atrWilder(5),
  api.atrSma(5),
  api.highest(5),
  api.lowest(5),
  api.highestPrevious(5),
  api.lowestPrevious(5),
  api.donchian(5),
  api.donchianPrevious(5),
  api.bollinger(5, 2),
  api.stddevSample(5),
  api.stddevPopulation(5),
  api.zscoreSample(5),
  api.zscorePopulation(5),
  api.roc(5),
  api.linregSlope(5),
];

function bar(open: number, high: number, low: number, close: number, volume: number = 1): Bar {
  return { symbol: "X", ts: 0, open, high, low, close, volume };
}

function flat(price: number): Bar {
  return bar(price, price, price, price);
}

function readAll(indicator: Indicator, name: string): readonly (number | boolean)[] {
  const outputs = OUTPUTS[name.replace(/\(.*/, "")] ?? [];
  return [indicator.ready, indicator.value, ...outputs.map((output) => indicator.output(output))];
}

function run(factory: IndicatorFactory, bars: readonly Bar[]): readonly (readonly (number | boolean)[])[] {
  const indicator = factory.create();
  return bars.map((next) => {
    indicator.update(next);
    return readAll(indicator, factory.name);
  });
}

function values(factory: IndicatorFactory, bars: readonly Bar[]): readonly number[] {
  const indicator = factory.create();
  return bars.map((next) => {
    indicator.update(next);
    return indicator.ready ? indicator.value : Number.NaN;
  });
}

/** Prices as cents of a random walk, so that equal neighbours, jumps and flat stretches all occur. */
const walk: fc.Arbitrary<readonly Bar[]> = fc
  .array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.nat(200), fc.nat(200), fc.nat(3)), { minLength: 1, maxLength: 60, size: "max" })
  .map((steps) => {
    let cents = 100_000;
    return steps.map(([move, up, down, still]) => {
      const open = cents / 100;
      cents += still === 0 ? 0 : move;
      const close = cents / 100;
      return bar(open, Math.max(open, close) + up / 100, Math.min(open, close) - down / 100, close, up * down);
    });
  });

function expectNear(actual: number, expected: number, scale: number = 1000): void {
  if (Number.isNaN(expected)) expect(actual).toBeNaN();
  else
    expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(1e-12 * Math.max(scale, Math.abs(expected)));
}

describe.each(FACTORIES.map((factory) => ({ factory, name: factory.name })))("$name", ({ factory }) => {
  test("a value does not depend on later bars", () => {
    fc.assert(
      fc.property(walk, fc.nat(), (bars, cut) => {
        const length = 1 + (cut % bars.length);
        expect(run(factory, bars.slice(0, length))).toEqual(run(factory, bars).slice(0, length));
      }),
    );
  });

  test("saved at any bar, through JSON, and restored, it continues with the same bits", () => {
    fc.assert(
      fc.property(walk, fc.nat(), (bars, cut) => {
        const at = cut % (bars.length + 1);
        const whole = factory.create();
        for (const next of bars.slice(0, at)) whole.update(next);
        const saved: readonly (number | null)[] = JSON.parse(JSON.stringify(whole.save()));
        const restored = factory.create();
        for (const next of bars.slice(0, 7)) restored.update(next);
        restored.restore(saved);
        expect(restored.save()).toEqual(saved);
        expect(readAll(restored, factory.name)).toEqual(readAll(whole, factory.name));
        for (const next of bars.slice(at)) {
          whole.update(next);
          restored.update(next);
          expect(readAll(restored, factory.name)).toEqual(readAll(whole, factory.name));
        }
      }),
    );
  });

  test("what it saves is plain JSON numbers without negative zero, and a state of another shape is refused", () => {
    const indicator = factory.create();
    for (const price of [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2]) indicator.update(flat(price));
    for (const number of indicator.save()) expect(number === null || (Number.isFinite(number) && !Object.is(number, -0))).toBe(true);
    expect(() => factory.create().restore([...indicator.save(), 1])).toThrow(RangeError);
    expect(() => factory.create().restore([])).toThrow(factory.name);
  });

  test("two instances share nothing", () => {
    const [one, other] = [factory.create(), factory.create()];
    for (let i = 0; i < 20; i++) one.update(flat(100 + i));
    expect(other.save()).toEqual(factory.create().save());
  });

  test("an output that it does not have is refused", () => {
    expect(() => factory.create().output("sginal")).toThrow(/no output "sginal"/);
  });
});

/** The definitions, computed anew from the whole history at every bar. */
const window = (bars: readonly Bar[], t: number, n: number): readonly number[] =>
  bars.slice(Math.max(0, t - n + 1), t + 1).map(({ close }) => close);
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const squares = (xs: readonly number[]): number => xs.reduce((a, x) => a + (x - mean(xs)) * (x - mean(xs)), 0);
const slope = (xs: readonly number[]): number => {
  const middle = (xs.length - 1) / 2;
  const spread = xs.reduce((a, _, i) => a + (i - middle) * (i - middle), 0);
  return xs.reduce((a, x, i) => a + (i - middle) * (x - mean(xs)), 0) / spread;
};

describe("against recomputation from the definition at every bar", () => {
  const whenFull = (n: number, f: (xs: readonly number[]) => number) => (bars: readonly Bar[], t: number) =>
    t + 1 < n ? Number.NaN : f(window(bars, t, n));
  const cases: readonly (readonly [IndicatorFactory, (bars: readonly Bar[], t: number) => number])[] = [
    [api.sma(5), whenFull(5, mean)],
    [api.stddevSample(5), whenFull(5, (xs) => Math.sqrt(squares(xs) / 4))],
    [api.stddevPopulation(5), whenFull(5, (xs) => Math.sqrt(squares(xs) / 5))],
    [api.linregSlope(5), whenFull(5, slope)],
    [api.highest(5, "close"), whenFull(5, (xs) => Math.max(...xs))],
    [api.lowest(5, "close"), whenFull(5, (xs) => Math.min(...xs))],
    [api.highestPrevious(5, "close"), (bars, t) => (t < 5 ? Number.NaN : Math.max(...window(bars, t - 1, 5)))],
    [api.lowestPrevious(5, "close"), (bars, t) => (t < 5 ? Number.NaN : Math.min(...window(bars, t - 1, 5)))],
    [api.roc(5), (bars, t) => (t < 5 ? Number.NaN : ((bars[t]?.close ?? 0) - (bars[t - 5]?.close ?? 0)) / (bars[t - 5]?.close ?? 0))],
  ];

  test.each(cases.map(([factory, batch]) => ({ factory, batch, name: factory.name })))("$name", ({ factory, batch }) => {
    fc.assert(
      fc.property(walk, (bars) => {
        values(factory, bars).forEach((value, t) => {
          expectNear(value, batch(bars, t));
        });
      }),
    );
  });

  test("donchianPrevious leaves the newest bar out, donchian counts it in", () => {
    fc.assert(
      fc.property(walk, (bars) => {
        const previous = api.donchianPrevious(4).create();
        const current = api.donchian(4).create();
        bars.forEach((next, t) => {
          previous.update(next);
          current.update(next);
          const last = bars.slice(Math.max(0, t - 3), t + 1);
          const before = bars.slice(Math.max(0, t - 4), t);
          expect(current.output("upper")).toBe(last.length < 4 ? Number.NaN : Math.max(...last.map(({ high }) => high)));
          expect(current.output("lower")).toBe(last.length < 4 ? Number.NaN : Math.min(...last.map(({ low }) => low)));
          expect(previous.output("upper")).toBe(before.length < 4 ? Number.NaN : Math.max(...before.map(({ high }) => high)));
          expect(previous.output("lower")).toBe(before.length < 4 ? Number.NaN : Math.min(...before.map(({ low }) => low)));
        });
      }),
    );
  });

  test("a million bars later the rolling sums still equal the window, to twelve digits", () => {
    const deviation = api.stddevSample(20).create();
    const average = api.sma(20).create();
    const line = api.linregSlope(20).create();
    const recent: number[] = [];
    let price = 60_000;
    let seed = 7;
    for (let i = 0; i < 1_000_000; i++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      price = Math.max(1, price + (seed / 4_294_967_296 - 0.5) * 100);
      const next = flat(price);
      for (const indicator of [deviation, average, line]) indicator.update(next);
      if (i >= 999_980) recent.push(price);
    }
    expectNear(average.value, mean(recent), 1);
    expectNear(deviation.value, Math.sqrt(squares(recent) / 19), 1);
    expectNear(line.value, slope(recent), 1);
  });

  test("a flat window after a wild one has exactly no deviation and no slope", () => {
    const flatAfterWild = [1e9, 3, 7e8, 0.1, ...Array.from({ length: 5 }, () => 0.1)].map(flat);
    expect(values(api.stddevSample(5), flatAfterWild).at(-1)).toBe(0);
    expect(values(api.linregSlope(5), flatAfterWild).at(-1)).toBe(0);
    expect(values(api.sma(5), flatAfterWild).at(-1)).toBe(0.1);
    expect(values(api.zscoreSample(5), flatAfterWild).at(-1)).toBeNaN();
  });
});

describe("against trading-signals 8.3.0, where its rule is the same", () => {
  const bars: readonly Bar[] = fc.sample(walk, { numRuns: 20, seed: 42 }).flat();
  const closes = bars.map(({ close }) => close);

  function compare(factory: IndicatorFactory, oracle: (next: Bar) => number | null | undefined): void {
    const mine = factory.create();
    let compared = 0;
    for (const next of bars) {
      mine.update(next);
      const theirs = oracle(next);
      if (theirs === null || theirs === undefined || !mine.ready) continue;
      expectNear(mine.value, theirs);
      compared++;
    }
    expect(compared).toBeGreaterThan(400);
  }

  test("sma", () => {
    const oracle = new SMA(7);
    compare(api.sma(7), ({ close }) => oracle.update(close, false));
  });

  test("emaFirst", () => {
    const oracle = new EMA(7);
    compare(api.emaFirst(7), ({ close }) => oracle.update(close, false));
  });

  test("rsiWilder, which differs on a window without movement alone", () => {
    const oracle = new RSI(7);
    compare(api.rsiWilder(7), ({ close }) => oracle.update(close, false));
  });

  test("atrWilder and atrSma", () => {
    const wilder = new ATR(7);
    compare(api.atrWilder(7), ({ high, low, close }) => wilder.update({ high, low, close }, false));
    const simple = new ATR(7, SMA);
    compare(api.atrSma(7), ({ high, low, close }) => simple.update({ high, low, close }, false));
  });

  test("bollinger", () => {
    const oracle = new BollingerBands(7, 2.5);
    const mine = api.bollinger(7, 2.5).create();
    for (const close of closes) {
      mine.update(flat(close));
      const theirs = oracle.update(close, false);
      if (theirs === null) continue;
      expectNear(mine.value, theirs.middle);
      // Their deviation is a plain sum: 1e-13 of a price squared is what it can lose.
      expect(Math.abs(mine.output("upper") - theirs.upper)).toBeLessThan(1e-9);
      expect(Math.abs(mine.output("lower") - theirs.lower)).toBeLessThan(1e-9);
    }
  });

  test("macdEmaFirst", () => {
    const oracle = new MACD(new EMA(3), new EMA(8), new EMA(4));
    const mine = api.macdEmaFirst(3, 8, 4).create();
    for (const close of closes) {
      mine.update(flat(close));
      const theirs = oracle.update(close, false);
      if (theirs === null) continue;
      expectNear(mine.value, theirs.macd);
      expectNear(mine.output("signal"), theirs.signal);
      expectNear(mine.output("histogram"), theirs.histogram);
    }
  });

  test("donchian and roc", () => {
    const channel = new DonchianChannels(9);
    compare(api.donchian(9), ({ high, low }) => channel.update({ high, low }, false)?.middle);
    const change = new ROC(9);
    compare(api.roc(9), ({ close }) => change.update(close, false));
  });
});

describe("seeds, published examples and edges", () => {
  test("emaFirst: set to the first close, then moved by every bar, the first included; ready at the period", () => {
    const ema = api.emaFirst(3).create();
    expect(ema.value).toBeNaN();
    const seen = [10, 20, 30, 30].map((price) => {
      ema.update(flat(price));
      return [ema.value, ema.ready];
    });
    // a = 1/2: 10, 15, 22.5, 26.25 by hand
    expect(seen).toEqual([
      [10, false],
      [15, false],
      [22.5, true],
      [26.25, true],
    ]);
  });

  test("emaSma: nothing before the period, then the simple mean, then moved", () => {
    // k = 1/2: mean(10, 20, 60) = 30, then (30 + 50) / 2 = 40 by hand
    expect(run(api.emaSma(3), [10, 20, 60, 50].map(flat))).toEqual([
      [false, Number.NaN],
      [false, Number.NaN],
      [true, 30],
      [true, 40],
    ]);
  });

  test("macdEmaSma feeds its signal only once both averages are ready", () => {
    const macd = api.macdEmaSma(1, 2, 2).create();
    const seen = [10, 20, 40].map((price) => {
      macd.update(flat(price));
      return [macd.ready, macd.value, macd.output("signal")];
    });
    // slow: -, 15, (40 * 2 + 15) / 3 = 31.67; macd: -, 5, 8.33; signal: mean of the two
    expect(seen[0]).toEqual([false, Number.NaN, Number.NaN]);
    expect(seen[1]).toEqual([false, 5, Number.NaN]);
    expect(seen[2]?.[0]).toBe(true);
    expectNear(Number(seen[2]?.[2]), (5 + (40 - 95 / 3)) / 2, 1);
    expectNear(macd.output("histogram"), macd.value - macd.output("signal"), 1);
  });

  test("rsiWilder gives the values of the published worked example", () => {
    // StockCharts ChartSchool, Relative Strength Index, example spreadsheet (QQQQ, 14 periods), printed to two places.
    const closes = [
      44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.614, 46.282, 46.282,
      46.0028, 46.0328, 46.4116, 46.2222, 45.6439,
    ];
    const printed = values(api.rsiWilder(14), closes.map(flat))
      .slice(14)
      .map((value) => Math.round(value * 100) / 100);
    expect(printed).toEqual([70.53, 66.32, 66.55, 69.41, 66.36, 57.97]);
  });

  test("rsiWilder is 100 on rises alone, 0 on falls alone, 50 without movement", () => {
    expect(values(api.rsiWilder(3), [1, 2, 3, 4].map(flat)).at(-1)).toBe(100);
    expect(values(api.rsiWilder(3), [4, 3, 2, 1].map(flat)).at(-1)).toBe(0);
    expect(values(api.rsiWilder(3), [4, 4, 4, 4].map(flat)).at(-1)).toBe(50);
  });

  test("deviation, score and slope equal Python's statistics module", () => {
    const prices = [101.25, 102.5, 99.75, 98, 103.125, 104.5, 97.25, 100].map(flat);
    // Python 3.11: statistics.stdev, pstdev, linear_regression over the last five
    const last = (factory: IndicatorFactory): number => values(factory, prices).at(-1) ?? Number.NaN;
    expectNear(last(api.stddevSample(5)), 3.1593116338848244, 1);
    expectNear(last(api.stddevPopulation(5)), 2.825774230188958, 1);
    expectNear(last(api.linregSlope(5)), -0.1875, 1);
    expectNear(last(api.zscoreSample(5)), -0.18200167208353496, 1);
    expectNear(last(api.zscorePopulation(5)), -0.20348405539870498, 1);
  });

  test("the first true range is high - low, later ones reach to the previous close", () => {
    const atr = api.atrSma(2).create();
    atr.update(bar(10, 12, 9, 11));
    expect(atr.output("true_range")).toBe(3);
    atr.update(bar(15, 16, 15, 15));
    expect(atr.output("true_range")).toBe(5);
    expect(atr.value).toBe(4);
  });

  test("roc from zero has no value", () => {
    expect(run(api.roc(1, "volume"), [bar(1, 1, 1, 1, 0), bar(1, 1, 1, 1, 5), bar(1, 1, 1, 1, 10)])).toEqual([
      [false, Number.NaN],
      [false, Number.NaN],
      [true, 1],
    ]);
  });

  test("names carry parameters and the seeding rule", () => {
    expect(FACTORIES.map(({ name }) => name)).toEqual([
      "sma(5,close)",
      "ema_first(5,close)",
      "ema_sma(5,close)",
      "macd_ema_sma(3,6,4,close)",
      "macd_ema_first(3,6,4,close)",
      "rsi_wilder(5,close)",
      "atr_wilder(5)",
      "atr_sma(5)",
      "highest(5,high)",
      "lowest(5,low)",
      "highest_previous(5,high)",
      "lowest_previous(5,low)",
      "donchian(5)",
      "donchian_previous(5)",
      "bollinger_population(5,2,close)",
      "stddev_sample(5,close)",
      "stddev_population(5,close)",
      "zscore_sample(5,close)",
      "zscore_population(5,close)",
      "roc(5,close)",
      "linreg_slope(5,close)",
    ]);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("a period of %s is refused", (period) => {
    const made = [
      api.sma,
      api.emaFirst,
      api.emaSma,
      api.rsiWilder,
      api.atrSma,
      api.atrWilder,
      api.highest,
      api.donchianPrevious,
      api.bollinger,
      api.roc,
      api.stddevSample,
      api.linregSlope,
    ];
    for (const make of made) expect(() => make(period)).toThrow(RangeError);
  });

  test("a MACD whose fast average is not the faster one is refused", () => {
    expect(() => api.macdEmaSma(26, 12)).toThrow(/fast period must be shorter/);
  });
});
