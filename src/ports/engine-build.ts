/** What this build of the engine is. */
export interface EngineBuild {
  readonly version: string;
  /** Content hash of the engine's sources: part of every run's identity. */
  readonly build: string;
}
