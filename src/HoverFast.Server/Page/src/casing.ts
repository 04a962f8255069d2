import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';

/**
 * A wider line to go below another, light where that one's colour is dark and dark where it is light (luma of Rec. 709), so that lines of any colour are seen
 * on tissue of any. All casings come below all lines, which have a zIndex above 0.
 */
export function casingOf([red, green, blue]: [number, number, number], width: number): Style {
  const isLight = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 150;
  return new Style({ stroke: new Stroke({ color: isLight ? 'rgba(0,0,0,0.6)' : 'rgba(255,255,255,0.8)', width: width + 2.4 }), zIndex: 0 });
}
