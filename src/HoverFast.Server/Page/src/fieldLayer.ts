import Feature from 'ol/Feature';
import type { FeatureLike } from 'ol/Feature';
import Polygon from 'ol/geom/Polygon';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import { casingOf } from './casing';
import { css } from './colours';
import type { Context } from './context';
import type { FieldView, ReviewedNucleus } from './reviewApi';

const outlined = (colour: [number, number, number]) => [
  casingOf(colour, 2),
  new Style({ stroke: new Stroke({ color: css(colour), width: 2 }), fill: new Fill({ color: css(colour, 0.1) }), zIndex: 1 }),
];

const inside = outlined([0, 161, 82]);
const drawn = outlined([0, 102, 214]);
const beside = [
  new Style({ stroke: new Stroke({ color: 'rgba(255,255,255,0.6)', width: 2.5 }), zIndex: 0 }),
  new Style({ stroke: new Stroke({ color: '#5a5f6c', width: 1.5, lineDash: [4, 4] }), fill: new Fill({ color: 'rgba(0,0,0,0.01)' }), zIndex: 1 }),
];
const chosen = new Style({ stroke: new Stroke({ color: '#ffd400', width: 4 }), fill: new Fill({ color: 'rgba(255,212,0,0.25)' }), zIndex: 2 });
const frame = new Style({ stroke: new Stroke({ color: '#d4007a', width: 3 }) });

/** The field that is reviewed, with its nuclei: green as the model left them, blue where a person changed them, gray beside the field, yellow where chosen. */
export class FieldLayer {
  readonly nuclei = new VectorSource();
  readonly chosen = new Set<string>();
  private readonly frame = new VectorSource();
  private readonly layer = new VectorLayer({ source: this.nuclei, zIndex: 16, style: (feature) => this.style(feature) });

  constructor(private readonly context: Context) {
    context.viewer.add(new VectorLayer({ source: this.frame, style: frame, zIndex: 15 }));
    context.viewer.add(this.layer);
  }

  show(view: FieldView | null): void {
    this.nuclei.clear();
    this.frame.clear();
    if (view === null) {
      this.chosen.clear();
      return;
    }
    const { x, y, width, height } = view.field;
    this.frame.addFeature(new Feature(new Polygon([[[x, -y], [x + width, -y], [x + width, -y - height], [x, -y - height], [x, -y]]])));
    this.nuclei.addFeatures(view.nuclei.map(featureOf));
    for (const id of this.chosen) {
      if (this.nuclei.getFeatureById(id) === null) {
        this.chosen.delete(id);
      }
    }
  }

  /** The nucleus at a point of the slide. */
  at(x: number, y: number): string | null {
    const found = this.nuclei.getFeaturesAtCoordinate([x, -y]);
    return found.length === 0 ? null : String(found[0]!.getId());
  }

  choose(id: string | null, more: boolean): void {
    if (!more) {
      this.chosen.clear();
    }
    if (id !== null && !this.chosen.delete(id)) {
      this.chosen.add(id);
    }
    this.layer.changed();
    this.context.viewer.map.render();
  }

  private style(feature: FeatureLike): Style | Style[] {
    return this.chosen.has(String(feature.getId())) ? chosen : feature.get('inside') !== true ? beside : feature.get('version') === 0 ? inside : drawn;
  }
}

function featureOf(nucleus: ReviewedNucleus): Feature {
  const ring: [number, number][] = [];
  for (let i = 0; i < nucleus.outline.length; i += 2) {
    ring.push([nucleus.outline[i]!, -nucleus.outline[i + 1]!]);
  }
  ring.push(ring[0]!);
  const feature = new Feature(new Polygon([ring]));
  feature.setId(nucleus.id);
  feature.setProperties({ inside: nucleus.isInField, version: nucleus.version, class: nucleus.class });
  return feature;
}
