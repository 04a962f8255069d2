/** Viridis (Smith and van der Walt, CC0) at nine places; between them straight lines, which the eye can't tell from it. */
const viridis: [number, number, number][] = [
  [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37],
];

/** Bins of a measurement. */
export const bins = 256;

/** The colour of a bin, dark for low values. */
export function binColour(bin: number): [number, number, number] {
  const place = (Math.min(Math.max(bin, 0), bins - 1) / (bins - 1)) * (viridis.length - 1);
  const at = Math.min(Math.floor(place), viridis.length - 2);
  const [a, b] = [viridis[at]!, viridis[at + 1]!];
  const part = place - at;
  return [0, 1, 2].map((i) => Math.round(a[i]! + (b[i]! - a[i]!) * part)) as [number, number, number];
}

/** One colour for all nuclei: seen on haematoxylin and on eosin alike. */
export const oneColour: [number, number, number] = [0, 150, 90];

export const css = (colour: [number, number, number], alpha = 1) => `rgba(${colour.join(',')},${alpha})`;
