import * as api from '../api';
import type { Context } from '../context';
import { figure, h, section } from '../dom';
import type { NucleusLayers } from '../nucleusLayer';

/** The nucleus that was clicked, with its measurements. */
export function nucleusPanel(context: Context, layers: NucleusLayers): HTMLElement {
  const body = h('div', { aria: { live: 'polite' } });
  const panel = section('Nucleus', true, body);
  const render = () => {
    const nucleus = context.nucleus;
    if (nucleus === null) {
      body.replaceChildren(h('p', { class: 'quiet' }, 'Click a nucleus for its measurements; Enter takes the one in the middle.'));
      return;
    }
    body.replaceChildren(
      (nucleus.className !== null && h('p', {}, nucleus.className)) || '',
      h(
        'dl',
        {},
        ...Object.entries(nucleus.measurements).flatMap(([name, value]) => [h('dt', {}, name.replace(/^Nucleus: /, '')), h('dd', {}, figure(value))]),
      ),
      h('p', { class: 'quiet id' }, nucleus.id),
    );
  };
  context.on('nucleus', render);
  context.on('slide', () => choose(context, null));
  context.viewer.map.on('singleclick', (event) => {
    if (layers.isNear && !context.drawing) {
      void pick(context, event.coordinate[0]!, -event.coordinate[1]!);
    }
  });
  render();
  return panel;
}

/** Asks for the nucleus at a place. */
export async function pick(context: Context, x: number, y: number): Promise<void> {
  const slide = context.slide;
  if (slide !== null) {
    const nucleus = await context.attempt(() => api.nucleusAt(slide.summary.id, x, y));
    if (nucleus !== undefined && context.slide === slide) {
      choose(context, nucleus);
    }
  }
}

function choose(context: Context, nucleus: Context['nucleus']): void {
  context.nucleus = nucleus;
  context.emit('nucleus', nucleus);
}
