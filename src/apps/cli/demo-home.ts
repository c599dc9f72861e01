import { join } from "node:path";
import type { Invocation } from "./command.js";

/** Where the demo keeps its workspace: a folder of its own, unless the user named one. */
export function demoHome({ flags, settings }: Pick<Invocation, "flags" | "settings">): { readonly home: string; readonly own: boolean } {
  const named = flags.text("home") !== undefined || (process.env["ONETAPE_HOME"] ?? "") !== "";
  const standard = settings.home === join(process.cwd(), ".onetape");
  return named || !standard ? { home: settings.home, own: false } : { home: join(settings.home, "demo"), own: true };
}
