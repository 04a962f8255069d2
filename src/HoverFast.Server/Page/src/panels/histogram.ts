import { bins, binColour, css } from '../colours';
import { figure, h } from '../dom';
import type { Measurement } from '../types';

const svg = 'http://www.w3.org/2000/svg';
const [width, height] = [256, 56];

/** The value at a bin's lower edge. */
export const edge = (m: Measurement, bin: number) => m.low + ((m.high - m.low) * bin) / bins;

export interface Histogram {
  element: HTMLElement;
  /** Shows which bins count. */
  select: (from: number, to: number) => void;
}

/** A histogram in which a range is chosen: by dragging, or in the two fields. */
export function histogram(measurement: Measurement, coloured: boolean, chosen: ((from: number, to: number) => void) | null): Histogram {
  const picture = document.createElementNS(svg, 'svg');
  picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
  picture.setAttribute('preserveAspectRatio', 'none');
  picture.setAttribute('class', 'histogram');
  picture.setAttribute('aria-hidden', 'true');

  // Bars of four bins each: finer ones can't be seen.
  const bars = 64;
  const counts = Array.from({ length: bars }, (_, i) =>
    measurement.bins.slice((i * bins) / bars, ((i + 1) * bins) / bars).reduce((a, b) => a + b, 0),
  );
  const most = Math.max(...counts, 1);
  const drawn = counts.map((count, i) => {
    const bar = document.createElementNS(svg, 'rect');
    const tall = count === 0 ? 0 : Math.max(1, (count / most) * height);
    for (const [name, value] of Object.entries({ x: (i * width) / bars, y: height - tall, width: width / bars - 0.6, height: tall })) {
      bar.setAttribute(name, String(value));
    }
    if (coloured) {
      bar.setAttribute('fill', css(binColour(((i + 0.5) * bins) / bars)));
    }
    return bar;
  });
  picture.append(...drawn);
  const field = (label: string) => h('input', { type: 'number', step: 'any', aria: { label: `${measurement.name}, ${label}` } });
  const [least, largest] = [field('from'), field('to')];
  const select = (from: number, to: number) => {
    drawn.forEach((bar, i) => bar.classList.toggle('outside', ((i + 1) * bins) / bars <= from || (i * bins) / bars > to));
    least.value = figureText(edge(measurement, from));
    largest.value = figureText(edge(measurement, to + 1));
  };
  const element = h('div', { class: 'histogram-box' });
  element.append(picture);
  if (chosen !== null) {
    let start: number | null = null;
    const binAt = (event: PointerEvent) => {
      const box = picture.getBoundingClientRect();
      return Math.min(bins - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * bins)));
    };
    picture.addEventListener('pointerdown', (event) => {
      start = binAt(event);
      picture.setPointerCapture(event.pointerId);
    });
    picture.addEventListener('pointermove', (event) => {
      if (start !== null) {
        const bin = binAt(event);
        chosen(Math.min(start, bin), Math.max(start, bin));
      }
    });
    picture.addEventListener('pointerup', () => {
      start = null;
    });
    const typed = () => {
      const bin = (text: string) => Math.round(((Number(text) - measurement.low) / (measurement.high - measurement.low)) * bins);
      const from = Math.min(bins - 1, Math.max(0, bin(least.value)));
      chosen(from, Math.min(bins - 1, Math.max(from, bin(largest.value) - 1)));
    };
    least.addEventListener('change', typed);
    largest.addEventListener('change', typed);
    element.append(h('div', { class: 'range' }, least, h('span', {}, 'to'), largest));
  } else {
    element.append(h('div', { class: 'range quiet' }, h('span', {}, figure(measurement.low)), h('span', {}, figure(measurement.high))));
  }
  select(0, bins - 1);
  return { element, select };
}

const figureText = (value: number) => String(Number(value.toPrecision(4)));
