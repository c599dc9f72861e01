import type { Finding } from "../../ports/finding.js";
import type { PostgresConnection } from "./postgres-connection.js";

const SETTINGS = `SELECT current_setting('server_version'), current_setting('fsync'), current_setting('full_page_writes'),
 current_setting('synchronous_commit'), pg_is_in_recovery(), current_setting('is_superuser'),
 has_table_privilege('events', 'UPDATE') OR has_table_privilege('events', 'DELETE') OR has_table_privilege('events', 'TRUNCATE'),
 floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
 (SELECT coalesce(string_agg(tgname, ', '), '') FROM unnest($1::text[]) AS wanted(tgname)
   WHERE NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE t.tgname = wanted.tgname AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace)),
 (SELECT coalesce(max(floor(extract(epoch FROM clock_timestamp() - xact_start))), 0)::bigint FROM pg_stat_activity
   WHERE pid <> pg_backend_pid() AND datname = current_database()),
 pg_database_size(current_database()), (SELECT count(*) FROM log_imports)`;

const TRIGGERS = [
  ...["events", "segments", "anchors"].flatMap((table) => [`${table}_no_change`, `${table}_no_truncate`]),
  ...["log_head_no_delete", "log_head_no_truncate", "log_head_forwards"],
];

/** Clocks that are further apart make times on the tape misleading. */
const SKEW_MS = 2_000;
const LONG_TRANSACTION_S = 600;

/** What of a server's settings, roles and triggers a tape relies on. @param now wall clock of this machine. @throws {PostgresFailure} */
export async function examineServer(connection: PostgresConnection, now: () => number): Promise<readonly Finding[]> {
  const before = now();
  const [row = []] = await connection.query(SETTINGS, [`{${TRIGGERS.join(",")}}`]);
  const between = (before + now()) / 2;
  const [version, fsync, pages, commit, standby, superuser, mayChange, clock, missing, oldest, bytes, imports] = row;
  const skew = Math.round(Number(clock) - between);
  const on = (check: string, value: string | null | undefined, next: string): Finding =>
    value === "on" ? ok(check, `${check} is on`) : { check, status: "failed", found: `${check} is ${value}`, next };
  return [
    ok("server", `PostgreSQL ${version}, ${(Number(bytes) / 1_048_576).toFixed(1)} MiB`),
    on("fsync", fsync, "set fsync = on and restart the server: it would lose what it acknowledged"),
    on("full_page_writes", pages, "set full_page_writes = on and reload the server"),
    commit === "off"
      ? {
          check: "synchronous_commit",
          status: "warning",
          found: "the default is off; each commit of Onetape says its own",
          next: "set synchronous_commit = on for other programs",
        }
      : ok("synchronous_commit", `the default is ${commit}, and each commit says its own`),
    standby === "f"
      ? ok("primary", "the server is a primary")
      : { check: "primary", status: "failed", found: "the server is a standby", next: "point POSTGRES_DSN at the primary" },
    superuser === "on" || mayChange === "t"
      ? {
          check: "role",
          status: "warning",
          found: superuser === "on" ? "this user is a superuser" : "this user may change or remove events",
          next: "work as a user with the role onetape_writer alone: docs/guide/postgresql.md",
        }
      : ok("role", "this user may insert events, and not change them"),
    missing === ""
      ? ok("triggers", `all ${TRIGGERS.length} that refuse changes are enabled`)
      : {
          check: "triggers",
          status: "failed",
          found: `missing or disabled: ${missing}`,
          next: "find out who removed them, verify every log, and make them again: onetape store migrate plan",
        },
    Math.abs(skew) <= SKEW_MS
      ? ok("clock", `the server's clock is ${Math.abs(skew)} ms ${skew < 0 ? "behind" : "ahead"}`)
      : {
          check: "clock",
          status: "failed",
          found: `the server's clock is ${Math.abs(skew)} ms ${skew < 0 ? "behind" : "ahead"}`,
          next: "set both clocks by NTP",
        },
    Number(oldest) < LONG_TRANSACTION_S
      ? ok("transactions", `the oldest is ${oldest} s old`)
      : {
          check: "transactions",
          status: "warning",
          found: `the oldest is ${oldest} s old and keeps the server from cleaning up`,
          next: "end it: SELECT * FROM pg_stat_activity ORDER BY xact_start",
        },
    imports === "0"
      ? ok("imports", "none is unfinished")
      : {
          check: "imports",
          status: "warning",
          found: `${imports} unfinished: their logs are not seen`,
          next: "onetape store import with the same file goes on",
        },
  ];
}

function ok(check: string, found: string): Finding {
  return { check, status: "ok", found, next: "" };
}
