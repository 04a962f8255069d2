/** The middle of Turbo (Mikhailov 2019, Apache 2.0): bright all along, since nuclei are dark and the tissue about them purple. */
const scale: [number, number, number][] = [
  [70, 107, 227],
  [40, 187, 236],
  [49, 242, 153],
  [162, 252, 60],
  [237, 208, 58],
  [251, 128, 34],
];

/** The measurement that tells how sure the model was: that which is held against pathologists' outlines, where a result has it; null for none. */
export function confidenceOf(measurements: { name: string }[]): number | null {
  for (const name of ['Match probability', 'Detection probability']) {
    const at = measurements.findIndex((m) => m.name === name);
    if (at >= 0) {
      return at;
    }
  }
  return null;
}

/** Bins of a measurement. */
export const bins = 256;

/** The colour of a bin, blue for low values, orange for high ones. */
export function binColour(bin: number): [number, number, number] {
  const place = (Math.min(Math.max(bin, 0), bins - 1) / (bins - 1)) * (scale.length - 1);
  const at = Math.min(Math.floor(place), scale.length - 2);
  const [a, b] = [scale[at]!, scale[at + 1]!];
  const part = place - at;
  return [0, 1, 2].map((i) => Math.round(a[i]! + (b[i]! - a[i]!) * part)) as [number, number, number];
}

/** One colour for all nuclei: seen on haematoxylin and on eosin alike. */
export const oneColour: [number, number, number] = [0, 150, 90];

export const css = (colour: [number, number, number], alpha = 1) => `rgba(${colour.join(',')},${alpha})`;
