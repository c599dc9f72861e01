import * as Type from "typebox";
import type { LadderLevel } from "../../core/quality/grade.js";
import { ENFORCEABLE_CHECKS, WARNING_CHECKS } from "../../core/quality/ladder.js";
import type { Json } from "../../core/tape/event.js";
import type { JsonSchema } from "./schema-check.js";

const LEVELS = ["off", "warn", "enforce"] as const;

const SettingsFileSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: "Where editors find this schema." })),
    home: Type.Optional(
      Type.String({
        minLength: 1,
        default: ".onetape",
        description: "Folder of the workspace, relative to this file. Flag `--home`, variable `ONETAPE_HOME`.",
      }),
    ),
    store: Type.Optional(
      Type.Enum(["sqlite", "postgres"], {
        description:
          "Where the logs of the workspace are kept: a file each, or the database that the variable `POSTGRES_DSN` names. Default: `postgres` where `POSTGRES_DSN` is set, otherwise `sqlite`. Flag `--store`, variable `ONETAPE_STORE`.",
      }),
    ),
    anchors: Type.Optional(
      Type.Object(
        {
          file: Type.Optional(
            Type.String({
              minLength: 1,
              description:
                "Append-only file of anchors, relative to this file; best where who can change the store cannot. Left out: none is published. Variable `ONETAPE_ANCHORS`.",
            }),
          ),
          every: Type.Optional(
            Type.Integer({
              minimum: 1,
              default: 10_000,
              description: "Events between two anchors; one is published at each close in any case. Variable `ONETAPE_ANCHOR_EVERY`.",
            }),
          ),
          key: Type.Optional(
            Type.String({
              minLength: 1,
              description:
                "Private Ed25519 key in PEM that signs, relative to this file. Left out: unsigned. Variable `ONETAPE_ANCHOR_KEY`.",
            }),
          ),
        },
        { additionalProperties: false, description: "Whether writers of logs publish where these end, outside the store." },
      ),
    ),
    telemetry: Type.Optional(
      Type.String({
        minLength: 1,
        default: "off",
        description:
          "Where figures, spans and log records go: `off`, `otlp` (the collector that the `OTEL_EXPORTER_OTLP_*` variables name), or the path of a file, relative to this file. Flag `--telemetry`, variable `ONETAPE_TELEMETRY`.",
      }),
    ),
    color: Type.Optional(
      Type.Enum(["auto", "always", "never"], {
        default: "auto",
        description: "Colours: `auto` is on a terminal only. Flag `--no-color`, variables `NO_COLOR` and `TERM=dumb`.",
      }),
    ),
    quality: Type.Optional(
      Type.Object(
        {
          level: Type.Optional(
            Type.Enum(LEVELS, {
              default: "warn",
              description:
                "Every check that `checks` does not name: `off` asks nothing, `warn` tells and goes on, `enforce` also refuses where a check fails (exit code 4).",
            }),
          ),
          checks: Type.Optional(
            Type.Object(
              {
                ...Object.fromEntries(
                  ENFORCEABLE_CHECKS.map((check) => [check, Type.Optional(Type.Enum(LEVELS, { description: `\`${check}\`.` }))]),
                ),
                ...Object.fromEntries(
                  WARNING_CHECKS.map((check) => [
                    check,
                    Type.Optional(Type.Enum(["off", "warn"], { description: `\`${check}\`, which warns at most.` })),
                  ]),
                ),
              },
              {
                additionalProperties: false,
                description:
                  "Level of single checks. `lateness` is asked only where it is named, at imports and where a session begins at a real pace.",
              },
            ),
          ),
        },
        {
          additionalProperties: false,
          description:
            "Service levels that bars must keep at `data import` and where a backtest, sweep or paper session starts. Left out: none is asked. Variable `ENABLE_SLA_CHECKS`: `off` asks none, `on` asks all at `warn` where nothing else is said.",
        },
      ),
    ),
    quiet: Type.Optional(
      Type.Boolean({ default: false, description: "No progress and no hints. Flag `--quiet`, variable `ONETAPE_QUIET=1`." }),
    ),
  },
  {
    additionalProperties: false,
    title: "Onetape settings",
    description: "What holds for every command: `onetape.yaml` of a project, or `~/.config/onetape/config.yaml` of a user.",
  },
);

/** A settings file after its check. */
export interface SettingsFile {
  home?: string;
  store?: "sqlite" | "postgres";
  anchors?: { file?: string; every?: number; key?: string };
  telemetry?: string;
  color?: "auto" | "always" | "never";
  quality?: { level?: LadderLevel; checks?: { [check: string]: LadderLevel | undefined } };
  quiet?: boolean;
}

/** Names a checked tree by its type; the compiler compares the type with the schema. */
export function asSettingsFile(checked: Json): SettingsFile {
  return checked as Type.Static<typeof SettingsFileSchema>;
}

export const settingsFileSchema: JsonSchema = SettingsFileSchema as Type.TSchema as JsonSchema;
