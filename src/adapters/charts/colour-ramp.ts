/**
 * Cividis: dark blue to yellow, even in lightness, and the same ramp for eyes that do not tell red from green.
 *
 * @see J. R. Nunez, C. R. Anderton, R. S. Renslow, Optimizing colormaps with consideration for color vision deficiency, PLoS ONE 13 (2018)
 */
const STOPS: readonly (readonly [number, number, number])[] = [
  [0, 32, 77],
  [49, 68, 107],
  [102, 105, 112],
  [149, 143, 120],
  [203, 186, 105],
  [255, 234, 70],
];

/** Where black becomes easier to read than white: both have a contrast above 4.5 there, which no softer pair of inks has. */
const INK_TURNS = 0.468;

/** The colour at a share of the ramp, and the ink that can be read on it. */
export function rampColour(share: number): { readonly fill: string; readonly ink: string } {
  const at = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(at), STOPS.length - 2);
  const [from = [0, 0, 0], to = [0, 0, 0]] = [STOPS[low], STOPS[low + 1]];
  const rgb = from.map((channel, i) => Math.round(channel + ((to[i] ?? 0) - channel) * (at - low)));
  const fill = `#${rgb.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
  return { fill, ink: share < INK_TURNS ? "#FFFFFF" : "#000000" };
}
