import { debounce } from './dom';
import type { Context } from './context';
import type { Appearance } from './context';
import type { Place } from './viewer';

/** A view as the link's fragment tells it: it never reaches the server's log. */
export interface Link {
  slide: string | null;
  place: Place | null;
  appearance: Partial<Appearance>;
}

export function read(): Link {
  const part = new URLSearchParams(location.hash.slice(1));
  const numbers = (name: string) =>
    (part.get(name) ?? '')
      .split(',')
      .filter((t) => t !== '')
      .map(Number);
  const at = numbers('at');
  const colour = part.get('colour');
  const slide = part.get('slide') ?? '';
  const appearance: Partial<Appearance> = {
    filters: part
      .getAll('filter')
      .map((f) => f.split(',').map(Number))
      .filter((f) => f.length === 3 && f.every(Number.isFinite))
      .map(([measurement, from, to]) => ({ measurement: measurement!, from: from!, to: to! })),
    hiddenClasses: numbers('hidden').filter(Number.isFinite),
    colour: colour === 'class' || colour === 'confidence' ? colour : colour !== null && /^\d+$/.test(colour) ? Number(colour) : 'one',
    outlines: part.get('outlines') !== '0',
    density: part.get('density') !== '0',
  };
  return {
    // It becomes part of an address that is asked for: a link of somebody else's must not lead to another one.
    slide: /^[0-9a-f]{16}$/.test(slide) ? slide : null,
    place: at.length === 3 && at.every(Number.isFinite) && at[2]! > 0 ? { x: at[0]!, y: at[1]!, resolution: at[2]! } : null,
    appearance,
  };
}

const awayKey = 'hoverfast-view';

/** Keeps the link's view while somebody logs in elsewhere: the way back leads to an address without a fragment. */
export function keep(): void {
  sessionStorage.setItem(awayKey, location.hash);
}

/** Takes up what was kept, once, where the address names no view. */
export function resume(): void {
  const kept = sessionStorage.getItem(awayKey);
  sessionStorage.removeItem(awayKey);
  if (kept && location.hash === '') {
    history.replaceState(null, '', kept);
  }
}

/** Keeps the address the one that opens the same view. */
export function follow(context: Context): void {
  const write = debounce(200, () => {
    const place = context.viewer.place;
    if (context.slide === null || place === null) {
      return;
    }
    const { colour, filters, hiddenClasses, outlines, density } = context.appearance;
    const part = new URLSearchParams({ slide: context.slide.summary.id });
    part.set('at', [place.x.toFixed(1), place.y.toFixed(1), place.resolution.toPrecision(4)].join(','));
    // Until the slide's own measurements and classes are known, indices are those of another.
    const isOwn = context.named?.slide === context.slide.summary.id;
    if (colour !== 'one' && (isOwn || typeof colour === 'string')) {
      part.set('colour', String(colour));
    }
    for (const f of isOwn ? filters : []) {
      part.append('filter', `${f.measurement},${f.from},${f.to}`);
    }
    if (isOwn && hiddenClasses.length > 0) {
      part.set('hidden', hiddenClasses.join(','));
    }
    if (!outlines) {
      part.set('outlines', '0');
    }
    if (!density) {
      part.set('density', '0');
    }
    history.replaceState(null, '', `#${part.toString().replaceAll('%2C', ',')}`);
  });
  context.on('view', write);
  context.on('appearance', write);
}
