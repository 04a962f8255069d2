import * as api from '../api';
import type { Context } from '../context';
import { duration, figure, h, number, onClick, refill, section, size } from '../dom';
import type { Job } from '../types';

/** Segmenting from the page: choose, estimate, start, watch, cancel. */
export function jobsPanel(context: Context): HTMLElement {
  const choice = h('div');
  const pace = h('p', { class: 'quiet', id: 'pace', hidden: true });
  const list = h('ul', { class: 'jobs' });
  const chosen = new Set<string>();
  const panel = section('Segment slides', false, context.may('run') ? choice : h('p', { class: 'quiet' }, 'Your account may look, not start.'), pace, list);

  // Rows are made once and kept: what is chosen, focused and told stays when a slide is finished meanwhile.
  const boxes = new Map<string, { row: HTMLElement; box: HTMLInputElement }>();
  const offered = h('ul', { class: 'choice' });
  const answer = h('div', { aria: { live: 'polite' } });
  const ask = h('button', { id: 'estimate-jobs' }, 'Estimate');
  const choose = (id: string, isChosen: boolean) => {
    if (isChosen) {
      chosen.add(id);
    } else {
      chosen.delete(id);
    }
    boxes.get(id)!.box.checked = isChosen;
    answer.replaceChildren();
  };
  const rowOf = (id: string, name: string) => {
    let made = boxes.get(id);
    if (made === undefined) {
      const box = h('input', { type: 'checkbox', onchange: () => choose(id, box.checked) });
      made = { row: h('li', {}, h('label', {}, box, name)), box };
      boxes.set(id, made);
    }
    return made.row;
  };
  const all = h('button', { id: 'choose-all', onclick: () => boxes.forEach((_, id) => choose(id, true)) }, 'Choose all');
  const buttons = h('div', { class: 'buttons' }, all, ask);
  onClick(ask, async () => {
    if (chosen.size === 0) {
      answer.replaceChildren(h('p', { class: 'quiet' }, 'Choose slides first.'));
      return;
    }
    answer.replaceChildren(h('p', { class: 'quiet' }, 'Looking at a sample of the tissue …'));
    const slides = [...chosen];
    await context.attempt(async () => {
      const e = await api.estimate(slides);
      if (slides.join() !== [...chosen].join()) {
        return;
      }
      const go = h('button', { class: 'primary', id: 'start' }, e.slides === 1 ? 'Start' : `Start ${e.slides} slides`);
      go.addEventListener(
        'click',
        () =>
          void context.attempt(async () => {
            await api.start(slides);
            slides.forEach((id) => boxes.has(id) && choose(id, false));
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
    });
  });
  const renderChoice = () => {
    const open = context.slides.filter((s) => s.hasSlide && !s.hasResult);
    for (const id of [...boxes.keys()].filter((each) => !open.some((s) => s.id === each))) {
      if (chosen.has(id)) {
        choose(id, false);
      }
      boxes.delete(id);
    }
    if (open.length === 0) {
      refill(choice, h('p', { class: 'quiet' }, 'Every slide has its result.'));
      return;
    }
    refill(offered, ...open.map((s) => rowOf(s.id, s.name)));
    refill(choice, offered, buttons, answer);
  };
  context.on('slides', renderChoice);

  // A job's button is made once: several events a second must neither take the focus from it nor swallow a click.
  const rows = new Map<number, { row: HTMLElement; cancel: HTMLElement }>();
  const jobRow = (j: Job) => {
    let made = rows.get(j.id);
    if (made === undefined) {
      made = { row: h('li'), cancel: h('button', { class: 'small', onclick: () => void context.attempt(() => api.cancel(j.id)) }, 'Cancel') };
      rows.set(j.id, made);
    }
    made.row.className = `job ${j.state}`;
    refill(
      made.row,
      h('div', { class: 'job-head' }, h('span', { class: 'slide-name' }, j.name), h('span', { class: 'tag' }, j.state)),
      j.state === 'running' &&
        h('progress', {
          value: j.tileCount === 0 ? undefined : j.tilesDone,
          max: Math.max(1, j.tileCount),
          aria: { label: `Progress of ${j.name}` },
        }),
      h('span', { class: 'quiet' }, words(j)),
      (j.state === 'running' || j.state === 'waiting') && context.may('run') && made.cancel,
    );
    return made.row;
  };

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
    refill(list, ...jobs.map(jobRow));
    [...rows.keys()].filter((id) => !before.has(id)).forEach((id) => rows.delete(id));
  };
  // A connection that stays open is one less for tiles: only while the panel is unfolded.
  let watch: EventSource | null = null;
  let again = 0;
  const follow = () => {
    watch?.close();
    window.clearTimeout(again);
    watch = panel.open ? new EventSource('/api/jobs/events') : null;
    watch?.addEventListener('jobs', (event) => renderJobs(JSON.parse((event as MessageEvent<string>).data) as Job[]));
    watch?.addEventListener('error', () => {
      // Browsers ask again by themselves, but not once something else answered: a proxy, for a server that is away.
      if (watch?.readyState === EventSource.CLOSED) {
        window.clearTimeout(again);
        again = window.setTimeout(follow, 3000);
      }
    });
  };
  panel.addEventListener('toggle', follow);
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
