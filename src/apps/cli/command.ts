import type { WorkspaceSettings } from "../../adapters/config/workspace-settings.js";
import type { Failure } from "./failure.js";
import type { FlagName } from "./flag-names.js";
import type { Io } from "./io.js";

/** What a value can be completed with. */
export type Completable = "runs" | "sweeps" | "symbols" | "data" | "files" | "folders" | "shells" | "commands" | "policies";

export interface ArgumentSpec {
  readonly name: string;
  readonly required: boolean;
  readonly variadic?: boolean;
  readonly says: string;
  readonly completes: Completable | null;
}

/** A command line that the tests run, and what it shows. */
export interface Example {
  readonly line: string;
  readonly says: string;
}

/** One command, as data: the parser, the help, the completion scripts and the reference page are all made from it. */
export interface CommandSpec {
  /** Words that name it, for example `["data", "import"]`. */
  readonly path: readonly string[];
  readonly summary: string;
  /** Paragraphs below the summary in the full help. */
  readonly details?: readonly string[];
  readonly arguments: readonly ArgumentSpec[];
  readonly flags: readonly FlagName[];
  /** What a flag does here, where that is not what it does in most commands. */
  readonly flagsSay?: Partial<Readonly<Record<FlagName, string>>>;
  readonly examples: readonly Example[];
  /** Hidden commands appear neither in help nor in completion. */
  readonly hidden?: boolean;
  /** Loads the command's code: nothing of it is read for `--help`. */
  readonly load: () => Promise<{ readonly run: Command }>;
}

/** A group of commands, such as `data`. */
export interface GroupSpec {
  readonly name: string;
  readonly summary: string;
}

/** All that there is on the command line. */
export interface Program {
  readonly commands: readonly CommandSpec[];
  /** In the order in which help shows them. */
  readonly groups: readonly GroupSpec[];
  readonly examples: readonly Example[];
}

/** Flags as given, converted and checked. */
export interface FlagValues {
  text(name: FlagName): string | undefined;
  list(name: FlagName): readonly string[];
  number(name: FlagName): number | undefined;
  on(name: FlagName): boolean;
}

export interface Invocation {
  readonly program: Program;
  /** Positional arguments in order; a variadic one takes the rest. */
  readonly args: readonly string[];
  readonly flags: FlagValues;
  readonly io: Io;
  readonly settings: WorkspaceSettings;
  /** Aborts on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** A document on stdout. `schema` names its form and version, for example `onetape.backtest/1`. */
export interface JsonDocument {
  readonly schema: string;
  readonly [key: string]: unknown;
}

/** What a command came to. Commands return it; only `run-cli.ts` prints. */
export type CommandResult =
  | {
      readonly kind: "done";
      readonly json: JsonDocument;
      /** The same for people; ends with a line break. */
      readonly human: () => string | Promise<string>;
      /** Commands to try next, shown on stderr. */
      readonly next?: readonly string[];
      /** Something is wrong with what was found, for example a mismatch: decides the exit code, told after the document. */
      readonly problem?: Failure;
    }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** The command wrote its own lines to stdout. */
  | { readonly kind: "streamed"; readonly problem?: Failure }
  /** Stopped by a signal; `kept` says what remains and how to go on. */
  | { readonly kind: "aborted"; readonly kept: string; readonly json: JsonDocument };

export type Command = (invocation: Invocation) => Promise<CommandResult>;
