import { closeSync, openSync, writeSync } from "node:fs";
import type { IOtlpExportDelegate } from "@opentelemetry/otlp-exporter-base";
import type { ISerializer } from "@opentelemetry/otlp-transformer";

/** A file of OTLP in JSON, one export request a line: the form that the collector's file receiver reads. */
export class OtlpFile {
  readonly #file: number;

  /** Appends to what is there. @throws the file system's error where it cannot be written. */
  constructor(path: string) {
    this.#file = openSync(path, "a", 0o600);
  }

  /** @param onProblem told of a line that could not be written; the work goes on. */
  delegate<T>(serializer: ISerializer<T, unknown>, onProblem: (why: string) => void): IOtlpExportDelegate<T> {
    return {
      export: (items, done) => {
        const bytes = serializer.serializeRequest(items);
        try {
          if (bytes !== undefined) writeSync(this.#file, `${Buffer.from(bytes).toString("utf8")}\n`);
          done({ code: 0 });
        } catch (error) {
          onProblem(error instanceof Error ? error.message : String(error));
          done({ code: 1 });
        }
      },
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
      setMetrics: () => undefined,
    };
  }

  close(): void {
    closeSync(this.#file);
  }
}
