import type { SettingFlags } from "../../adapters/config/workspace-settings.js";
import type { FlagValues } from "./command.js";

/** What the command line itself says about the settings. */
export function statedSettings(flags: FlagValues): SettingFlags {
  const store = flags.text("store");
  return {
    home: flags.text("home"),
    store: store === "sqlite" || store === "postgres" ? store : undefined,
    telemetry: flags.text("telemetry"),
    color: flags.on("no-color") ? "never" : undefined,
    quiet: flags.on("quiet") ? true : undefined,
  };
}
