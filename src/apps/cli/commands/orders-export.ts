import { writeFile } from "node:fs/promises";
import { grouped } from "../../../core/numeric/grouped.js";
import { orderCsv } from "../../../core/orders/order-csv.js";
import { type CollectedOrders, collectOrders, collectSessionOrders } from "../../../usecases/collect-orders.js";
import { sessionTapes } from "../../library/paper-sessions.js";
import type { CommandResult, Invocation } from "../command.js";
import { runPorts } from "../compose-runs.js";
import { type Failure, failureOf } from "../failure.js";
import { findRun } from "../find-run.js";

export async function run({ args, flags, io, settings }: Invocation): Promise<CommandResult> {
  const output = flags.text("output") ?? "-";
  if (output === "-" && io.json) {
    const message = "--json tells about an export into a file; on stdout are the orders themselves";
    const next = "onetape orders export RUN --output FILE --json";
    return { kind: "failed", failure: failureOf("USAGE", message, next, { field: "--output", expected: "a file" }) };
  }
  const found = await ordersOf(args[0] ?? "", settings);
  if (found.kind === "failed") return found;
  const { name, orders, denied } = found;
  const text = orderCsv(orders);
  const tell = `${grouped(orders.length)} approved orders, ${grouped(denied)} left out that the risk gate refused`;
  if (output === "-") {
    await io.write(text);
    io.note(tell);
    return { kind: "streamed" };
  }
  await writeFile(output, text);
  const json = { schema: "onetape.orders-export/1", run: name, output, orders: orders.length, denied };
  return { kind: "done", json, human: () => `wrote ${io.out.bold(output)}: ${tell}\n` };
}

type Found = ({ readonly kind: "found"; readonly name: string } & CollectedOrders) | { readonly kind: "failed"; readonly failure: Failure };

/** The orders of the session that a word names, or else of the run. */
async function ordersOf(word: string, settings: Invocation["settings"]): Promise<Found> {
  const sessions = sessionTapes(settings);
  try {
    const collected = await collectSessionOrders(sessions, word);
    if (collected !== null) return { kind: "found", name: word, ...collected };
  } finally {
    await sessions.close();
  }
  const ports = runPorts(settings.home);
  const found = await findRun(ports.runs, word);
  if (found.kind === "failed") return found;
  return { kind: "found", name: found.run.name, ...(await collectOrders(ports, found.run)) };
}
