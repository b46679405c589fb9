import { act } from './api.js';
import { byId, el } from './dom.js';

const kept = 300;
/** What nobody needs to look at. */
const calm = new Set(['ok', 'opened', 'closed']);

/** The live log: calls of apps, events to them, connections, faults. A click shows an entry's details. */
export function addLogEntry(entry) {
  const list = byId('log-entries');
  const details = el('pre', { class: 'json', hidden: true }, JSON.stringify(entry.details, undefined, 2));
  const time = new Date(entry.at).toLocaleTimeString([], { hour12: false });
  const line = el(
    'button',
    { onclick: () => details.toggleAttribute('hidden') },
    el('time', {}, time),
    el('span', { class: `kind ${entry.kind}` }, entry.kind),
    el('span', { class: 'name' }, entry.name),
    entry.details.onBehalfOf && el('span', { class: 'for' }, `for ${entry.details.onBehalfOf}`),
    el('span', { class: calm.has(entry.outcome) ? 'outcome' : 'outcome other' }, entry.outcome),
  );
  list.prepend(el('li', {}, line, details));
  while (list.children.length > kept) list.lastChild.remove();
}

export function clearLogView() {
  byId('log-entries').replaceChildren();
}

byId('clear-log').addEventListener('click', () => {
  void act('clearLog').then(clearLogView);
});
