import * as api from '../api';
import type { Context } from '../context';
import { figure, h, number, section } from '../dom';
import { expectedWords } from '../expected';
import type { ExpectedQuality } from '../types';

const advice = {
  '': null,
  trust: 'trust: like what the model learned',
  look: 'look at the outlines before they are used',
  adapt: 'adapt: the model doesn’t know such slides',
  refuse: 'refuse: not to be used',
};

const expected = (q: ExpectedQuality | null) => (q === null || q.expectedPq === null ? null : expectedWords(q.expectedPq, q.low, q.high));

/** What is known of the open slide, its result and its warnings; label and macro only on request. */
export function aboutPanel(context: Context): HTMLElement {
  const body = h('div');
  const panel = section('Slide', true, body);
  context.on('slide', (slide) => {
    const { summary } = slide;
    const rows: [string, string | null | undefined][] = [
      ['Size', `${number(slide.width)} × ${number(slide.height)} px`],
      ['Pixel size', slide.mpp === null ? 'not known' : `${figure(slide.mpp)} µm (${slide.mppSource ?? ''})`],
      ['Objective', slide.magnification ? `${slide.magnification}×` : null],
      ['Format', slide.format],
      ['Scanner', slide.scanner],
      ['Nuclei', summary.nuclei === null ? 'not segmented' : number(summary.nuclei)],
      ['Tissue', summary.tissue === null ? null : `${figure(summary.tissue)} mm²`],
      ['Density', summary.nuclei !== null && summary.tissue ? `${number(summary.nuclei / summary.tissue)} per mm²` : null],
      ['Expected PQ', expected(summary.quality)],
      ['Advice', summary.quality === null ? null : advice[summary.quality.advice]],
      ['Model', summary.model],
      ['Finished', summary.finished === null ? null : new Date(summary.finished).toLocaleString()],
    ];
    body.replaceChildren(
      h('dl', {}, ...rows.filter(([, value]) => value).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value!)])),
      ...[...summary.warnings, ...slide.notes].map((w) => h('p', { class: 'warning-text' }, w)),
      ...(context.may('run') ? slide.pictures.map((name) => picture(context, summary.id, name)) : []),
    );
  });
  return panel;
}

function picture(context: Context, id: string, name: string): HTMLElement {
  const box = h('div', { class: 'associated' });
  const button = h('button', { title: 'It may carry the name of a patient; that it was seen is written down.' }, `Show the ${name} picture`);
  button.addEventListener('click', () => {
    const image = h('img', { src: api.pictureUrl(id, name), alt: `${name} picture of the slide` });
    image.addEventListener('error', () => context.emit('notice', `The ${name} picture can’t be shown.`));
    box.replaceChildren(image);
  });
  box.append(button);
  return box;
}
