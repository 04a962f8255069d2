import * as api from '../api';
import type { Context } from '../context';
import { debounce, figure, h, number, refill } from '../dom';
import type { SlideSummary } from '../types';

type Order = 'name' | 'nuclei' | 'tissue' | 'density' | 'finished' | 'quality' | 'warnings';

/** Cards that are made at once; more come on request. */
const page = 200;

const orders: [Order, string][] = [
  ['name', 'by name'],
  ['finished', 'newest result first'],
  ['nuclei', 'most nuclei first'],
  ['tissue', 'most tissue first'],
  ['density', 'densest first'],
  ['quality', 'least expected accuracy first'],
  ['warnings', 'most warnings first'],
];

const key: Record<Exclude<Order, 'name'>, (s: SlideSummary) => number> = {
  nuclei: (s) => s.nuclei ?? -1,
  tissue: (s) => s.tissue ?? -1,
  density: (s) => (s.nuclei !== null && s.tissue !== null && s.tissue > 0 ? s.nuclei / s.tissue : -1),
  finished: (s) => (s.finished === null ? 0 : Date.parse(s.finished)),
  quality: (s) => -(s.quality?.expectedPq ?? 2),
  warnings: (s) => s.warnings.length,
};

/** Advice that a person should see before the slide is opened. */
const advised = new Set<string>(['look', 'adapt', 'refuse']);

const stateOf = (s: SlideSummary) => (!s.hasSlide ? 'slide not here' : s.hasResult ? '' : 'not segmented');

/** The list of slides. */
export function slidesPanel(context: Context): HTMLElement {
  const search = h('input', { type: 'search', id: 'search', placeholder: 'Search slides (/)', aria: { label: 'Search slides' } });
  const order = h('select', { aria: { label: 'Order of the slides' } }, ...orders.map(([value, text]) => h('option', { value }, text)));
  const count = h('p', { class: 'quiet', aria: { live: 'polite' } });
  const list = h('ul', { class: 'slides' });
  let shown = page;

  const render = () => {
    const words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((w) => w !== '');
    const found = context.slides.filter((s) =>
      words.every((w) => `${s.name} ${stateOf(s)} ${s.model ?? ''} ${s.warnings.join(' ')}`.toLowerCase().includes(w)),
    );
    const by = order.value as Order;
    if (by !== 'name') {
      found.sort((a, b) => key[by](b) - key[by](a));
    }
    context.listed = found;
    count.textContent =
      context.slides.length === 0
        ? 'No slide lies in the folders given, and no result.'
        : found.length === context.slides.length
          ? found.length === 1
            ? '1 slide'
            : `${number(found.length)} slides`
          : `${number(found.length)} of ${number(context.slides.length)} slides`;
    const more = () => {
      shown += page;
      render();
    };
    refill(
      list,
      ...found.slice(0, shown).map((s) => h('li', {}, card(context, s))),
      found.length > shown && h('li', {}, h('button', { id: 'more-slides', onclick: more }, 'Show more')),
    );
  };
  search.addEventListener(
    'input',
    debounce(80, () => {
      shown = page;
      render();
    }),
  );
  order.addEventListener('change', render);
  context.on('slides', render);
  context.on('slide', render);
  return h('nav', { class: 'slides-panel', aria: { label: 'Slides' } }, h('div', { class: 'slides-head' }, search, order, count), list);
}

function card(context: Context, slide: SlideSummary): HTMLElement {
  const isOpen = context.slide?.summary.id === slide.id;
  const picture = slide.hasSlide
    ? h('img', { src: api.thumbnailUrl(slide), alt: '', loading: 'lazy', width: 72, height: 54 })
    : h('span', { class: 'no-picture' });
  const facts = slide.hasResult ? `${number(slide.nuclei ?? 0)} nuclei, ${figure(slide.tissue ?? 0)}\u00a0mm²` : '';
  const button = h(
    'button',
    { id: `slide-${slide.id}`, class: 'slide-card', onclick: () => void context.open(slide.id), title: slide.name },
    picture,
    h(
      'span',
      { class: 'slide-text' },
      h('span', { class: 'slide-name' }, slide.name),
      facts !== '' && h('span', { class: 'quiet' }, facts),
      stateOf(slide) !== '' && h('span', { class: 'tag' }, stateOf(slide)),
      slide.quality !== null &&
        advised.has(slide.quality.advice) &&
        h('span', { class: 'tag warning', title: slide.quality.differences.join('\n') }, slide.quality.advice),
      slide.warnings.length > 0 &&
        h(
          'span',
          { class: 'tag warning', title: slide.warnings.join('\n') },
          slide.warnings.length === 1 ? '1 warning' : `${slide.warnings.length} warnings`,
        ),
    ),
  );
  if (isOpen) {
    button.setAttribute('aria-current', 'true');
  }
  return button;
}
