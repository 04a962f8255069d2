import { bins } from './colours';
import type { Appearance } from './context';
import { edge } from './panels/histogram';
import type { BinFilter, Measurement, NucleusSummary } from './types';

/** The bins of one measurement that hold the values of a range of another's; the outermost bins hold all beyond, too. */
function rangeIn(to: Measurement, from: Measurement, filter: BinFilter): { from: number; to: number } {
  const bin = (lower: number) => Math.round(((edge(from, lower) - to.low) / (to.high - to.low)) * bins);
  const least = filter.from === 0 ? 0 : Math.min(bins - 1, Math.max(0, bin(filter.from)));
  const most = filter.to === bins - 1 ? bins - 1 : Math.min(bins - 1, bin(filter.to + 1) - 1);
  return { from: least, to: Math.max(least, most) };
}

/** Colour, filters and hidden classes as another result has them: by name and by value. What it doesn't have is left out. */
export function carried(
  appearance: Appearance,
  before: NucleusSummary | null,
  now: NucleusSummary,
): Pick<Appearance, 'colour' | 'filters' | 'hiddenClasses'> {
  const place = (measurement: number) => now.measurements.findIndex((m) => m.name === before?.measurements[measurement]?.name);
  const { colour } = appearance;
  return {
    colour: typeof colour !== 'number' ? colour : place(colour) < 0 ? 'one' : place(colour),
    filters: appearance.filters.flatMap((f) => {
      const at = place(f.measurement);
      return at < 0 ? [] : [{ measurement: at, ...rangeIn(now.measurements[at]!, before!.measurements[f.measurement]!, f) }];
    }),
    hiddenClasses: appearance.hiddenClasses
      .map((hidden) => now.classes.findIndex((c) => c.name === before?.classes[hidden]?.name))
      .filter((at) => at >= 0),
  };
}
