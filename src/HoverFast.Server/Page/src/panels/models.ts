import type { Context } from '../context';
import { h, refill, rest, section } from '../dom';
import * as api from '../reviewApi';

const states = { candidate: 'waits to be promoted', current: 'in use', former: 'in use before' };

/** The models that came of reviews: teach, look, promote, roll back. Nothing is promoted by itself. */
export function modelsPanel(context: Context): HTMLElement {
  const body = h('div');
  const panel = section('Models', false, body);
  panel.id = 'models';
  // Made once: the panel is filled anew every other second while a model is taught.
  const why = h('input', { id: 'promote-why', maxLength: 1000, placeholder: 'why, if you like', autocomplete: 'off' });
  const reason = h('label', { class: 'field' }, 'Reason', why);
  let timer = 0;
  let isTaught = false;
  let isActing = false;
  const watch = () => {
    window.clearTimeout(timer);
    if (isTaught) {
      timer = window.setTimeout(() => void context.attempt(load), 2000);
    }
  };
  // A second click would be one more step, decided on without seeing what the first one did.
  const lock = () => body.querySelectorAll('button').forEach((b) => rest(b, isActing));
  const load = async () => {
    // An answer that fails isn't the last one.
    const { models, teaching } = await api.models().catch((error: unknown) => {
      watch();
      throw error;
    });
    isTaught = teaching.state === 'running';
    watch();
    const current = models.find((m) => m.state === 'current');
    const act = (task: () => Promise<unknown>) => () => void context.attempt(async () => {
      if (isActing) {
        return;
      }
      isActing = true;
      lock();
      try {
        await task();
      } finally {
        // Where it was refused, too: the models may be others by now.
        await load().finally(() => {
          isActing = false;
          lock();
        });
      }
    });
    // A reason is given for one step, not for the next one too.
    const explain = (task: (why: string) => Promise<unknown>) => act(async () => {
      const told = why.value;
      await task(told);
      if (why.value === told) {
        why.value = '';
      }
    });
    const sign = (v: number) => `${v < 0 ? '−' : '+'}${Math.abs(v).toFixed(3)}`;
    refill(body,
      h('p', { class: 'quiet' }, current !== undefined ? 'New results are made with the model in use where they name this registry.'
        : 'The program’s own model is in use.'),
      ...models.toReversed().map((m) => h('div', { class: 'model' },
        h('div', { class: 'job-head' }, h('strong', {}, `Version ${m.version}`), h('span', { class: 'tag' }, states[m.state])),
        h('p', { class: 'quiet' },
          `${m.name}, from ${m.parentName}${m.parent === null ? '' : ` ${m.parent}`}, ${m.fields} fields, for ${m.who}${m.promotedBy === null ? '' : `; promoted by ${m.promotedBy}`}`),
        h('dl', {}, ...m.scores.slice(0, 1).flatMap((s) => [
          h('dt', {}, 'PQ, fields held out'),
          h('dd', {},
            `${s.before.toFixed(3)} → ${s.after.toFixed(3)}, ${sign(s.gain)}${s.low === null || s.high === null ? '' : ` (${sign(s.low)} to ${sign(s.high)})`}`)])),
        h('div', { class: 'buttons' },
          h('a', { id: `report-${m.version}`, href: api.reportUrl(m.version), target: '_blank', rel: 'noopener' }, 'Pictures of what changed'),
          context.may('run') && m.state !== 'current'
            && h('button', { class: 'small', id: `promote-${m.version}`, onclick: explain((told) => api.promote(m.version, told)) }, 'Promote')))),
      ...(context.may('run') ? [
        models.length > 0 && reason,
        h('div', { class: 'buttons' },
          teaching.state === 'running'
            ? h('button', { id: 'teach-stop', onclick: act(api.stopTeaching) }, 'Stop teaching')
            : h('button', { id: 'teach', class: 'primary', onclick: act(api.teach) }, 'Teach from reviewed fields'),
          current !== undefined
            && h('button', { id: 'roll-back', onclick: explain((told) => api.rollBack(current.version, told)) }, 'Roll back')),
      ] : []),
      h('p', { id: 'teaching', class: 'quiet', aria: { live: 'polite' } }, teaching.state === 'idle' ? '' : `Teaching: ${teaching.state}`),
      teaching.lines.length > 0 ? h('pre', { class: 'log' }, teaching.lines.slice(-8).join('\n')) : '',
    );
    lock();
  };
  panel.addEventListener('toggle', () => {
    if (panel.open) {
      void context.attempt(load);
    }
  });
  return panel;
}
