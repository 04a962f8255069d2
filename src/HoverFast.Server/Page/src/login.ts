import * as api from './api';
import { h } from './dom';
import { keep } from './permalink';
import type { Me } from './types';

/** Why the way by the provider led back here, as the address tells it. */
const reasons: Record<string, string> = {
  refused: 'Your account there has no role here. Ask whoever runs this server.',
  failed: 'That did not work. Try again; the server’s log tells more.',
  unreachable: 'The provider does not answer. Try again later.',
};

/** Tells why the way by the provider led back here, and takes it out of the address: else it would be told again whenever somebody logs out. */
export function takeReason(): string {
  const reason = new URLSearchParams(location.search).get('login');
  if (reason !== null) {
    history.replaceState(null, '', location.pathname + location.hash);
  }
  return reasons[reason ?? ''] ?? '';
}

/** Asks for name and password, or offers the way by the provider; answers when somebody is logged in. */
export function logInForm(target: HTMLElement, me: Me, reason: string): Promise<void> {
  return new Promise((resolve) => {
    const name = h('input', { id: 'name', autocomplete: 'username', required: true });
    const password = h('input', { id: 'password', type: 'password', autocomplete: 'current-password', required: true });
    const problem = h('p', { class: 'warning-text', aria: { live: 'assertive' } }, reason);
    const byProvider = me.provider !== null
      && h('a', { class: 'button primary', id: 'provider', href: '/api/login/provider', onclick: keep }, `Log in with ${me.provider}`);
    const byPassword = me.passwords || me.provider === null;
    const form = h(
      'form',
      { class: 'log-in' },
      h('h1', {}, 'HoverFast'),
      problem,
      byProvider,
      ...(byPassword
        ? [
            h('label', { class: 'field' }, 'Name', name),
            h('label', { class: 'field' }, 'Password', password),
            h('button', { class: byProvider ? '' : 'primary', type: 'submit' }, byProvider ? 'Log in with a password' : 'Log in'),
          ]
        : []),
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
    (byProvider || name).focus();
  });
}
