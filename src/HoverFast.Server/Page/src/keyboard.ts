import { confidenceOf } from './colours';
import type { Colour, Context } from './context';
import { pick } from './panels/nucleus';

export interface Actions {
  help: () => void;
  theme: () => void;
  draw: (shape: 'Polygon' | 'Box') => void;
  stop: () => void;
}

/** Keys that work wherever nothing is being typed. */
export function listen(context: Context, actions: Actions): void {
  const step = (by: number) => {
    const at = context.listed.findIndex((s) => s.id === context.slide?.summary.id);
    const next = context.listed[at + by];
    if (next !== undefined) {
      void context.open(next.id);
    }
  };
  // An objective of a power shows 10 um / power in a pixel, about.
  const objective = (power: number) => context.viewer.zoomTo(10 / power / (context.slide?.mpp ?? 0.25));
  const colours = (): Colour[] => [
    'one',
    ...(context.nuclei?.classes.length ? ['class' as const] : []),
    ...(confidenceOf(context.nuclei?.measurements ?? []) === null ? [] : ['confidence' as const]),
    ...(context.nuclei?.measurements ?? []).map((_, i) => i),
  ];
  const keys: Record<string, () => void> = {
    n: () => step(1),
    p: () => step(-1),
    o: () => context.show({ outlines: !context.appearance.outlines }),
    d: () => context.show({ density: !context.appearance.density }),
    c: () => {
      const all = colours();
      context.show({ colour: all[(all.indexOf(context.appearance.colour) + 1) % all.length]! });
    },
    r: () => actions.draw('Polygon'),
    b: () => actions.draw('Box'),
    t: actions.theme,
    '?': actions.help,
    '/': () => document.getElementById('search')?.focus(),
    '0': () => context.slide !== null && context.viewer.whole(),
    '1': () => objective(10),
    '2': () => objective(20),
    '4': () => objective(40),
    Escape: actions.stop,
  };
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      target.matches('input:not([type=checkbox]), select, textarea') ||
      document.querySelector('dialog[open]') !== null
    ) {
      return;
    }
    if (event.key === 'Enter' && target.id === 'map') {
      const place = context.viewer.place;
      // While a field is reviewed it belongs to that, as clicks do.
      if (place !== null && !context.drawing) {
        void pick(context, place.x, place.y);
      }
      return;
    }
    const action = keys[event.key];
    if (action !== undefined) {
      event.preventDefault();
      action();
    }
  });
}
