import Draw from 'ol/interaction/Draw';
import type LineString from 'ol/geom/LineString';
import type Polygon from 'ol/geom/Polygon';
import type { MapBrowserEvent } from 'ol';
import { ApiError } from '../api';
import type { Context } from '../context';
import { h, number, offer, onClick, refill, section } from '../dom';
import { expectedWords } from '../expected';
import { FieldLayer } from '../fieldLayer';
import * as api from '../reviewApi';

const nameKey = 'hoverfast-reviewer';
const renewEvery = 15000;

/** Reviewing: draw fields, correct what the model did in them, see what that says of the model. */
export function reviewPanel(context: Context): HTMLElement {
  const layer = new FieldLayer(context);
  const body = h('div');
  const panel = section('Review', true, body);
  panel.id = 'review';
  let sessions: api.Session[] = [];
  let isKnown = false;
  let isMoving = false;
  let session: string | null = null;
  let view: api.FieldView | null = null;
  let draw: Draw | null = null;
  let outlinesBefore = true;
  let others: string[] = [];
  let estimate: api.ReviewEstimate | null = null;
  let timer = 0;
  let busy: Promise<unknown> = Promise.resolve();
  let accepting: string | null = null;
  let opening: string | null = null;

  const name = h('input', { id: 'reviewer', maxLength: 64, value: context.me.accounts ? (context.me.name ?? '')
    : (localStorage.getItem(nameKey) ?? ''), disabled: context.me.accounts, autocomplete: 'off' });
  name.addEventListener('change', () => localStorage.setItem(nameKey, name.value));
  const who = () => name.value.trim() || 'local';
  const why = h('input', { id: 'why', maxLength: 1000, placeholder: 'why, if you like', autocomplete: 'off' });
  const type = h('input', { id: 'class', maxLength: 64, autocomplete: 'off' });
  type.setAttribute('list', 'classes');

  // What people type and choose in is made once: the panel is filled anew whenever something happened.
  const classes = h('datalist', { id: 'classes' });
  const pick = h('select', { id: 'session', aria: { label: 'Session' } });
  pick.addEventListener('change', () => { session = pick.value; render(); });
  const order = h('select', { id: 'session-order' }, h('option', { value: 'drawn' }, 'as drawn'), h('option', { value: 'worst' }, 'lowest expected PQ first'));
  order.addEventListener('change', () => render());
  const fieldList = h('ul', { class: 'fields' });
  const rows = {
    name: h('label', { class: 'field' }, 'Your name', name),
    type: h('label', { class: 'field' }, 'Class', type),
    why: h('label', { class: 'field' }, 'Reason', why),
    pick: h('label', { class: 'field' }, 'Session', pick),
    order: h('label', { class: 'field' }, 'Order', order),
  };

  const current = () => sessions.find((s) => s.id === session);
  /** The session's fields as they were drawn, or those of which least is expected first; fields of which nothing is known come last. */
  const ordered = () => {
    const fields = current()?.fields ?? [];
    return order.value === 'worst' ? [...fields].sort((a, b) => (a.expected?.pq ?? 2) - (b.expected?.pq ?? 2)) : fields;
  };
  const reload = async () => {
    sessions = await api.sessions();
    if (!isKnown) {
      isKnown = true;
      newFields.open = sessions.length === 0;
    }
    session = sessions.some((s) => s.id === session) ? session : (sessions.at(-1)?.id ?? null);
    render();
  };

  const stopDrawing = () => {
    if (draw !== null) {
      context.viewer.map.removeInteraction(draw);
      draw = null;
    }
  };
  const leave = () => {
    if (view === null) {
      return;
    }
    void api.leave(view.field.id, who()).catch(() => {});
    window.clearInterval(timer);
    stopDrawing();
    view = null;
    layer.show(null);
    context.drawing = false;
    context.show({ outlines: outlinesBefore });
  };
  const close = () => {
    if (view !== null) {
      leave();
      render();
    }
  };
  const look = async (id: string) => {
    const fresh = await api.field(id);
    if (view?.field.id === id && view.entry !== fresh.entry) {
      view = fresh;
      layer.show(view);
      render();
    }
  };
  const renew = async (id: string) => {
    const there = (await api.claim(id, who())).others.map((o) => o.who);
    if (view?.field.id === id) {
      if (there.some((o) => !others.includes(o))) {
        context.emit('notice', `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} in this field too.`);
      }
      if (there.join() !== others.join()) {
        others = there;
        render();
      }
      // Whatever they did meanwhile must be seen.
      await look(id);
    }
  };
  const goTo = (field: api.SessionField) => {
    const size = context.viewer.map.getSize() ?? [800, 600];
    context.viewer.go({
      x: field.x + field.width / 2,
      y: field.y + field.height / 2,
      resolution: Math.max(field.width / (size[0]! * 0.8), field.height / (size[1]! * 0.8)),
    });
  };
  /** Opens a field, once; of several that are asked for meanwhile, the last one. */
  const open = async (field: api.SessionField) => {
    if (opening === field.id) {
      return;
    }
    opening = field.id;
    if (view?.field.id === field.id) {
      opening = null;
      goTo(field);
      return;
    }
    try {
      await bring(field);
    } finally {
      if (opening === field.id) {
        opening = null;
      }
    }
    if (view?.field.id === field.id) {
      await renew(field.id);
    }
  };
  const bring = async (field: api.SessionField) => {
    const fresh = await api.field(field.id);
    if (opening !== field.id) {
      return;
    }
    if (context.slide?.summary.id !== field.slide) {
      isMoving = true;
      await context.open(field.slide).finally(() => { isMoving = false; });
    }
    if (opening !== field.id) {
      return;
    }
    if (context.slide?.summary.id !== field.slide) {
      close();
      return;
    }
    // From field to field the panel is filled once: who types a reason types on.
    leave();
    outlinesBefore = context.appearance.outlines;
    context.drawing = true;
    context.show({ outlines: false });
    others = [];
    view = fresh;
    layer.show(view);
    goTo(field);
    render();
    timer = window.setInterval(() => void renew(field.id).catch(() => {}), renewEvery);
  };
  const next = async () => {
    const fields = ordered();
    const at = fields.findIndex((f) => f.id === view?.field.id);
    const open1 = [...fields.slice(at + 1), ...fields.slice(0, at + 1)].find((f) => !f.state.isDone && !f.state.isOfOlderResult && f.id !== view?.field.id);
    if (open1 === undefined) {
      context.emit('notice', 'All fields are done.');
      close();
      return;
    }
    await context.attempt(() => open(open1));
  };

  /** One edit after the other: each has seen what the one before did. Tells whether it was taken down. */
  const edit = (what: api.EditKind, part: Partial<api.Edit> = {}): Promise<boolean> => {
    // Of the field that was seen then: once it is this edit's turn, another may be open.
    const field = view?.field.id;
    const edited = busy.then(async () => {
      if (field === undefined || view?.field.id !== field) {
        return false;
      }
      const seen = view.entry;
      let isTaken = false;
      await context.attempt(async () => {
        const reason = why.value;
        try {
          await api.edit(field, { what, seen, who: who(), ...(reason.trim() === '' ? {} : { why: reason.trim() }), ...part });
          isTaken = true;
          if (why.value === reason) {
            why.value = '';
          }
        } catch (error) {
          if (error instanceof ApiError && error.status === 409) {
            context.emit('notice', error.message);
          } else {
            throw error;
          }
        }
        await look(field);
        if (what === 'accept' || what === 'reopen' || what === 'undo' || what === 'redo') {
          await reload();
        }
      });
      return isTaken;
    });
    busy = edited;
    return edited;
  };
  /** Takes down that a field is right, once, and moves on from it if that was done and nobody has moved on meanwhile. */
  const accept = async () => {
    const field = view?.field.id;
    if (field === undefined || field === accepting) {
      return;
    }
    accepting = field;
    if ((await edit('accept')) && view?.field.id === field) {
      await next();
    }
    if (accepting === field) {
      accepting = null;
    }
  };
  const chosen = () => [...layer.chosen];
  const needs = (count: number, words: string, then: (ids: string[]) => void) => {
    const ids = chosen();
    if (ids.length < count) {
      context.emit('notice', words);
    } else {
      then(ids);
    }
  };
  const drawn = (shape: 'Polygon' | 'LineString', then: (points: number[]) => void) => {
    stopDrawing();
    draw = new Draw({ type: shape, freehand: true });
    draw.on('drawend', (event) => {
      const geometry = event.feature.getGeometry()!;
      const places = shape === 'Polygon' ? (geometry as Polygon).getCoordinates()[0]! : (geometry as LineString).getCoordinates();
      window.setTimeout(() => {
        stopDrawing();
        render();
        then(places.flatMap(([x, y]) => [Math.round(x! * 100) / 100, Math.round(-y! * 100) / 100]));
      });
    });
    context.viewer.map.addInteraction(draw);
    render();
  };
  const actions = {
    add: () => drawn('Polygon', (points) => void edit('add', { points, class: type.value.trim() || null })),
    redraw: () => needs(1, 'Choose the nucleus to redraw.', ([id]) => drawn('Polygon', (points) => void edit('redraw', { nuclei: [id!], points }))),
    split: () => needs(1, 'Choose the nucleus to split.', ([id]) => drawn('LineString', (points) => void edit('split', { nuclei: [id!], points }))),
    merge: () => needs(2, 'Choose two nuclei or more to merge (Shift and click).', (nuclei) => void edit('merge', { nuclei })),
    delete: () => needs(1, 'Choose the nuclei to delete.', (nuclei) => void edit('delete', { nuclei })),
    class: () => needs(1, 'Choose the nuclei to give a class.', (nuclei) => void edit('class', { nuclei, class: type.value.trim() || null })),
    undo: () => void edit('undo'),
    redo: () => void edit('redo'),
    accept: () => void accept(),
    reopen: () => void edit('reopen'),
  };
  const keys: Record<string, () => void> = {
    a: actions.add, e: actions.redraw, s: actions.split, m: actions.merge, Delete: actions.delete, Backspace: actions.delete, k: actions.class,
    u: actions.undo, y: actions.redo, f: actions.accept, g: () => void next(),
  };

  const choose = (x: number, y: number, more: boolean) => {
    if (view !== null && draw === null && context.may('review')) {
      layer.choose(layer.at(x, y), more);
      render();
    }
  };
  context.viewer.map.on('singleclick', (event: MapBrowserEvent) => {
    choose(event.coordinate[0]!, -event.coordinate[1]!, (event.originalEvent as PointerEvent).shiftKey);
  });
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (view === null || event.ctrlKey || event.metaKey || event.altKey || target.matches('input:not([type=checkbox]), select, textarea')
      || document.querySelector('dialog[open]') !== null) {
      return;
    }
    if (event.key === 'Escape') {
      stopDrawing();
      layer.choose(null, false);
      render();
      return;
    }
    const place = context.viewer.place;
    if (event.key === 'Enter' && target.id === 'map' && place !== null) {
      choose(place.x, place.y, event.shiftKey);
      return;
    }
    const action = keys[event.key];
    if (action !== undefined && context.may('review')) {
      event.preventDefault();
      // A key that is held down would edit what nobody has seen yet.
      if (!event.repeat) {
        action();
      }
    }
  });
  window.addEventListener('pagehide', close);

  const button = (id: keyof typeof actions, label: string, key: string, pressed = false) =>
    h('button', { id: `review-${id}`, title: `Key ${key}`, aria: pressed ? { pressed: 'true' } : {}, onclick: actions[id] }, label);

  const renderField = (): Node[] => {
    const { state, nuclei, field } = view!;
    offer(classes, view!.classes.map((c) => [c, '']));
    const expected = current()?.fields.find((f) => f.id === field.id)?.expected ?? null;
    const inside = nuclei.filter((n) => n.isInField).length;
    const parts: (Node | string | false)[] = [
      h('p', { id: 'field-state', aria: { live: 'polite' } }, h('strong', {}, field.id), ` · ${number(inside)} nuclei · ${state.isDone ? 'done' : 'open'}`),
      expected === null ? '' : h('p', { class: 'quiet', id: 'field-expected' }, `Expected PQ ${pqWords(expected)}`),
      others.length > 0 ? h('p', { class: 'warning-text', id: 'others' }, `Here too: ${others.join(', ')}`) : '',
      ...(context.may('review') ? [
        h('div', { class: 'buttons' },
          ...(state.isDone ? [button('reopen', 'Reopen', '')] : [
            button('accept', 'All right, next', 'f'), button('add', 'Add', 'a'), button('redraw', 'Redraw', 'e'), button('split', 'Split', 's'),
            button('merge', 'Merge', 'm'), button('delete', 'Delete', 'Delete')]),
          button('undo', 'Undo', 'u'), button('redo', 'Redo', 'y')),
        draw !== null && h('p', { class: 'quiet' }, 'Drag on the slide; Escape ends it.'),
        h('p', { class: 'quiet', id: 'chosen' },
          layer.chosen.size === 0 ? 'Click a nucleus; Enter takes the one in the middle; Shift adds.' : `${layer.chosen.size} chosen`),
        ...(state.isDone ? [] : [
          rows.type,
          classes,
          h('div', { class: 'buttons' }, button('class', 'Set class', 'k'))]),
        rows.why,
      ] : []),
      h('div', { class: 'buttons' }, h('button', { id: 'review-next', onclick: () => void next(), title: 'Key g' }, 'Next field'),
        h('button', { id: 'review-close', onclick: close }, 'Close field')),
    ];
    return parts.filter((n): n is Node => n instanceof Node);
  };
  const renderSession = (s: api.Session): Node[] => {
    const done = s.fields.filter((f) => f.state.isDone).length;
    const told = h('div', { aria: { live: 'polite' } }, estimate?.session === s.id && estimate.done === done ? estimateTable(estimate) : '');
    const ask = h('button', { id: 'review-estimate', onclick: () => void context.attempt(async () => {
      estimate = await api.reviewEstimate(s.id);
      told.replaceChildren(estimateTable(estimate));
    }) }, 'What they say');
    refill(fieldList, ...ordered().map((f) => h('li', {}, h('button', {
      id: `field-${f.id}`,
      class: 'small',
      disabled: f.state.isOfOlderResult,
      title: f.state.isOfOlderResult ? `${f.slideName} was segmented anew since this field was drawn.` : `${f.slideName}${f.state.who === null ? '' : `, ${f.state.who}`}${f.expected === null ? '' : `, expected PQ ${pqWords(f.expected)}`}`,
      aria: view?.field.id === f.id ? { current: 'true' } : {},
      onclick: () => void context.attempt(() => open(f)),
    }, `${f.state.isDone ? '✓ ' : f.state.edits > 0 ? '… ' : ''}${f.id}${f.expected === null ? '' : ` · ${f.expected.pq.toFixed(2)}`}`))));
    return [
      h('p', { class: 'quiet' },
        `${done} of ${s.fields.length} fields done · ${s.side} µm · ${s.choice === 'random' ? `random among ${number(s.population)}` : 'least sure first'}`),
      ...(s.fields.some((f) => f.expected !== null) ? [rows.order] : []),
      fieldList,
      ...(s.choice === 'random' && done > 0 ? [ask, told] : []),
    ];
  };
  const makeNew = () => {
    const choice = h('select', { id: 'session-choice' }, h('option', { value: 'random' }, 'at random'), h('option', { value: 'unsure' }, 'least sure first'));
    const count = h('input', { id: 'session-fields', type: 'number', min: 1, max: 1000, value: '12' });
    const side = h('input', { id: 'session-side', type: 'number', min: 20, max: 1000, value: '100' });
    const go = h('button', { id: 'session-start' }, 'Draw fields');
    onClick(go, () => context.attempt(async () => {
      const made = await api.startSession(choice.value, Number(count.value), Number(side.value), 1 + sessions.length, who());
      session = made.id;
      newFields.open = false;
      await reload();
    }));
    return h('details', { id: 'session-new' }, h('summary', {}, 'New fields'),
      h('label', { class: 'field' }, 'Chosen', choice), h('label', { class: 'field' }, 'Fields', count), h('label', { class: 'field' }, 'Side in µm', side),
        h('div', { class: 'buttons' }, go));
  };
  const newFields = makeNew();
  const render = () => {
    const s = current();
    offer(pick, sessions.map((each) => [each.id, each.id]));
    if (session !== null && pick.value !== session) {
      pick.value = session;
    }
    refill(body,
      !context.me.accounts && context.may('review') && rows.name,
      ...(view === null ? [] : renderField()),
      sessions.length > 0 && rows.pick,
      ...(s === undefined ? [] : renderSession(s)),
      context.may('review') && newFields,
      ...(context.slide?.summary.hasResult && context.may('review') && sessions.length > 0
        ? [h('a', { class: 'quiet', href: api.correctedUrl(context.slide.summary.id), download: '' }, 'Corrected nuclei of this slide (GeoJSON for QuPath)')]
          : []),
    );
  };
  context.on('slide', (slide) => {
    if (isMoving) {
      return;
    }
    if (view !== null && current()?.fields.find((f) => f.id === view!.field.id)?.slide !== slide.summary.id) {
      close();
    }
    render();
  });
  let had = -1;
  context.on('slides', (slides) => {
    const results = slides.filter((s) => s.hasResult).length;
    if (results !== had) {
      had = results;
      panel.hidden = results === 0;
      if (results > 0) {
        void context.attempt(reload);
      }
    }
  });
  render();
  return panel;
}

const pqWords = (e: NonNullable<api.SessionField['expected']>) => expectedWords(e.pq, e.low, e.high);

function estimateTable(estimate: api.ReviewEstimate): HTMLElement {
  const words = (i: api.Interval) => (i.value === null ? '–'
    : `${i.value.toFixed(3)}${i.low === null || i.high === null ? '' : ` (${i.low.toFixed(3)} to ${i.high.toFixed(3)})`}`);
  return h('dl', { id: 'estimate' },
    h('dt', {}, 'Precision'), h('dd', {}, words(estimate.precision)),
    h('dt', {}, 'Recall'), h('dd', {}, words(estimate.recall)),
    h('dt', {}, 'F1'), h('dd', {}, words(estimate.f1)),
    h('dt', {}, 'Fields'), h('dd', {}, `${estimate.done} of ${estimate.drawn}, 95 % intervals`));
}
