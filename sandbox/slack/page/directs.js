import { byId, el } from './dom.js';

/** Direct messages are seen by those in them; channels by everybody here. */
export function isIn({ kind, members }, person) {
  return (kind !== 'im' && kind !== 'mpim') || members.includes(person);
}

/**
 * Lists the direct messages of the chosen person, and those whom they could write to. The result is the title of what is
 * open.
 */
export function showDirects({ state, view, button }) {
  const { team, person, channel: openId } = state;
  const nameOf = ({ members }) => {
    const others = members.filter((id) => id !== person);
    return others.length === 0 ? `${view.user(person)} (you)` : others.map((id) => view.user(id)).join(', ');
  };
  const isDirect = ({ kind }) => kind === 'im' || kind === 'mpim';
  const mine = team.channels.filter((one) => isDirect(one) && isIn(one, person));
  byId('directs').replaceChildren(...mine.map((one) => button(one, nameOf(one))));
  offerOthers(team, person, view);
  const shown = team.channels.find(({ id }) => id === openId);
  if (!shown) return '';
  return isDirect(shown) ? nameOf(shown) : `# ${shown.name}`;
}

/** Whom somebody has ticked stays ticked while the world is read again. */
function offerOthers(team, person, view) {
  const ticked = new Set([...byId('others').querySelectorAll('input:checked')].map(({ value }) => value));
  const others = team.users.filter(({ id, deleted }) => id !== person && id !== 'USLACKBOT' && !deleted);
  byId('others').replaceChildren(
    ...others.map(({ id }) =>
      el(
        'label',
        {},
        el('input', { type: 'checkbox', value: id, checked: ticked.has(id) }),
        ` ${view.user(id)}`,
      ),
    ),
  );
}

/** `open` is given the ids of those whom somebody wants to write to. */
export function onNewDirect(open) {
  const details = byId('new-direct');
  details.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault();
    const ticked = [...details.querySelectorAll('input:checked')];
    const chosen = ticked.map(({ value }) => value);
    for (const box of ticked) box.checked = false;
    details.open = false;
    if (chosen.length > 0) void open(chosen);
  });
}
