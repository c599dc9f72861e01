/** An invented portfolio and its markets: what the examples of risk commands read. The same text wherever it is made. */
import { dayOfText, formatDay, weekdayOf } from "../../core/market/civil-date.js";
import { RandomDraws } from "../../core/numeric/random.js";

const SEED = 20260331;
const LAST = "2026-03-31";
const DAYS = 521;
/** Newest days whose volumes are stated. */
const VOLUME_DAYS = 20;

interface Walk {
  readonly kind: "spot" | "volatility" | "fx" | "rate";
  readonly name: string;
  readonly currency: string;
  readonly start: number;
  readonly decimals: number;
  /** Deviation of a day's move: relative, absolute for rates. */
  readonly move: number;
  /** Share of the move that all have in common; volatilities go against it. */
  readonly common: number;
}

const WALKS: readonly Walk[] = [
  { kind: "spot", name: "ACME", currency: "USD", start: 100, decimals: 2, move: 0.014, common: 0.8 },
  { kind: "spot", name: "BOLT", currency: "USD", start: 42, decimals: 2, move: 0.021, common: 0.6 },
  { kind: "spot", name: "RHEIN", currency: "EUR", start: 65, decimals: 2, move: 0.012, common: 0.7 },
  { kind: "volatility", name: "ACME", currency: "", start: 0.24, decimals: 4, move: 0.03, common: -0.7 },
  { kind: "volatility", name: "EUR/USD", currency: "", start: 0.08, decimals: 4, move: 0.02, common: -0.3 },
  { kind: "fx", name: "EUR/USD", currency: "", start: 1.08, decimals: 5, move: 0.0045, common: 0.2 },
  { kind: "rate", name: "USD", currency: "", start: 0.041, decimals: 5, move: 0.0004, common: 0.3 },
  { kind: "rate", name: "EUR", currency: "", start: 0.026, decimals: 5, move: 0.0003, common: 0.3 },
];

/** Steps in which moves are larger: weeks of storm, twice. */
const STORMS = [
  [330, 345],
  [470, 480],
] as const;

/** File names and their text. */
export function sampleBook(): ReadonlyMap<string, string> {
  return new Map([
    ["positions.csv", POSITIONS],
    ["prices.csv", prices()],
    ["scenarios.yaml", SCENARIOS],
    ["limits.csv", LIMITS],
  ]);
}

function prices(): string {
  const draws = new RandomDraws(SEED);
  const levels = WALKS.map(({ start }) => start);
  const lines = ["day,kind,name,value,currency"];
  for (const [step, day] of workingDays().entries()) {
    const storm = STORMS.some(([from, to]) => step >= from && step < to) ? 2.2 : 1;
    const market = draws.at(0, step).bell();
    for (const [w, { kind, name, currency, decimals, move, common }] of WALKS.entries()) {
      const own = draws.at(w + 1, step).bell();
      const shock = storm * move * (common * market + Math.sqrt(1 - common * common) * own);
      const [now = 0, start = 0] = [levels[w], WALKS[w]?.start];
      // Volatilities and rates are drawn back to where they began.
      const pull = kind === "volatility" || kind === "rate" ? 0.03 * (start - now) : 0;
      if (step > 0) levels[w] = kind === "rate" ? now + pull + shock : now * (1 + shock) + pull;
      lines.push(`${day},${kind},${name},${(levels[w] ?? 0).toFixed(decimals)},${currency}`);
    }
  }
  lines.push(`${LAST},dividend,ACME,0.012,`);
  for (const [day, step] of workingDays().slice(-VOLUME_DAYS).entries())
    for (const [w, name] of ["ACME", "BOLT", "RHEIN"].entries())
      lines.push(`${step},volume,${name},${Math.round((20_000 / (w + 1)) * (1 + 0.15 * draws.at(20 + w, day).bell()))},`);
  for (const [name, spread] of Object.entries({ ACME: "0.0008", BOLT: "0.0020", RHEIN: "0.0014" }))
    lines.push(`${LAST},spread,${name},${spread},`);
  return `${lines.join("\n")}\n`;
}

/** Mondays to Fridays up to the last day, oldest first. */
function workingDays(): readonly string[] {
  const days: string[] = [];
  for (let day = dayOfText(LAST); days.length < DAYS; day--) if (weekdayOf(day) >= 1 && weekdayOf(day) <= 5) days.push(formatDay(day));
  return days.reverse();
}

const POSITIONS = `id,kind,quantity,symbol,underlying,currency,multiplier,base,quote,right,exercise,strike,expiry,maturity,effective,face,coupon_rate,per_year,day_count
acme-shares,stock,2000,ACME,,USD,1,,,,,,,,,,,,
bolt-shares,stock,-1500,BOLT,,USD,1,,,,,,,,,,,,
rhein-shares,stock,3000,RHEIN,,EUR,1,,,,,,,,,,,,
acme-calls,option,-10,,ACME,USD,100,,,call,european,115,2026-09-18,,,,,,
acme-puts,option,15,,ACME,USD,100,,,put,american,95,2026-06-19,,,,,,
euro-bond,bond,1500,EURO-29,,EUR,,,,,,,,2029-05-15,2024-05-15,100,0.03,1,ACT/ACT ICMA
euro-forward,fx_forward,-100000,,,,,EUR,USD,,,1.09,,2026-09-30,,,,,
euro-put,fx_option,80000,,,,,EUR,USD,put,,1.05,2026-12-15,,,,,,
dollars,fx,50000,,,USD,,,,,,,,,,,,,
`;

const SCENARIOS = `version: 1
scenarios:
  - name: crash
    shocks:
      - { underlyings: [ACME], spot_pct: -0.20, vol_abs: 0.15 }
      - { underlyings: all, spot_pct: -0.15, vol_pct: 0.5 }
    fx: { EUR/USD: 0.95 }
    rates: { USD: -0.005, EUR: -0.005 }
  - name: rally
    shocks: [{ underlyings: all, spot_pct: 0.10, vol_pct: -0.2 }]
  - name: euro down
    fx: { EUR/USD: 0.90 }
  - name: euro up
    fx: { EUR/USD: 1.10 }
  - name: rates up
    rates: { USD: 0.01, EUR: 0.01 }
  - name: volatility up
    shocks: [{ underlyings: all, vol_abs: 0.10 }]
`;

const LIMITS = `id,on,dimension,key,figure,limit
VaR of record,measure,,,var,15000
ES of record,measure,,,es,16000
Net value in EUR,exposure,currency,EUR,net_value,400000
Largest underlying,any_exposure,underlying,,gross_delta,200000
Vega,total,,,vega,500
Largest share,concentration,underlying,,largest,0.50
`;
