import { bins, confidenceOf, css } from '../colours';
import type { Colour, Context } from '../context';
import { debounce, h, number, offer, refill, section } from '../dom';
import type { NucleusLayers } from '../nucleusLayer';
import { histogram, type Histogram } from './histogram';

/** How nuclei are shown: outlines and density, colours, classes, filters by range. */
export function nucleiPanel(context: Context, layers: NucleusLayers): HTMLElement {
  const body = h('div');
  const panel = section('Nuclei', true, body);
  const shown = h('p', { class: 'quiet', aria: { live: 'polite' } });
  const filters = h('div', { class: 'filters' });
  const legend = h('div');
  const check = (label: string, name: 'outlines' | 'density', key: string) => {
    const box = h('input', { id: `show-${name}`, type: 'checkbox', onchange: () => context.show({ [name]: box.checked }) });
    // Keys and links change it without the panel.
    const follow = () => {
      box.checked = context.appearance[name];
    };
    context.on('appearance', follow);
    follow();
    return h('label', { title: `Key ${key}` }, box, label);
  };
  const checks = h('div', { class: 'checks' }, check('Outlines', 'outlines', 'o'), check('Density', 'density', 'd'));

  const count = debounce(250, () => {
    shown.textContent =
      context.nuclei?.state !== 'ready'
        ? ''
        : layers.isNear
          ? `${number(layers.countInView())} outlines in view pass`
          : `Density; zoom in for outlines. The brightest is ${number(context.nuclei.density?.most ?? 0)} per mm².`;
  });
  context.on('view', count);
  context.on('appearance', count);
  context.viewer.map.on('rendercomplete', count);

  const renderLegend = () => {
    const { nuclei, appearance } = context;
    if (nuclei?.state !== 'ready') {
      refill(legend);
      return;
    }
    const at = appearance.colour === 'confidence' ? confidenceOf(nuclei.measurements) : appearance.colour;
    const measurement = typeof at === 'number' ? nuclei.measurements[at] : undefined;
    refill(
      legend,
      measurement !== undefined && histogram(measurement, true, null).element,
      measurement !== undefined &&
        appearance.colour === 'confidence' &&
        h('p', { class: 'quiet' }, `${measurement.name}: blue where the model is least sure.`),
      appearance.colour === 'class' && classList(context),
    );
  };
  let boxes: { measurement: number; box: Histogram }[] = [];
  const renderFilters = () => {
    const { nuclei, appearance } = context;
    filters.replaceChildren();
    boxes = [];
    if (nuclei?.state !== 'ready') {
      return;
    }
    appearance.filters.forEach((filter, index) => {
      const measurement = nuclei.measurements[filter.measurement];
      if (measurement === undefined) {
        return;
      }
      const box = histogram(measurement, false, (from, to) => {
        context.show({ filters: context.appearance.filters.map((f, i) => (i === index ? { ...f, from, to } : f)) });
      });
      box.select(filter.from, filter.to);
      boxes.push({ measurement: filter.measurement, box });
      filters.append(
        h(
          'div',
          { class: 'filter' },
          h(
            'div',
            { class: 'filter-head' },
            h('span', {}, measurement.name),
            h(
              'button',
              {
                class: 'small',
                aria: { label: `Remove the filter ${measurement.name}` },
                onclick: () => {
                  context.show({ filters: context.appearance.filters.filter((_, i) => i !== index) });
                },
              },
              '✕',
            ),
          ),
          box.element,
        ),
      );
    });
  };

  const colour = h('select', { id: 'colour' });
  const colourBy = h('label', { class: 'field' }, 'Colour by', colour);
  colour.addEventListener('change', () => context.show({ colour: /^\d+$/.test(colour.value) ? Number(colour.value) : (colour.value as Colour) }));
  const add = h('select', { id: 'add-filter' });
  const addFilter = h('label', { class: 'field' }, 'Filter', add);
  add.addEventListener('change', () => {
    if (add.value !== '') {
      context.show({ filters: [...context.appearance.filters, { measurement: Number(add.value), from: 0, to: bins - 1 }] });
      add.value = '';
    }
  });

  let drawn = context.appearance;
  const renderColour = () => {
    drawn = context.appearance;
    colour.value = String(drawn.colour);
    renderLegend();
  };
  // Keys and links change these without the panel.
  context.on('appearance', ({ colour: wantedColour, hiddenClasses, filters: wanted }) => {
    if (wantedColour !== drawn.colour || hiddenClasses !== drawn.hiddenClasses) {
      renderColour();
    }
    if (boxes.length === wanted.length && boxes.every((b, i) => b.measurement === wanted[i]!.measurement)) {
      boxes.forEach((b, i) => b.box.select(wanted[i]!.from, wanted[i]!.to));
    } else {
      renderFilters();
    }
  });

  const render = () => {
    const { nuclei } = context;
    if (nuclei === null || nuclei.state === 'none') {
      body.replaceChildren(
        h(
          'p',
          { class: 'quiet' },
          context.slide?.summary.hasResult ? 'The result has neither GeoJSON nor Parquet, which outlines are shown from.' : 'This slide has not been segmented.',
        ),
      );
      return;
    }
    if (nuclei.state === 'failed') {
      body.replaceChildren(h('p', { class: 'warning-text' }, nuclei.error ?? 'The nuclei can’t be read.'));
      return;
    }
    if (nuclei.state === 'building') {
      body.replaceChildren(h('label', { class: 'quiet' }, 'Reading the nuclei, once ', h('progress', { value: nuclei.progress, max: 1 })));
      return;
    }
    const measurements = nuclei.measurements.map((m, i): [string, string] => [String(i), m.name]);
    offer(colour, [
      ['one', 'one colour'],
      ...(nuclei.classes.length > 0 ? [['class', 'class'] as [string, string]] : []),
      ...(confidenceOf(nuclei.measurements) === null ? [] : [['confidence', 'confidence'] as [string, string]]),
      ...measurements,
    ]);
    offer(add, [['', 'add a filter …'], ...measurements]);
    refill(
      body,
      checks,
      colourBy,
      legend,
      nuclei.measurements.length > 0 ? addFilter : h('p', { class: 'quiet' }, 'This result has no measurements.'),
      filters,
      shown,
    );
    renderColour();
    renderFilters();
    count();
  };
  context.on('nuclei', render);
  context.on('slide', render);
  return panel;
}

function classList(context: Context): HTMLElement {
  return h(
    'ul',
    { class: 'classes' },
    ...context.nuclei!.classes.map((c, index) => {
      const swatch = h('span', { class: 'swatch' });
      swatch.style.background = css(c.color);
      const box = h('input', { id: `class-${index}`, type: 'checkbox', checked: !context.appearance.hiddenClasses.includes(index) });
      box.addEventListener('change', () => {
        const others = context.appearance.hiddenClasses.filter((i) => i !== index);
        context.show({ hiddenClasses: box.checked ? others : [...others, index] });
      });
      return h('li', {}, h('label', {}, box, swatch, `${c.name} `, h('span', { class: 'quiet' }, number(c.count))));
    }),
  );
}
