import 'ol/ol.css';
import './style.css';
import * as api from './api';
import { carried } from './carry';
import { Context } from './context';
import { h } from './dom';
import { listen } from './keyboard';
import { logInForm, takeReason } from './login';
import { NucleusLayers } from './nucleusLayer';
import { aboutPanel } from './panels/about';
import { helpDialog } from './panels/help';
import { jobsPanel } from './panels/jobs';
import { nucleiPanel } from './panels/nuclei';
import { nucleusPanel } from './panels/nucleus';
import { modelsPanel } from './panels/models';
import { regionPanel } from './panels/region';
import { reviewPanel } from './panels/review';
import { slidesPanel } from './panels/slides';
import * as permalink from './permalink';
import { scaleBar } from './scaleBar';
import type { NucleusSummary, SlideDescription } from './types';
import { Viewer } from './viewer';

const themeKey = 'hoverfast-theme';

function applyTheme(theme: string | null): void {
  document.documentElement.dataset.theme = theme ?? '';
}

function toggleTheme(): void {
  const isDark =
    document.documentElement.dataset.theme === 'dark' ||
    (document.documentElement.dataset.theme === '' && matchMedia('(prefers-color-scheme: dark)').matches);
  localStorage.setItem(themeKey, isDark ? 'light' : 'dark');
  applyTheme(isDark ? 'light' : 'dark');
}

async function run(): Promise<void> {
  applyTheme(localStorage.getItem(themeKey));
  const app = document.getElementById('app')!;
  permalink.resume();
  const reason = takeReason();
  const named = permalink.read().slide;
  api.askAhead('/slides', ...(named === null ? [] : [`/slides/${named}`, `/slides/${named}/nuclei`]));
  let me = await api.me();
  if (me.role === null) {
    api.forgetAhead();
    await logInForm(app, me, reason);
    me = await api.me();
  }

  const context = new Context(me);
  const map = h('div', {
    id: 'map',
    tabIndex: 0,
    role: 'application',
    aria: { label: 'Slide. Arrows move the view, plus and minus zoom, Enter tells of the nucleus in the middle.' },
  });
  context.viewer = new Viewer(context, map);
  const layers = new NucleusLayers(context);
  const region = regionPanel(context);
  const help = helpDialog();

  const notice = h('div', { class: 'notice', role: 'status', hidden: true });
  let noticeTimer = 0;
  context.on('notice', (text) => {
    notice.textContent = text;
    notice.hidden = false;
    window.clearTimeout(noticeTimer);
    noticeTimer = window.setTimeout(() => {
      notice.hidden = true;
    }, 8000);
  });

  const title = h('h1', {}, 'HoverFast');
  const side = (name: string, label: string, key: string) =>
    h(
      'button',
      {
        class: 'side-button',
        title: label,
        aria: { label, pressed: 'false' },
        onclick: (e: Event) => {
          const on = document.body.classList.toggle(name);
          (e.currentTarget as HTMLElement).setAttribute('aria-pressed', String(on));
          window.setTimeout(() => context.viewer.map.updateSize(), 50);
        },
      },
      key,
    );
  app.replaceChildren(
    h(
      'header',
      {},
      side('hide-slides', 'List of slides', '☰'),
      title,
      h('span', { class: 'spacer' }),
      h('button', { onclick: toggleTheme, title: 'Light or dark (t)', aria: { label: 'Light or dark' } }, '◐'),
      h('button', { onclick: () => help.showModal(), title: 'Keys (?)', aria: { label: 'Keys' } }, '?'),
      me.accounts && h('span', { class: 'quiet' }, me.name ?? ''),
      me.accounts && h('button', { onclick: () => void api.logOut().then(() => location.reload()) }, 'Log out'),
      side('hide-panels', 'Panels', '▤'),
    ),
    h('aside', { class: 'left', aria: { label: 'Slides' } }, slidesPanel(context)),
    h('main', {}, map, scaleBar(context), notice),
    h(
      'aside',
      { class: 'right', aria: { label: 'Panels' } },
      // A panel a module.
      reviewPanel(context),
      nucleiPanel(context, layers),
      nucleusPanel(context, layers),
      region.element,
      aboutPanel(context),
      modelsPanel(context),
      jobsPanel(context),
    ),
    help,
  );

  const take = (slide: SlideDescription, nuclei: NucleusSummary) => {
    context.slide = slide;
    context.nuclei = null;
    context.emit('slide', slide);
    takeNuclei(context, slide.summary.id, nuclei);
  };
  let opened = 0;
  context.open = async (id, place) => {
    opened++;
    const asked = opened;
    await context.attempt(async () => {
      const [slide, nuclei] = await Promise.all([api.slide(id), api.nuclei(id)]);
      // Answers may come in another order than they were asked for.
      if (asked !== opened) {
        return;
      }
      title.textContent = slide.summary.name;
      document.title = `${slide.summary.name} · HoverFast`;
      context.viewer.open(slide, place ?? null);
      take(slide, nuclei);
    });
  };
  context.refresh = async () => {
    await context.attempt(async () => {
      context.slides = await api.slides();
      context.emit('slides', context.slides);
      const { slide } = context;
      const listed = context.slides.find((s) => s.id === slide?.summary.id);
      if (slide === null || listed === undefined) {
        return;
      }
      const { id, stamp, finished } = slide.summary;
      if (listed.stamp !== stamp || listed.finished !== finished) {
        const [fresh, nuclei] = await Promise.all([api.slide(id), api.nuclei(id)]);
        if (context.slide === slide) {
          take(fresh, nuclei);
        }
      } else if (context.nuclei?.state === 'none') {
        takeNuclei(context, id, await api.nuclei(id));
      }
    });
  };
  permalink.follow(context);
  listen(context, { help: () => help.showModal(), theme: toggleTheme, draw: region.draw, stop: region.stop });
  const show = async () => {
    const link = permalink.read();
    const first = link.slide ?? context.slides.find((s) => s.hasResult && s.hasSlide)?.id ?? context.slides[0]?.id;
    if (first !== undefined && first !== context.named?.slide) {
      context.named = { slide: first, nuclei: null };
    }
    context.show(link.appearance);
    if (first !== undefined && first !== context.slide?.summary.id) {
      await context.open(first, link.place);
    } else if (link.place !== null) {
      context.viewer.go(link.place);
    }
  };
  if (named !== null) {
    // What the link names needs no list.
    await Promise.all([show(), context.refresh()]);
  } else {
    await context.refresh();
    await show();
  }
  window.addEventListener('hashchange', () => void show());
}

/** Takes what is known of a slide's nuclei, and asks again until they are there. */
function takeNuclei(context: Context, id: string, nuclei: NucleusSummary): void {
  if (context.slide?.summary.id !== id) {
    return;
  }
  const before = context.nuclei;
  context.nuclei = nuclei;
  if (nuclei.state === 'ready') {
    const { named } = context;
    // What a link names is the slide's own; of a slide that never was shown nobody knows what was named.
    const own = named?.nuclei ?? (named?.slide === id ? nuclei : null);
    context.named = { slide: id, nuclei };
    context.show(carried(context.appearance, own, nuclei));
  }
  if (nuclei.state !== before?.state || nuclei.state === 'building') {
    context.emit('nuclei', nuclei);
  }
  if (nuclei.state === 'building') {
    askAgain(context, id, 300);
  }
}

/** Asks for a slide's nuclei in a while; an answer that fails isn't the last one. */
function askAgain(context: Context, id: string, milliseconds: number): void {
  window.setTimeout(async () => {
    if (context.slide?.summary.id !== id) {
      return;
    }
    const nuclei = await context.attempt(() => api.nuclei(id));
    if (nuclei === undefined) {
      askAgain(context, id, 3000);
    } else {
      takeNuclei(context, id, nuclei);
    }
  }, milliseconds);
}

run().catch((error: unknown) => {
  document.getElementById('app')!.textContent = error instanceof Error ? error.message : String(error);
});
