/** A process of its own that appends on request, so that it can be killed: this side asks, fault-agent.child.ts answers. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { AppendOutcome, Durability, LogLayout, StreamBatch } from "../../src/ports/event-store.js";
import type { StoreUnderFault } from "./fault-stores.js";

export type AgentRequest =
  | {
      readonly do: "open";
      readonly layout?: LogLayout;
      readonly durability?: Durability;
      readonly mode?: "write" | "read";
      readonly log?: string;
    }
  | { readonly do: "append"; readonly batches: readonly StreamBatch[] }
  | { readonly do: "verify" }
  | { readonly do: "read" }
  | { readonly do: "close" };

export type AgentAnswer =
  | { readonly kind: "opened"; readonly epoch: number; readonly position: number }
  | { readonly kind: "refused"; readonly outcome: { readonly kind: string; readonly cause?: string } }
  | { readonly kind: "appended"; readonly outcome: AppendOutcome }
  | { readonly kind: "verified"; readonly failure: { readonly position: number; readonly message: string } | null }
  | { readonly kind: "read"; readonly ids: readonly string[] }
  | { readonly kind: "closed" }
  | { readonly kind: "threw"; readonly message: string }
  /** The process ended before it answered. */
  | { readonly kind: "died"; readonly signal: NodeJS.Signals | null };

export class FaultAgent {
  readonly #child: ChildProcess;
  readonly #ended: Promise<NodeJS.Signals | null>;
  readonly #answers: AgentAnswer[] = [];
  #wake: (() => void) | null = null;

  /** @param program the bundled child. @param env beside that of the store: what its disk does, for example. */
  constructor(program: string, under: StoreUnderFault, env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [program, under.folder], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...under.env, ...env },
    });
    this.#ended = once(this.#child, "exit").then(([, signal]) => signal as NodeJS.Signals | null);
    if (this.#child.stdout === null || this.#child.stdin === null) throw new Error("the agent has no pipes");
    this.#child.stdin.on("error", () => {});
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.#answers.push(JSON.parse(line) as AgentAnswer);
      this.#wake?.();
    });
    void this.#ended.then((signal) => {
      this.#answers.push({ kind: "died", signal });
      this.#wake?.();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(request: AgentRequest): Promise<AgentAnswer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.next();
  }

  /** Asks without waiting for the answer. */
  tell(request: AgentRequest): void {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  async next(): Promise<AgentAnswer> {
    while (this.#answers.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
    const [answer] = this.#answers;
    // A death answers everything that is asked afterwards.
    if (answer?.kind !== "died") this.#answers.shift();
    return answer as AgentAnswer;
  }

  /** @throws {Error} unless the log was opened. */
  async open(
    options: Omit<Extract<AgentRequest, { do: "open" }>, "do"> = {},
  ): Promise<{ readonly epoch: number; readonly position: number }> {
    const answer = await this.ask({ do: "open", ...options });
    if (answer.kind !== "opened") throw new Error(`the agent did not open the log: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The outcome, or null where the process died. */
  async append(batches: readonly StreamBatch[]): Promise<AppendOutcome | null> {
    const answer = await this.ask({ do: "append", batches });
    if (answer.kind === "appended") return answer.outcome;
    if (answer.kind === "died") return null;
    throw new Error(`the agent did not append: ${JSON.stringify(answer)}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills it and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Closes the log and lets the process end. */
  async close(): Promise<void> {
    await this.ask({ do: "close" });
    this.#child.stdin?.end();
    await this.#ended;
  }

  get ended(): Promise<NodeJS.Signals | null> {
    return this.#ended;
  }
}
