type Child = Node | string | null | undefined | false;

type Properties<K extends keyof HTMLElementTagNameMap> = {
  [P in keyof HTMLElementTagNameMap[K]]?: unknown;
} & { class?: string; data?: Record<string, string>; aria?: Record<string, string> };

/** Makes an element: properties are set as properties, never as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Properties<K> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) {
      continue;
    }
    if (name === 'class') {
      element.className = value as string;
    } else if (name === 'data') {
      Object.assign(element.dataset, value);
    } else if (name === 'aria') {
      for (const [key, text] of Object.entries(value as Record<string, string>)) {
        element.setAttribute(`aria-${key}`, text);
      }
    } else {
      (element as unknown as Record<string, unknown>)[name] = value;
    }
  }
  element.append(...children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false));
  return element;
}

/**
 * Gives an element these children. Those that it has already are not taken out meanwhile, so that a field in which somebody types keeps text, caret and
 * focus; where the focus was on a child that is made anew, it goes to the new one of the same id.
 */
export function refill(parent: Element, ...children: Child[]): void {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const wanted = children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false && c !== '')
    .map((c) => (typeof c === 'string' ? document.createTextNode(c) : c));
  const kept = new Set<Node>(wanted);
  for (const child of [...parent.childNodes]) {
    if (!kept.has(child)) {
      child.remove();
    }
  }
  let at = parent.firstChild;
  for (const node of wanted) {
    if (node === at) {
      at = at.nextSibling;
    } else {
      parent.insertBefore(node, at);
    }
  }
  if (focused instanceof HTMLElement && focused !== document.activeElement) {
    const target = focused.isConnected ? focused : document.getElementById(focused.id);
    target?.focus({ preventScroll: true });
  }
}

/** Gives a list these choices and leaves it alone where it has them: it may be open. */
export function offer(list: HTMLSelectElement | HTMLDataListElement, choices: [value: string, text: string][]): void {
  const now = [...list.options];
  if (now.length !== choices.length || now.some((o, i) => o.value !== choices[i]![0] || o.text !== choices[i]![1])) {
    const chosen = list instanceof HTMLSelectElement ? list.value : '';
    list.replaceChildren(...choices.map(([value, text]) => h('option', { value }, text)));
    if (list instanceof HTMLSelectElement && choices.some(([value]) => value === chosen)) {
      list.value = chosen;
    }
  }
}

/** Says that a button does nothing for now. One that is disabled would lose the focus; who listens to its clicks must look whether it rests. */
export function rest(button: HTMLElement, isResting: boolean): void {
  if (isResting) {
    button.setAttribute('aria-disabled', 'true');
  } else {
    button.removeAttribute('aria-disabled');
  }
}

/** Does work at a button's clicks; the button rests while it goes on, and further clicks do nothing. */
export function onClick(button: HTMLElement, work: () => Promise<unknown>): void {
  button.addEventListener('click', () => {
    if (button.hasAttribute('aria-disabled')) {
      return;
    }
    rest(button, true);
    void work().finally(() => rest(button, false));
  });
}

/** A section of a side bar that can be folded. */
export function section(title: string, open: boolean, ...children: Child[]): HTMLDetailsElement {
  const summary = h('summary', {}, h('h2', {}, title));
  const panel = h('details', { class: 'panel', open }, summary, h('div', { class: 'panel-body' }, ...children));
  keepFocus(panel, summary);
  return panel;
}

/**
 * Hands the focus on when what had it is taken out or hidden, as buttons are by what they do: to what comes back under its id, else to the head of the
 * panel. The browser would go back to the start of the page.
 */
function keepFocus(panel: HTMLElement, head: HTMLElement): void {
  let last: HTMLElement | null = null;
  const isThere = (element: HTMLElement) => element.isConnected && element.checkVisibility();
  panel.addEventListener('focusin', (event) => {
    // The head holds the place of what is gone.
    if (event.target !== head || last === null || isThere(last)) {
      last = event.target as HTMLElement;
    }
  });
  panel.addEventListener('focusout', () => {
    // What is taken out loses the focus before it is gone; who went on by himself left it there.
    queueMicrotask(() => {
      if (last !== null && !panel.contains(document.activeElement) && (isThere(last) || document.activeElement !== document.body)) {
        last = null;
      }
    });
  });
  new MutationObserver(() => {
    const now = document.activeElement;
    if (last === null || isThere(last) || (now !== document.body && now !== head && now !== last)) {
      return;
    }
    const again = last.id === '' ? null : document.getElementById(last.id);
    (again !== null && isThere(again) ? again : head).focus({ preventScroll: true });
  }).observe(panel, { childList: true, subtree: true, attributeFilter: ['open', 'hidden'] });
}

export const number = (value: number): string => Math.round(value).toLocaleString('en');

/** A number with three significant digits. */
export function figure(value: number): string {
  return Number.isFinite(value) ? Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 }) : '';
}

/** Seconds in words. */
export function duration(seconds: number): string {
  return seconds < 90
    ? `${Math.max(1, Math.round(seconds))} s`
    : seconds < 5400
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
}

/** Bytes in words. */
export function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Keeps a function from running more often than every so many milliseconds; the last call counts. */
export function debounce<A extends unknown[]>(milliseconds: number, call: (...args: A) => void): (...args: A) => void {
  let timer = 0;
  return (...args) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => call(...args), milliseconds);
  };
}
