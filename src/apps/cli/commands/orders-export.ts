import { writeFile } from "node:fs/promises";
import { grouped } from "../../../core/numeric/grouped.js";
import { orderCsv } from "../../../core/orders/order-csv.js";
import { collectOrders } from "../../../usecases/collect-orders.js";
import type { CommandResult, Invocation } from "../command.js";
import { runPorts } from "../compose-runs.js";
import { failureOf } from "../failure.js";
import { findRun } from "../find-run.js";

export async function run({ args, flags, io, settings }: Invocation): Promise<CommandResult> {
  const output = flags.text("output") ?? "-";
  if (output === "-" && io.json) {
    const message = "--json tells about an export into a file; on stdout are the orders themselves";
    const next = "onetape orders export RUN --output FILE --json";
    return { kind: "failed", failure: failureOf("USAGE", message, next, { field: "--output", expected: "a file" }) };
  }
  const ports = runPorts(settings.home);
  const found = await findRun(ports.runs, args[0] ?? "");
  if (found.kind === "failed") return found;
  const { orders, denied } = await collectOrders(ports, found.run);
  const text = orderCsv(orders);
  const tell = `${grouped(orders.length)} approved orders, ${grouped(denied)} left out that the risk gate refused`;
  if (output === "-") {
    await io.write(text);
    io.note(tell);
    return { kind: "streamed" };
  }
  await writeFile(output, text);
  const json = { schema: "onetape.orders-export/1", run: found.run.name, output, orders: orders.length, denied };
  return { kind: "done", json, human: () => `wrote ${io.out.bold(output)}: ${tell}\n` };
}
