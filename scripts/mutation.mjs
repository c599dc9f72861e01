import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { runToEnd } from "./child.mjs";
import { ExpectedError } from "./expected-error.mjs";

const folder = ".stryker";

/** What can be mutated, and the tests that must notice. */
const subjects = {
  tape: { parts: ["tape"], tests: ["src/core/tape/**/*.test.ts"] },
  trading: {
    parts: ["orders", "venue", "portfolio", "gate"],
    tests: ["src/core/{orders,venue,portfolio,gate}/**/*.test.ts", "test/property/trading-portfolio.test.ts"],
  },
  engine: { parts: ["engine"], tests: ["src/core/engine/**/*.test.ts"] },
};

/**
 * Changes the sources of a subject one operator at a time and counts the changes that its tests notice.
 *
 * @param args a subject, then files or folders of it where not all of it is meant; what begins with a dash goes to Stryker.
 */
export async function mutation(root, args) {
  const [name, ...files] = args.filter((arg) => !arg.startsWith("-"));
  const subject = Object.hasOwn(subjects, name ?? "") ? subjects[name] : undefined;
  if (subject === undefined) {
    throw new ExpectedError(`say what to mutate: npm run mutation -- ${Object.keys(subjects).join(" | ")} [FILE...].`);
  }
  const mutated = files.length > 0 ? files.map(patternOf) : subject.parts.map((part) => `src/core/${part}/**/*.ts`);
  const report = join(folder, `${name}.json`);
  const code = await runToEnd(
    process.execPath,
    [
      join(root, "node_modules/@stryker-mutator/core/bin/stryker.js"),
      "run",
      "stryker.config.json",
      ...["--mutate", [...mutated, "!src/**/*.test.ts"].join(",")],
      ...["--incrementalFile", report],
      ...args.filter((arg) => arg.startsWith("-")),
    ],
    { stdio: "inherit", cwd: root, env: { ...process.env, ONETAPE_MUTATION_TESTS: subject.tests.join(" ") } },
  );
  process.exitCode = code;
  if (code === 0) print(JSON.parse(readFileSync(join(root, report), "utf8")).files);
}

function patternOf(path) {
  return path.endsWith(".ts") ? path : `${path.replace(/\/$/, "")}/**/*.ts`;
}

/** Every change that no test noticed, then one line per file and per folder. */
function print(files) {
  const folders = new Map();
  const lines = [];
  for (const [path, { source, mutants }] of Object.entries(files).sort()) {
    const missed = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
    for (const mutant of missed.sort(byPlace)) console.log(survivor(path, source, mutant));
    const counts = count(mutants);
    lines.push(row(relative("src/core", path), counts));
    const part = dirname(path);
    folders.set(part, add(folders.get(part), counts));
  }
  const total = [...folders.values()].reduce(add, undefined);
  console.log(`\n${row("", { killed: "killed", survived: "survived", uncovered: "no test" }, "score")}`);
  for (const line of lines) console.log(line);
  for (const [part, counts] of folders) console.log(row(part, counts));
  if (total !== undefined) console.log(row("all", total));
}

function byPlace({ location: { start: a } }, { location: { start: b } }) {
  return a.line - b.line || a.column - b.column;
}

function survivor(path, source, { location: { start, end }, replacement, status, mutatorName }) {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  const short = (text) => text.replace(/\s+/g, " ").slice(0, 100);
  const note = status === "NoCoverage" ? " (no test comes here)" : "";
  return `${path}:${start.line}:${start.column} ${mutatorName}: ${short(lines.join(" "))} -> ${short(replacement ?? "")}${note}`;
}

function count(mutants) {
  const of = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  return { killed: of("Killed", "Timeout"), survived: of("Survived"), uncovered: of("NoCoverage") };
}

function add(one, other) {
  if (one === undefined) return other;
  return Object.fromEntries(Object.entries(one).map(([key, value]) => [key, value + other[key]]));
}

function row(name, { killed, survived, uncovered }, last = score(killed, survived + uncovered)) {
  return `${name.padEnd(36)}${[killed, survived, uncovered, last].map((text) => String(text).padStart(10)).join("")}`;
}

function score(killed, missed) {
  return killed + missed === 0 ? "-" : `${((100 * killed) / (killed + missed)).toFixed(1)} %`;
}
