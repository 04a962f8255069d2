import { figure, h } from './dom';
import type { Context } from './context';

const widest = 160;

/** The scale bar in um or mm, and what objective would show the same. */
export function scaleBar(context: Context): HTMLElement {
  const bar = h('div', { class: 'scale-bar-line' });
  const text = h('span', { class: 'scale-bar-text' });
  const magnification = h('span', { class: 'scale-bar-magnification' });
  const element = h('div', { class: 'scale-bar', aria: { live: 'off' } }, magnification, text, bar);
  const update = () => {
    const place = context.viewer.place;
    const mpp = context.slide?.mpp ?? null;
    element.hidden = place === null || context.slide === null;
    if (place === null) {
      return;
    }
    const unit = mpp ?? 1;
    const most = widest * place.resolution * unit;
    const power = 10 ** Math.floor(Math.log10(most));
    const length = [5, 2, 1].map((f) => f * power).find((l) => l <= most) ?? power;
    bar.style.width = `${length / (place.resolution * unit)}px`;
    text.textContent = mpp === null ? `${figure(length)} px` : length >= 1000 ? `${figure(length / 1000)} mm` : `${figure(length)} µm`;
    magnification.textContent = mpp === null ? `${figure(1 / place.resolution)} : 1` : `${figure(10 / (mpp * place.resolution))}×`;
    magnification.title =
      mpp === null ? 'Screen pixels for one of the slide; its pixel size is not known' : 'What an objective of this power shows on a scan';
  };
  context.viewer.map.on('postrender', update);
  context.on('slide', update);
  return element;
}
