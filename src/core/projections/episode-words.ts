import { grouped } from "../numeric/grouped.js";
import type { UtcMillis } from "../tape/event.js";
import type { FreezeEpisode, KillEpisode } from "./risk-exposure.js";

/** Why an account was stopped and what was done, for people. @param timeText spells a time. */
export function episodeWords(episode: KillEpisode | FreezeEpisode, timeText: (ts: UtcMillis) => string): string {
  if (episode.observe_only) return `${whyOf(episode)}; only observed, nothing was done`;
  const refused = `${grouped(episode.refused)} orders refused`;
  if (episode.kind === "daily_freeze") return `${whyOf(episode)}; ${refused}`;
  const { cancels, closings, notified, resets_refused, reset, locked_until } = episode;
  const done = [
    refused,
    ...(cancels === 0 ? [] : [`${grouped(cancels)} cancels asked for`]),
    ...(closings === 0 ? [] : [`${grouped(closings)} positions closed`]),
    ...(notified.length === 0 ? [] : [`told ${notified.join(", ")}`]),
    ...(resets_refused === 0 ? [] : [`${grouped(resets_refused)} resets refused`]),
    reset === null ? `locked until ${timeText(locked_until)}` : `reset by ${reset.approver}: ${reset.reason}`,
  ];
  return `${whyOf(episode)}; ${done.join(", ")}`;
}

function whyOf(episode: KillEpisode | FreezeEpisode): string {
  return episode.kind === "daily_freeze"
    ? `the day's loss of ${episode.loss} met its limit of ${episode.level}`
    : `${episode.trigger.replaceAll("_", " ")}: ${episode.reason}`;
}
