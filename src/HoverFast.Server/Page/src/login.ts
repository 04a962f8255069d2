import * as api from './api';
import { h } from './dom';

/** Asks for name and password; answers when somebody is logged in. */
export function logInForm(target: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const name = h('input', { id: 'name', autocomplete: 'username', required: true });
    const password = h('input', { id: 'password', type: 'password', autocomplete: 'current-password', required: true });
    const problem = h('p', { class: 'warning-text', aria: { live: 'assertive' } });
    const form = h(
      'form',
      { class: 'log-in' },
      h('h1', {}, 'HoverFast'),
      h('label', { class: 'field' }, 'Name', name),
      h('label', { class: 'field' }, 'Password', password),
      problem,
      h('button', { class: 'primary', type: 'submit' }, 'Log in'),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      api.logIn(name.value, password.value).then(
        () => resolve(),
        (error: Error) => {
          problem.textContent = error.message;
        },
      );
    });
    target.replaceChildren(h('main', {}, form));
    name.focus();
  });
}
