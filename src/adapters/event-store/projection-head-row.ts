/** The head of a projection as a row, the same in every database: which columns, in which order, and how they are read back. */
import type { ProjectionHead } from "../../ports/projection-store.js";
import { BackendFailure } from "./log-backend.js";
import { readPoisoned } from "./poisoned-json.js";

/** Columns of `projections` besides the key and the state, in the order of {@link headValues}. */
export const HEAD_COLUMNS: readonly string[] = [
  ...["role", "code_version", "event_hash", "events", "as_of_at", "as_of_id", "state_hash"],
  ...["halted", "parked", "lease_epoch", "lease_owner", "lease_until"],
];

export function headValues(head: ProjectionHead): (string | number | null)[] {
  const { role, code_version, event_hash, events, as_of, state_hash, halted, parked, lease_epoch, lease } = head;
  return [
    ...[role, code_version, event_hash, events, as_of?.occurred_at ?? null, as_of?.id ?? null, state_hash],
    ...[halted === null ? null : JSON.stringify(halted), parked, lease_epoch, lease?.owner ?? null, lease?.until ?? null],
  ];
}

/** How a database's rows are read, by index. */
export interface RowReader<Row> {
  readonly textAt: (row: Row, index: number) => string;
  readonly integerAt: (row: Row, index: number) => number;
  readonly isNull: (row: Row, index: number) => boolean;
}

/** Reads name, generation, role, code_version, position, event_hash, events, as_of_at, as_of_id, state_hash, halted, parked, updated_at and the lease. */
export function headFrom<Row>(row: Row, { textAt, integerAt, isNull }: RowReader<Row>): ProjectionHead {
  const role = textAt(row, 2);
  if (role !== "active" && role !== "building") throw new BackendFailure("corrupt", `a projection has the role ${role}`, null, undefined);
  const lease_epoch = integerAt(row, 13);
  return {
    name: textAt(row, 0),
    generation: integerAt(row, 1),
    role,
    code_version: textAt(row, 3),
    position: integerAt(row, 4),
    event_hash: textAt(row, 5),
    events: integerAt(row, 6),
    as_of: isNull(row, 7) ? null : { occurred_at: integerAt(row, 7), id: textAt(row, 8) },
    state_hash: textAt(row, 9),
    halted: isNull(row, 10) ? null : readPoisoned(textAt(row, 10)),
    parked: integerAt(row, 11),
    updated_at: integerAt(row, 12),
    lease_epoch,
    lease: isNull(row, 14) ? null : { owner: textAt(row, 14), epoch: lease_epoch, until: integerAt(row, 15) },
  };
}
