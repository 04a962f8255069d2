import MVT from 'ol/format/MVT';
import VectorTileLayer from 'ol/layer/VectorTile';
import VectorTileSource from 'ol/source/VectorTile';
import TileGrid from 'ol/tilegrid/TileGrid';
import RenderFeature from 'ol/render/Feature';
import ImageLayer from 'ol/layer/Image';
import ImageStatic from 'ol/source/ImageStatic';
import VectorLayer from 'ol/layer/Vector';
import VectorSource from 'ol/source/Vector';
import Feature from 'ol/Feature';
import Polygon from 'ol/geom/Polygon';
import type { FeatureLike } from 'ol/Feature';
import Fill from 'ol/style/Fill';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import { outage } from './api';
import type { Context } from './context';
import { casingOf } from './casing';
import { binColour, confidenceOf, css, oneColour } from './colours';

/** Steps of the colour scale: styles are made once. */
const steps = 64;

/** From this many pixels of the slide a screen pixel on, nuclei are too small for a casing. */
const casedBelow = 2.5;

/** A nucleus's line, over a casing where there is room. */
function styleOf(colour: [number, number, number], width: number, cased: boolean): Style[] {
  const line = new Style({ stroke: new Stroke({ color: css(colour), width }), fill: new Fill({ color: css(colour, 0.18) }), zIndex: 1 });
  return cased ? [casingOf(colour, width), line] : [line];
}

/** The nuclei: their density when far out, their outlines when near, the one that was clicked. */
export class NucleusLayers {
  private readonly outlines = new VectorTileLayer({ className: 'outline-layer', renderMode: 'hybrid', renderBuffer: 32, zIndex: 10 });
  private readonly density = new ImageLayer({ className: 'density-layer', opacity: 0.75, zIndex: 5 });
  private readonly chosen = new VectorSource();
  private width = 0;
  private one = styleOf(oneColour, 1.5, false);
  private scale: Style[][] = [];
  private classes: Style[][] = [];
  private confidence: number | null = null;

  constructor(private readonly context: Context) {
    const yellow = new Style({ stroke: new Stroke({ color: '#ffd400', width: 4 }) });
    const black = new Style({ stroke: new Stroke({ color: '#000', width: 1.5 }) });
    context.viewer.add(this.density);
    context.viewer.add(this.outlines);
    context.viewer.add(new VectorLayer({ source: this.chosen, style: [yellow, black], zIndex: 20 }));
    this.outlines.setStyle((feature) => this.style(feature));
    context.on('nuclei', () => this.load());
    context.on('slide', () => this.load());
    context.on('appearance', () => this.restyle());
    context.on('nucleus', () => this.mark());
    context.on('view', () => this.adapt());
  }

  /** Whether outlines are shown where the view is. */
  get isNear(): boolean {
    const { nuclei, viewer } = this.context;
    return nuclei?.state === 'ready' && (viewer.place?.resolution ?? Infinity) <= nuclei.outlinesFrom;
  }

  /** How many different nuclei of the view pass the filters, among the tiles that are loaded. */
  countInView(): number {
    const extent = this.context.viewer.map.getView().calculateExtent(this.context.viewer.map.getSize());
    const seen = new Set<number>();
    for (const feature of this.outlines.getFeaturesInExtent(extent)) {
      if (this.style(feature) !== undefined) {
        seen.add(feature.getId() as number);
      }
    }
    return seen.size;
  }

  private load(): void {
    const { nuclei, slide } = this.context;
    if (slide === null || nuclei?.state !== 'ready') {
      this.outlines.setSource(null);
      this.density.setSource(null);
      return;
    }
    const projection = this.context.viewer.map.getView().getProjection();
    const extent = [0, -slide.height, slide.width, 0];
    this.classes = [];
    this.confidence = confidenceOf(nuclei.measurements);
    const tiles = `/api/slides/${slide.summary.id}/nuclei`;
    const outlines = new VectorTileSource({
      projection,
      // Tiles come in units of their own, which the format scales to the tile.
      format: new MVT({ featureClass: RenderFeature }),
      tileGrid: new TileGrid({ extent, origin: [0, 0], resolutions: nuclei.resolutions, tileSize: nuclei.tileSize }),
      tileUrlFunction: ([z, x, y]) => `${tiles}/tiles/${z}/${x}/${y}?v=${nuclei.key}`,
      transition: 0,
      cacheSize: 256,
      // Nuclei don't lie on each other: their lines and fills are drawn by the hundred.
      overlaps: false,
    });
    this.outlines.setSource(outlines);
    // What did not come since the server was away is asked for again when it is back.
    let isAsking = false;
    const lost = () => {
      if (!isAsking) {
        isAsking = true;
        void outage(tiles, () => this.outlines.getSource() === outlines, () => this.context.emit('notice', 'The server does not answer.')).then((answer) => {
          isAsking = false;
          if (answer?.wasAway) {
            this.load();
          }
        });
      }
    };
    outlines.on('tileloaderror', lost);
    this.outlines.setExtent(extent);
    this.outlines.setMaxResolution(nuclei.outlinesFrom * 1.0001);
    this.density.setMinResolution(nuclei.outlinesFrom * 1.0001);
    if (nuclei.density !== null) {
      const { width, height } = nuclei.density;
      const density = new ImageStatic({ url: `${tiles}/density?v=${nuclei.key}`, projection, imageExtent: [0, -height, width, 0], interpolate: true });
      this.density.setSource(density);
      density.on('imageloaderror', lost);
    }
    this.width = 0;
    this.restyle();
  }

  // Lines are thinner where nuclei are small.
  private adapt(): void {
    const resolution = this.context.viewer.place?.resolution ?? 1;
    const width = resolution > casedBelow ? 1.2 : resolution > 1 ? 1.6 : 2.2;
    if (width !== this.width) {
      this.width = width;
      const styles = (colour: [number, number, number]) => styleOf(colour, width, resolution <= casedBelow);
      this.one = styles(oneColour);
      this.scale = Array.from({ length: steps }, (_, i) => styles(binColour(((i + 0.5) * 256) / steps)));
      this.classes = (this.context.nuclei?.classes ?? []).map((c) => styles(c.color));
      this.outlines.changed();
    }
  }

  private restyle(): void {
    this.outlines.setVisible(this.context.appearance.outlines);
    this.density.setVisible(this.context.appearance.density);
    this.width = 0;
    this.adapt();
  }

  private style(feature: FeatureLike): Style[] | undefined {
    const { colour, filters, hiddenClasses } = this.context.appearance;
    const letters = feature.get('b') as string;
    for (const { measurement, from, to } of filters) {
      const bin = letters.charCodeAt(1 + measurement) - 1;
      // Not a number, or below 0, where the nucleus has no such measurement.
      if (!(bin >= from && bin <= to)) {
        return undefined;
      }
    }
    const type = letters.charCodeAt(0) - 1;
    if (hiddenClasses.length > 0 && hiddenClasses.includes(type)) {
      return undefined;
    }
    if (colour === 'one') {
      return this.one;
    }
    if (colour === 'class') {
      return this.classes[type] ?? this.one;
    }
    const measurement = colour === 'confidence' ? this.confidence : colour;
    if (measurement === null) {
      return this.one;
    }
    const bin = letters.charCodeAt(1 + measurement) - 1;
    return bin >= 0 ? this.scale[Math.floor((bin * steps) / 256)] : this.one;
  }

  private mark(): void {
    this.chosen.clear();
    for (const ring of this.context.nucleus?.rings ?? []) {
      this.chosen.addFeature(new Feature(new Polygon([ring.map(([x, y]) => [x, -y])])));
    }
  }
}
