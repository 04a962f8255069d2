import OlMap from 'ol/Map';
import View from 'ol/View';
import type Tile from 'ol/Tile';
import VectorRenderTile from 'ol/VectorRenderTile';
import type { Coordinate } from 'ol/coordinate';
import { defaults as defaultInteractions } from 'ol/interaction/defaults';
import KeyboardPan from 'ol/interaction/KeyboardPan';
import KeyboardZoom from 'ol/interaction/KeyboardZoom';
import Zoom from 'ol/control/Zoom';
import OverviewMap from 'ol/control/OverviewMap';
import Projection from 'ol/proj/Projection';
import TileLayer from 'ol/layer/Tile';
import type BaseLayer from 'ol/layer/Base';
import type TileImage from 'ol/source/TileImage';
import { outage } from './api';
import { slideSource } from './slideLayer';
import type { Context } from './context';
import type { SlideDescription } from './types';

/** A map that asks for outlines first, since there are few tiles of them: else coarser tiles, as theirs are, come last. */
class SlideMap extends OlMap {
  override getTilePriority(tile: Tile, key: string, centre: Coordinate, resolution: number): number {
    const shown = this.getView().getResolution() ?? resolution;
    return super.getTilePriority(tile, key, centre, tile instanceof VectorRenderTile ? shown / 2 : resolution);
  }
}

/** Finest view: so many screen pixels show one pixel of the slide. */
const closest = 1 / 16;

export interface Place {
  x: number;
  y: number;
  resolution: number;
}

/**
 * The map: one unit is a full-resolution pixel of the slide, counted from the corner of the scan as nuclei are; y is turned, since maps count it upwards.
 */
export class Viewer {
  readonly map: OlMap;
  private overview: OverviewMap | null = null;
  private readonly slideLayer = new TileLayer({ className: 'slide-layer' });

  constructor(
    private readonly context: Context,
    target: HTMLElement,
  ) {
    this.map = new SlideMap({
      target,
      controls: [new Zoom({ zoomInTipLabel: 'Zoom in (+)', zoomOutTipLabel: 'Zoom out (-)' })],
      interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false, keyboard: false }).extend([
        new KeyboardPan({ pixelDelta: 160 }),
        new KeyboardZoom(),
      ]),
      layers: [this.slideLayer],
      keyboardEventTarget: target,
      maxTilesLoading: 24,
    });
    this.map.on('moveend', () => context.emit('view', undefined));

    // Tells that all of the view is there: tests and pictures wait for it.
    context.on('nuclei', () => {
      target.dataset.drawn = 'some';
      this.map.render();
    });
    this.map.on('loadstart', () => {
      target.dataset.drawn = 'some';
    });
    this.map.on('rendercomplete', () => {
      // Coarser tiles for panning, once what was asked for is there.
      this.slideLayer.setPreload(1);
      target.dataset.drawn = context.slide !== null && context.nuclei !== null && context.nuclei.state !== 'building' ? 'all' : 'some';
    });
  }

  /** Shows a slide, whole or at a place. */
  open(slide: SlideDescription, place: Place | null): void {
    const extent = [0, -slide.height, slide.width, 0];
    const projection = new Projection({ code: 'slide', units: 'pixels', extent, getPointResolution: (resolution) => resolution });
    this.slideLayer.setPreload(0);
    const source = slide.levels.length > 0 ? slideSource(slide, projection) : null;
    this.slideLayer.setSource(source);
    if (source !== null) {
      this.follow(source, projection);
    }
    this.slideLayer.setExtent(extent);
    const box = this.map.getTargetElement()!.getBoundingClientRect();
    const whole = Math.max(slide.width / Math.max(box.width, 1), slide.height / Math.max(box.height, 1), 1);
    this.map.setView(
      new View({
        projection,
        center: place === null ? [slide.width / 2, -slide.height / 2] : [place.x, -place.y],
        resolution: place?.resolution ?? whole * 1.05,
        minResolution: closest,
        maxResolution: whole * 2,
        extent,
        constrainOnlyCenter: true,
        showFullExtent: true,
        smoothResolutionConstraint: false,
      }),
    );
    if (this.overview !== null) {
      this.map.removeControl(this.overview);
      this.overview = null;
    }
    if (source !== null) {
      const resolution = Math.max(slide.width / 160, slide.height / 120);
      const centre = [slide.width / 2, -slide.height / 2];
      // Always the whole slide: the control would centre it on a view that reaches over the slide's edge.
      const fixed = {
        projection,
        center: centre,
        extent: [...centre, ...centre],
        constrainOnlyCenter: true,
        resolution,
        minResolution: resolution,
        maxResolution: resolution,
      };
      this.overview = new OverviewMap({
        collapsed: false,
        tipLabel: 'Overview of the slide',
        view: new View(fixed),
        layers: [new TileLayer({ source: slideSource(slide, projection) })],
      });
      this.map.addControl(this.overview);
    }
  }

  /** Tiles that did not come since the server was away are asked for again when it is back, those that can't be read are not. */
  private follow(source: TileImage, projection: Projection): void {
    let isAsking = false;
    let isTold = false;
    const asked = async (url: string) => {
      const answer = await outage(
        url,
        () => this.slideLayer.getSource() === source,
        () => this.context.emit('notice', 'The server does not answer.'),
      );
      isAsking = false;
      if (answer?.wasAway) {
        source.refresh();
        this.overview?.getOverviewMap().getLayers().forEach((layer) => (layer as TileLayer<TileImage>).getSource()?.refresh());
      } else if (answer?.status === 401) {
        this.context.emit('notice', 'Your session has ended; load the page anew.');
      } else if (answer !== null && !isTold) {
        isTold = true;
        this.context.emit('notice', 'A part of the slide can’t be read; it stays empty.');
      }
    };
    source.on('tileloaderror', (event) => {
      const url = source.getTileUrlFunction()(event.tile.getTileCoord(), 1, projection);
      if (!isAsking && url !== undefined) {
        isAsking = true;
        void asked(url);
      }
    });
  }

  /** Adds a layer over the slide. */
  add(layer: BaseLayer): void {
    this.map.addLayer(layer);
  }

  get place(): Place | null {
    const view = this.map.getView();
    const centre = view.getCenter();
    const resolution = view.getResolution();
    return centre === undefined || resolution === undefined ? null : { x: centre[0]!, y: -centre[1]!, resolution };
  }

  /** Moves the view. */
  go(place: Place): void {
    this.map.getView().setCenter([place.x, -place.y]);
    this.map.getView().setResolution(place.resolution);
  }

  /** Shows the whole slide. */
  whole(): void {
    const view = this.map.getView();
    view.fit(view.getProjection().getExtent(), { duration: 150, padding: [8, 8, 8, 8] });
  }

  zoomTo(resolution: number): void {
    this.map.getView().animate({ resolution, duration: 150 });
  }
}
