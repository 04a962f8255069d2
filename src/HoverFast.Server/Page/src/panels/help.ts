import { h } from '../dom';

const keys: [string, string][] = [
  ['/', 'search slides'],
  ['n p', 'next, previous slide of the list'],
  ['arrows', 'move the view'],
  ['+ -', 'zoom in, out'],
  ['0', 'the whole slide'],
  ['1 2 4', '10×, 20×, 40×'],
  ['o', 'outlines on or off'],
  ['d', 'density on or off'],
  ['c', 'next colouring'],
  ['Enter', 'measurements of the nucleus in the middle; in a field: choose it (Shift: one more)'],
  ['r b', 'draw a region, a box (Shift: freehand)'],
  ['Esc', 'stop drawing'],
  ['a e s m', 'in a field: add, redraw, split, merge'],
  ['Delete k', 'delete, set the class'],
  ['u y', 'undo, redo'],
  ['f g', 'all right and next; next field'],
  ['t', 'light or dark'],
  ['?', 'this list'],
];

/** The list of keys. */
export function helpDialog(): HTMLDialogElement {
  const dialog = h(
    'dialog',
    { class: 'help', aria: { label: 'Keys' } },
    h('h2', {}, 'Keys'),
    h(
      'dl',
      {},
      ...keys.flatMap(([key, text]) => [h('dt', {}, ...key.split(' ').flatMap((k, i) => [i > 0 ? ' ' : '', h('kbd', {}, k)])), h('dd', {}, text)]),
    ),
    h(
      'p',
      { class: 'quiet' },
      'Any slide, place, colouring and filter has its own address: copy it from the browser to come back, or to show somebody.',
    ),
  );
  dialog.append(h('button', { onclick: () => dialog.close() }, 'Close'));
  return dialog;
}
