import { strategyTemplate } from "./strategy-template.js";

/** What a new project is made from. */
export interface ProjectInputs {
  /** Name of the project in its package.json. */
  readonly name: string;
  /** Absolute path of the installed package, with forward slashes. */
  readonly packageRoot: string;
  /** Sample bars as CSV: `ts,open,high,low,close,volume` with close times in UTC. */
  readonly sampleBars: string;
  /** How the sample was made, for the README. */
  readonly sampleNote: string;
}

const backtest = `# yaml-language-server: $schema=node_modules/onetape/schemas/backtest.schema.json
# What runs, on which bars, and how its orders fill. Every key: npx onetape config schema
strategy: strategy.ts
params:
  fast: 12
  slow: 48

data:
  - symbol: DEMO
    price_mode: raw
    # Imported on the way. Unchanged bytes are recognised and stored once.
    file: data/demo-1m.csv
    import: { stamp: close, tz: UTC }

timeframe: 1m
account: { currency: USD, cash: 100000 }

instruments:
  - symbol: DEMO
    asset_class: equity
    currency: USD
    price_tick: 0.01
    lot_step: 1
    min_qty: 1
    multiplier: 1
    calendar: XNYS
    settlement: cash

# When and at what cost orders fill. Printed in every report.
execution:
  fill_timing: next_open
  limit_fill: cross
  cash_short: reject
  slippage_bps: 1
  fees: { model: bps, bps: 1 }

sizing: { mode: pct_equity, pct: 50 }
on_end: flatten
`;

const readme = ({ name, sampleNote }: ProjectInputs): string => `# ${name}

A backtest on the tape: whatever it did, it can do again to the byte.

| file | what it is |
| --- | --- |
| \`strategy.ts\` | the strategy, one TypeScript file, no build step |
| \`backtest.yaml\` | what runs, on which bars, and how its orders fill |
| \`data/demo-1m.csv\` | ${sampleNote} |
| \`data/demo-factors.csv\` | an invented dividend of 0.25 on 2024-01-16: try \`npx onetape help data derive\` |
| \`.onetape/\` | the workspace: captures, tapes, artifacts. Made by the first command |

## Run it

\`\`\`
npx onetape backtest backtest.yaml
npx onetape backtest backtest.yaml
npx onetape replay latest --verify
\`\`\`

The second run executes again and says \`identical\`. The third takes everything from the run's own artifacts, in a fresh
process, and compares the chain, the payloads, the state and every decision.

## Look at it

\`\`\`
npx onetape runs list
npx onetape runs show latest
npx onetape events latest --type order.filled --limit 5
npx onetape verify --all
\`\`\`

## Bring your own bars

\`\`\`
npx onetape data import data/demo-1m.csv --symbol DEMO --timeframe 1m --stamp close --tz UTC --price-mode raw
npx onetape data list
npx onetape data show DEMO
npx onetape data validate
\`\`\`

Column names are found or mapped; missing minutes are listed and never filled; the same bytes make no second capture.

## Change it

Edit \`strategy.ts\` or \`backtest.yaml\` and run again: another run id, since a run's id is its content. Your editor
completes the keys of \`backtest.yaml\`; a wrong one is refused with its line and the name that was probably meant.

\`\`\`
npx onetape config show backtest.yaml --origin
npx onetape backtest --help
\`\`\`
`;

const tsconfig = `{
  "compilerOptions": {
    "target": "ES2023",
    "module": "NodeNext",
    "moduleResolution": "NodeNext",
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true,
    "types": []
  },
  "include": ["*.ts"]
}
`;

/** 100.00 x (1 - 0.9975 / 1) is 0.25 a share, taken from the price on the day after 2024-01-12 that has a session. */
const sampleFactors = `20240102,0.9975,1,1
20240112,0.9975,1,100
20501231,1,1,0
`;

/** The files that a backtest of the sample needs, by path relative to the project's folder. */
export function sampleFiles(sampleBars: string): ReadonlyMap<string, string> {
  return new Map([
    ["strategy.ts", strategyTemplate],
    ["backtest.yaml", backtest],
    ["data/demo-1m.csv", sampleBars],
    ["data/demo-factors.csv", sampleFactors],
  ]);
}

/** The files of a new project by path relative to its folder. */
export function projectFiles(inputs: ProjectInputs): ReadonlyMap<string, string> {
  const manifest = {
    name: inputs.name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: { backtest: "onetape backtest backtest.yaml", verify: "onetape verify --all" },
    dependencies: { onetape: `file:${inputs.packageRoot}` },
  };
  return new Map([
    ...sampleFiles(inputs.sampleBars),
    ["README.md", readme(inputs)],
    [".gitignore", "node_modules/\n.onetape/\n"],
    ["package.json", `${JSON.stringify(manifest, null, 2)}\n`],
    ["tsconfig.json", tsconfig],
  ]);
}
