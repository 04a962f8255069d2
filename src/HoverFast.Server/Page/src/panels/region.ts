import Draw, { createBox } from 'ol/interaction/Draw';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import type Polygon from 'ol/geom/Polygon';
import Stroke from 'ol/style/Stroke';
import Fill from 'ol/style/Fill';
import Style from 'ol/style/Style';
import * as api from '../api';
import type { Context } from '../context';
import { debounce, figure, h, number, offer, refill, section } from '../dom';
import { histogram } from './histogram';

/** A region drawn on the slide: its nuclei counted, and written as GeoJSON or CSV. */
export function regionPanel(context: Context): { element: HTMLElement; draw: (shape: 'Polygon' | 'Box') => void; stop: () => void } {
  const source = new VectorSource();
  const layer = new VectorLayer({
    source,
    zIndex: 15,
    style: new Style({
      stroke: new Stroke({ color: '#d4007a', width: 2.5, lineDash: [8, 5] }),
      fill: new Fill({ color: 'rgba(212,0,122,0.04)' }),
    }),
  });
  context.viewer.add(layer);
  const result = h('div', { aria: { live: 'polite' } });
  // Made once: a filter counts anew, and must not choose another measurement.
  const choice = h('select', { id: 'distribution' });
  const chosen = h('label', { class: 'field' }, 'Distribution', choice);
  const distribution = h('div');
  let show = () => {};
  choice.addEventListener('change', () => show());
  let drawing: Draw | null = null;
  let asked = 0;

  const region = (): api.Region | null => {
    const polygon = source.getFeatures()[0]?.getGeometry() as Polygon | undefined;
    const ring = polygon?.getCoordinates()[0];
    return ring === undefined
      ? null
      : {
          polygon: ring.map(([x, y]) => [x!, -y!]),
          filters: context.appearance.filters,
          hiddenClasses: context.appearance.hiddenClasses,
        };
  };
  const count = debounce(200, () => {
    const [where, slide] = [region(), context.slide];
    if (where === null || slide === null) {
      return;
    }
    asked++;
    const mine = asked;
    void context.attempt(async () => {
      const counts = await api.region(slide.summary.id, where);
      // Cleared, or asked anew, meanwhile.
      if (mine !== asked) {
        return;
      }
      const save = (format: 'geojson' | 'csv') =>
        void context.attempt(async () => {
          const link = h('a', {
            href: URL.createObjectURL(await api.exported(slide.summary.id, format, where)),
            download: `${slide.summary.name}.region.${format}`,
          });
          link.click();
          URL.revokeObjectURL(link.href);
        });
      offer(choice, counts.measurements.map((m) => [m.name, m.name]));
      show = () => {
        const m = counts.measurements.find((each) => each.name === choice.value);
        const range = context.nuclei?.measurements.find((n) => n.name === m?.name);
        distribution.replaceChildren(
          ...(m !== undefined && range !== undefined
            ? [
                histogram({ ...range, bins: m.bins }, false, null).element,
                h('p', { class: 'quiet' }, `mean ${figure(m.mean)}, median ${figure(m.median)}, standard deviation ${figure(m.deviation)}`),
              ]
            : []),
        );
      };
      refill(
        result,
        h(
          'dl',
          {},
          h('dt', {}, 'Nuclei'),
          h('dd', { id: 'region-count' }, number(counts.count)),
          ...(counts.area === null ? [] : [h('dt', {}, 'Area'), h('dd', {}, `${figure(counts.area)} mm²`)]),
          ...(counts.density === null ? [] : [h('dt', {}, 'Density'), h('dd', {}, `${number(counts.density)} per mm²`)]),
          ...counts.classes.flatMap((c) => [h('dt', {}, c.name), h('dd', {}, number(c.count))]),
        ),
        context.appearance.filters.length + context.appearance.hiddenClasses.length > 0 && h('p', { class: 'quiet' }, 'Of those that pass the filters.'),
        counts.measurements.length > 0 && chosen,
        distribution,
        h(
          'div',
          { class: 'buttons' },
          h('button', { id: 'region-geojson', onclick: () => save('geojson') }, 'GeoJSON'),
          h('button', { id: 'region-csv', onclick: () => save('csv') }, 'CSV'),
          h('button', { id: 'region-clear', onclick: clear }, 'Clear'),
        ),
      );
      show();
    });
  });
  const stop = () => {
    if (drawing !== null) {
      context.viewer.map.removeInteraction(drawing);
      drawing = null;
      context.drawing = false;
    }
  };
  const clear = () => {
    stop();
    asked++;
    source.clear();
    result.replaceChildren();
  };
  const draw = (shape: 'Polygon' | 'Box') => {
    stop();
    if (context.nuclei?.state !== 'ready') {
      return;
    }
    drawing = new Draw({
      source,
      type: shape === 'Box' ? 'Circle' : 'Polygon',
      ...(shape === 'Box' ? { geometryFunction: createBox() } : {}),
      freehandCondition: (e) => (e.originalEvent as PointerEvent).shiftKey,
    });
    context.drawing = true;
    drawing.on('drawstart', () => source.clear());
    drawing.on('drawend', () =>
      window.setTimeout(() => {
        stop();
        count();
      }),
    );
    context.viewer.map.addInteraction(drawing);
  };
  context.on('slide', clear);
  context.on('appearance', count);
  const element = section(
    'Region',
    true,
    h(
      'div',
      { class: 'buttons' },
      h('button', { onclick: () => draw('Polygon'), title: 'Key r; with Shift freehand' }, 'Draw a region'),
      h('button', { onclick: () => draw('Box'), title: 'Key b' }, 'Draw a box'),
    ),
    result,
  );
  return { element, draw, stop };
}
