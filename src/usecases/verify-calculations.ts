/** Compares stored rows with what the log says of them: counts, identities and keys. */
import type { CalcRegistry } from "../core/calc/calc-registry.js";
import { rowSetHash } from "../core/calc/canonical-rows.js";
import type { FinraCalculation } from "../core/calc/finra-otc/finra-input.js";
import { tradeRowSet } from "../core/calc/finra-otc/trade-row-set.js";
import type { Violation } from "../core/quality/violation.js";
import type { CalcLog, CalcPorts } from "./calc-log.js";

export interface CalcVerification {
  readonly captures: number;
  readonly results: number;
  readonly rows: number;
  readonly failures: readonly Violation[];
}

/** @throws the signal's reason when it aborts. */
export async function verifyCalculations(
  ports: Pick<CalcPorts, "rows" | "sources" | "hash">,
  { index }: CalcLog,
  registry: CalcRegistry<FinraCalculation>,
  options: { readonly onProgress?: (done: number, total: number) => void; readonly signal?: AbortSignal } = {},
): Promise<CalcVerification> {
  const failures: Violation[] = [];
  const captures = index.captures.filter(({ retracted }) => !retracted);
  const results = index.results.filter(({ capture_id }) => index.isLive(capture_id));
  const total = captures.length + results.length;
  let done = 0;
  let rows = 0;
  const fail = (code: string, field: string, message: string, expected: string, value: string): void => {
    failures.push({ code, field, message, expected, value });
  };
  const step = (): void => {
    done += 1;
    options.onProgress?.(done, total);
    options.signal?.throwIfAborted();
  };
  for (const { capture_id, event } of captures) {
    if ((await ports.sources.find(event.source.sha256)) === null)
      fail("SOURCE_MISSING", capture_id, `${capture_id}: the source ${event.source.file} is not kept`, event.source.sha256, "nothing");
    const stage = index.stage(capture_id, "NORMALIZED");
    if (stage !== null) {
      const week = await ports.rows.readWeek(capture_id);
      const found = week === null ? "nothing" : tradeRowSet(week.rows, ports.hash);
      if (found !== stage.row_set)
        fail("WEEK_DIFFERS", capture_id, `${capture_id}: the normalised rows are not those of the log`, stage.row_set ?? "", found);
      if (week !== null && week.rejects.length !== stage.rejected_count)
        fail(
          "REJECTS_DIFFER",
          capture_id,
          `${capture_id}: the rejects are not those of the log`,
          String(stage.rejected_count),
          String(week.rejects.length),
        );
    }
    step();
  }
  for (const result of results) {
    const { calc_name, calc_version, capture_id, row_set } = result;
    const found = registry.get(calc_name);
    const what = `${calc_name} ${calc_version} of ${capture_id}`;
    if (found.kind === "unknown") fail("CALC_UNKNOWN", calc_name, `${what}: the calculation is not declared`, row_set, "nothing");
    else if (index.standing(found.value).states.get(calc_version) !== "DELETED") {
      const stored = await ports.rows.readRows(found.value.table, calc_name, [calc_version], [capture_id]);
      rows += stored.length;
      const hash = rowSetHash(stored, ports.hash);
      if (hash !== row_set) fail("ROWS_DIFFER", capture_id, `${what}: the stored rows are not those of the log`, row_set, hash);
    }
    step();
  }
  return { captures: captures.length, results: results.length, rows, failures };
}
