import * as api from '../api';
import type { Context } from '../context';
import { duration, figure, h, number, section, size } from '../dom';
import type { Job } from '../types';

/** Segmenting from the page: choose, estimate, start, watch, cancel. */
export function jobsPanel(context: Context): HTMLElement {
  const choice = h('div');
  const pace = h('p', { class: 'quiet', id: 'pace', hidden: true });
  const list = h('ul', { class: 'jobs' });
  const chosen = new Set<string>();
  const panel = section('Segment slides', false, context.may('run') ? choice : h('p', { class: 'quiet' }, 'Your account may look, not start.'), pace, list);

  const renderChoice = () => {
    const open = context.slides.filter((s) => s.hasSlide && !s.hasResult);
    for (const id of chosen) {
      if (!open.some((s) => s.id === id)) {
        chosen.delete(id);
      }
    }
    if (open.length === 0) {
      choice.replaceChildren(h('p', { class: 'quiet' }, 'Every slide has its result.'));
      return;
    }
    const answer = h('div', { aria: { live: 'polite' } });
    const ask = h('button', {}, 'Estimate');
    ask.addEventListener('click', () => {
      if (chosen.size === 0) {
        answer.replaceChildren(h('p', { class: 'quiet' }, 'Choose slides first.'));
        return;
      }
      ask.disabled = true;
      answer.replaceChildren(h('p', { class: 'quiet' }, 'Looking at a sample of the tissue …'));
      const slides = [...chosen];
      void context
        .attempt(async () => {
          const e = await api.estimate(slides);
          const go = h('button', { class: 'primary', id: 'start' }, e.slides === 1 ? 'Start' : `Start ${e.slides} slides`);
          go.addEventListener(
            'click',
            () =>
              void context.attempt(async () => {
                await api.start(slides);
                chosen.clear();
                renderChoice();
              }),
          );
          answer.replaceChildren(
            h(
              'dl',
              {},
              h('dt', {}, 'Tissue'),
              h('dd', {}, `${figure(e.tissue)} mm²`),
              h('dt', {}, 'Time'),
              h('dd', { id: 'estimated-time' }, duration(e.seconds)),
              h('dt', {}, 'Nuclei'),
              h('dd', {}, `about ${number(Number(e.nuclei.toPrecision(2)))}`),
              h('dt', {}, 'Memory'),
              h('dd', {}, size(e.memory)),
              h('dt', {}, 'Files'),
              h('dd', {}, size(e.bytes)),
            ),
            ...e.failed.map((f) => h('p', { class: 'warning-text' }, `${f.name}: ${f.message}`)),
            e.slides > 0 ? go : '',
          );
        })
        .finally(() => {
          ask.disabled = false;
        });
    });
    const box = (id: string, name: string) =>
      h(
        'li',
        {},
        h(
          'label',
          {},
          h('input', {
            type: 'checkbox',
            checked: chosen.has(id),
            onchange: (e: Event) => {
              if ((e.target as HTMLInputElement).checked) {
                chosen.add(id);
              } else {
                chosen.delete(id);
              }
              answer.replaceChildren();
            },
          }),
          name,
        ),
      );
    const all = h(
      'button',
      {
        onclick: () => {
          open.forEach((s) => chosen.add(s.id));
          renderChoice();
        },
      },
      'Choose all',
    );
    choice.replaceChildren(h('ul', { class: 'choice' }, ...open.map((s) => box(s.id, s.name))), h('div', { class: 'buttons' }, all, ask), answer);
  };
  context.on('slides', renderChoice);

  let before = new Map<number, Job['state']>();
  const renderJobs = (jobs: Job[]) => {
    if (jobs.some((j) => j.state === 'done' && before.has(j.id) && before.get(j.id) !== 'done')) {
      void context.refresh();
    }
    before = new Map(jobs.map((j) => [j.id, j.state]));
    const batch = jobs.find((j) => j.batch !== null)?.batch;
    const told = batch
      ? [
          batch.slidesPerHour === null ? null : `${figure(batch.slidesPerHour)} slides/h`,
          batch.secondsLeft === null ? null : `${duration(batch.secondsLeft)} left for all`,
        ].filter((t) => t !== null)
      : [];
    pace.hidden = told.length === 0;
    pace.textContent = told.join(' · ');
    list.replaceChildren(
      ...jobs.map((j) =>
        h(
          'li',
          { class: `job ${j.state}` },
          h('div', { class: 'job-head' }, h('span', { class: 'slide-name' }, j.name), h('span', { class: 'tag' }, j.state)),
          j.state === 'running' &&
            h('progress', {
              value: j.tileCount === 0 ? undefined : j.tilesDone,
              max: Math.max(1, j.tileCount),
              aria: { label: `Progress of ${j.name}` },
            }),
          h('span', { class: 'quiet' }, words(j)),
          (j.state === 'running' || j.state === 'waiting') &&
            context.may('run') &&
            h('button', { class: 'small', onclick: () => void context.attempt(() => api.cancel(j.id)) }, 'Cancel'),
        ),
      ),
    );
  };
  // A connection that stays open is one less for tiles: only while the panel is unfolded.
  let watch: EventSource | null = null;
  panel.addEventListener('toggle', () => {
    watch?.close();
    watch = panel.open ? new EventSource('/api/jobs/events') : null;
    watch?.addEventListener('jobs', (event) => renderJobs(JSON.parse((event as MessageEvent<string>).data) as Job[]));
  });
  return panel;
}

function words(job: Job): string {
  if (job.place !== null) {
    return [job.place, job.state === 'waiting' ? 'queued' : null, job.secondsLeft === null ? null : `about ${duration(job.secondsLeft)} left`]
      .filter((t) => t !== null)
      .join(' · ');
  }
  if (job.state === 'running' && job.tileCount > 0) {
    return [
      `${number(job.nuclei)} nuclei`,
      job.tilesPerSecond === null ? null : `${figure(job.tilesPerSecond)} tiles/s`,
      job.secondsLeft === null ? null : `${duration(job.secondsLeft)} left`,
    ]
      .filter((t) => t !== null)
      .join(' · ');
  }
  return job.message ?? (job.state === 'done' ? `${number(job.nuclei)} nuclei` : '');
}
