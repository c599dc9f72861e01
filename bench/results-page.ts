/** docs/benchmarks.md, from its figures alone. */
import { rateText, ratioText } from "./for-people.js";
import type { ComparedPeer, Entry, OwnLine, Results } from "./results.js";
import type { TrialLine } from "./trial.js";
import type { BenchLine } from "./workload.js";

/** @param known ids of everything that stands here once it was measured. */
export function resultsPage({ entries }: Results, known: readonly string[]): string {
  const all = Object.entries(entries);
  const rates = all.flatMap(([id, entry]) => entry.lines.filter(isRate).map((line) => ({ id, line, entry })));
  const trials = all.flatMap(([, entry]) => entry.lines.filter(isTrial));
  return `${[
    HEAD,
    circumstances(entries),
    "## Rates\n\nA pass is a whole run. Ratio to the bare loop: the same decisions as a loop over the columns, without orders, accounts or events; it is the floor, not an engine.\n",
    table(
      ["workload", "tape", "bars/s", "events/s", "orders/s", "orders", "median pass", "peak memory", "to tape off", "to bare loop", "load"],
      rates.map(({ line, entry }) => rateRow(line, entry)),
    ),
    `\n${all
      .filter(([, entry]) => entry.lines.some(isRate))
      .map(([id, { says }]) => `- \`${id}\`: ${says}`)
      .join("\n")}\n`,
    ...section(
      "## Memory\n\nAsserted, not only shown: the bench fails above 2 MB of heap or 64 MB of process more after the hundredth run than after the tenth, where all end\nin the same tape; and above 300 MB beyond the bars for `STREAM`, whose fifty million bars are six million held once and delivered under eight names.\n",
      trials.filter(({ trial }) => trial === "MEMORY").map(trialTable),
    ),
    ...section(
      "## From the shell\n\nWall time of the whole command: start of the process, bars from disk, run, tape, artifacts, figures. Run again, it also compares every event with the stored run.\n",
      trials.filter(({ trial }) => trial === "SHELL").map(trialTable),
    ),
    ...GROUPS.flatMap(({ id, title, says }) =>
      section(`## ${title}\n\n${says}\n`, trials.filter(({ trial }) => trial === id || trial.startsWith(`${id}-`)).map(trialTable)),
    ),
    ...section(
      "## Pricing\n\nEvery pass ends in recorded bytes, on one thread or two: prices and volatilities are the same to the bit on any machine.\n",
      trials.filter(({ trial }) => trial === "PRICING").map(trialTable),
    ),
    ...section(`## Peers\n\n${PEERS}\n`, peerTables(all.flatMap(([, { lines }]) => lines))),
    ...section(
      "## Profile\n\nSampled by V8, in percent of a thread's time that was not idle; the first rows. The engine's thread decides and makes events, the writing thread\nstores them. Bars are read and baselines calculated on the writing thread too, before the clock starts. `awaitCommit` is the engine waiting for the writing thread.\n",
      trials.filter(({ trial }) => trial === "PROFILE").map(profileTable),
    ),
    ...section(
      "## Bounds that were missed\n",
      [
        trials
          .flatMap(({ trial, of, missed = [] }) => missed.map((bound) => `- ${trial}${of === null ? "" : `, ${of}`}: ${bound}`))
          .join("\n"),
      ]
        .filter((text) => text !== "")
        .map((text) => `${text}\n`),
    ),
    ...section(
      "## Not run\n",
      [
        [
          ...all.flatMap(([id, { skipped }]) => skipped.map((why) => `- ${id}: ${why}`)),
          ...known.filter((id) => entries[id] === undefined).map((id) => `- ${id}: not measured yet: \`npm run bench -- --write ${id}\``),
        ].join("\n"),
      ]
        .filter((text) => text !== "")
        .map((text) => `${text}\n`),
    ),
  ].join("\n")}`;
}

/** Measurements with a section of their own, a table for each of their lines. */
const GROUPS: readonly { readonly id: string; readonly title: string; readonly says: string }[] = [
  {
    id: "THREADS",
    title: "On every thread",
    says: "Passes of one workload without a tape, each on the next free engine thread, as a sweep's points are. The clock runs from the first to the last.",
  },
  {
    id: "GATE",
    title: "The risk gate",
    says: "Every check that a policy can ask for. The quietest of twelve passes counts; decisions are compared with recorded ones.",
  },
  {
    id: "APPEND",
    title: "Durable appends",
    says: "One event an append, with ids, both chains and anchors, flushed before it is answered. Beside them a bare loop of `fdatasync` on the same disk. On PostgreSQL in turns of a quarter second with Emmett's store on the same server, whose events have neither hash nor chain; the ratio is the median of all turns.",
  },
  {
    id: "TAPE",
    title: "Long logs",
    says: "Replay reads every event and parses its payload; L2 hashes every payload and link again. What stands in milliseconds must not grow with the log.",
  },
  {
    id: "CALC",
    title: "Calculations",
    says: "Weekly files from bytes to stored results: captures, rejects, checks, identities, tape, tables and Parquet. What other engines take is for the aggregation alone.",
  },
  {
    id: "RISK",
    title: "Risk of books",
    says: "VaR, expected shortfall and components of 10,000 positions over 5,000 scenarios, to the same bytes on any number of threads.",
  },
  {
    id: "QUOTES",
    title: "Quotes",
    says: "A feed into a risk session on SQLite, durable batch by batch, with repeated and refused quotes counted.",
  },
  { id: "SERVER", title: "The server", says: "Requests and streamed events over loopback, the client in the same process." },
];

const HEAD = `# Benchmarks

<!-- Written by the bench. Measure again instead of editing: npm run bench -- --write -->

Figures are worth what the machine is worth: the load beside them says how many programs wanted a processor in the minute before. Compare ratios of one run, not rates of two.

## Method

- \`npm run bench -- --write\` measures everything here, one process after the other, and writes this page; \`npm run bench -- --write W2 PEERS\` only those.
  \`npm run bench\` prints rates and ratios and writes nothing; \`--json\` one line of JSON each; \`--quick\` fewer passes; \`--tape=on\` or \`--tape=off\` one side.
- Equal work is asserted before a figure counts: orders, fills, cash, value and positions of the first tape are those that a calculation outside the engine
  gives with exact integers, and for W1, W2 and W4 those that were published. Every pass must end in the same tape.
- Tape on: every pass writes its events to a SQLite file of its own, hashed and synced. Tape off: the same events are made and folded, and kept nowhere.
- Warm-up passes for a second and a half, one at least, then the measured ones. Each workload has a process of its own. Bars are in memory before the clock starts; the engine's thread and its messages count.
- Real bars are not part of the repository: what needs them is found by \`ONETAPE_SHARED\`, and skipped aloud without it.
`;

const PEERS = `The same bars, and market orders filled at the close of the bar in hand without slippage. Onetape's strategy calculates its signals while the clock runs; peers
are given theirs ready. Loading counts for nobody. A peer's line counts only with the same number of orders and the same value at the end within a billionth. A ratio is Onetape's
bars a second over the peer's: above 1 Onetape is faster. \`npm run bench:peers\` prints these; \`-- --full\` takes the sizes of the table above. It makes a Python environment for
each peer below \`.bench-peers\`, from the versions in \`bench/peers\`, and needs Python 3.12 or later on the path or in \`ONETAPE_PYTHON\`.`;

function circumstances(entries: Results["entries"]): string {
  const of = (pick: (c: Entry["circumstances"]) => string): string =>
    [...new Set(Object.values(entries).map((entry) => pick(entry.circumstances)))].sort().join(", ");
  return `Machine: ${of((c) => c.machine)}. Measured ${of((c) => c.day)} with engine build ${of((c) => `\`${c.build}\``)}.\n`;
}

function rateRow(line: BenchLine, { circumstances: { load } }: Entry): readonly string[] {
  const ratio = (name: string): string => (line.ratios[name] === undefined ? "" : ratioText(line.ratios[name]));
  return [
    line.workload,
    line.tape,
    rateText(line.bars_per_s),
    rateText(line.events_per_s),
    rateText(line.orders_per_s),
    line.orders.toLocaleString("en-US"),
    `${Math.round(line.pass_ms.p50).toLocaleString("en-US")} ms of ${line.passes}`,
    `${line.peak_rss_mb} MB`,
    ratio("to_tape_off"),
    ratio("to_bare_loop"),
    load.toFixed(1),
  ];
}

function peerTables(lines: Entry["lines"]): readonly string[] {
  const compared = lines.filter(isPeer);
  const workloads = [...new Set(compared.map(({ workload }) => workload))];
  const rows = workloads.flatMap((id) =>
    compared
      .filter(({ workload }) => workload === id)
      .map((line) => {
        const own = isOwn(line);
        const name = own ? `Onetape, tape ${line.tape}` : `${line.peer} ${line.version}`;
        const ratios = own
          ? ["", ""]
          : [line.ratios["onetape_tape_off"], line.ratios["onetape_tape_on"]].map((n) => ratioText(n as number));
        return [
          id,
          name,
          line.bars.toLocaleString("en-US"),
          line.orders.toLocaleString("en-US"),
          rateText(line.bars_per_s),
          ...ratios,
          `${line.peak_rss_mb} MB`,
        ];
      }),
  );
  if (rows.length === 0) return [];
  const notes = new Map(compared.flatMap((line) => (isOwn(line) ? [] : [[line.peer, line.note.replace(/[\d.]+ s$/, "is not counted")]])));
  return [
    table(["workload", "engine", "bars", "orders", "bars/s", "tape off is x", "tape on is x", "peak memory"], rows),
    `\n${[...notes].map(([peer, note]) => `- ${peer}: ${note}.`).join("\n")}\n`,
  ];
}

function trialTable({ of, figures }: TrialLine): string {
  const rows = Object.entries(figures).map(([name, value]) => [
    name.replaceAll("_", " ").replace(/ (ms|mb)$/, (_, unit: string) => `, ${unit === "mb" ? "MB" : unit}`),
    value.toLocaleString("en-US"),
  ]);
  return `${of === null ? "" : `On ${of}:\n\n`}${table(["figure", "value"], rows)}\n`;
}

function profileTable({ of, figures }: TrialLine): string {
  const rows = Object.entries(figures).map(([name, value]) => [`\`${name}\``, value.toFixed(1)]);
  return `${of}:\n\n${table(["where", "percent"], rows)}\n`;
}

function section(head: string, parts: readonly string[]): readonly string[] {
  return parts.length === 0 ? [] : [head, ...parts];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function isRate(line: Entry["lines"][number]): line is BenchLine {
  return "tape" in line && !("peer" in line);
}

function isTrial(line: Entry["lines"][number]): line is TrialLine {
  return "trial" in line;
}

function isOwn(line: OwnLine | ComparedPeer): line is OwnLine {
  return line.peer === "onetape";
}

function isPeer(line: Entry["lines"][number]): line is OwnLine | ComparedPeer {
  return "peer" in line;
}
