import TileImage from 'ol/source/TileImage';
import TileGrid from 'ol/tilegrid/TileGrid';
import type Projection from 'ol/proj/Projection';
import type { SlideDescription } from './types';

/** The slide's own pyramid: tiles are asked for as the file stores them where it can. */
export function slideSource(slide: SlideDescription, projection: Projection): TileImage {
  // OpenLayers counts from the coarsest level on.
  const levels = [...slide.levels].reverse();
  const grid = new TileGrid({
    extent: [0, -slide.height, slide.width, 0],
    origin: [-slide.offset[0], slide.offset[1]],
    resolutions: levels.map((l) => l.resolution),
    tileSizes: levels.map((l) => [l.tileWidth, l.tileHeight]),
  });
  const { id, stamp } = slide.summary;
  return new TileImage({
    projection,
    tileGrid: grid,
    transition: 120,
    tileUrlFunction: ([z, x, y]) => `/api/slides/${id}/tiles/${levels.length - 1 - z!}/${x}/${y}?v=${stamp}`,
  });
}
