import { act, follow, read } from './api.js';
import { openComposer } from './composer.js';
import { isIn, onNewDirect, showDirects } from './directs.js';
import { byId, el } from './dom.js';
import { addLogEntry, clearLogView } from './log-view.js';
import { renderMessage } from './messages.js';

// What the page shows. The sandbox has the truth: after each change the part that changed is read again.
const state = { team: undefined, emoji: {}, channel: undefined, thread: undefined, person: undefined };

const find = (list, id) => list?.find((one) => one.id === id);
const view = {
  me: () => state.person,
  userOf: (id) => find(state.team?.users, id),
  user: (id) => {
    const user = find(state.team?.users, id);
    const app = state.team?.apps.find(({ botUserId, botId }) => botUserId === id || botId === id);
    return user?.profile?.display_name || user?.profile?.real_name || user?.name || app?.name || id;
  },
  channel: (id) => find(state.team?.channels, id)?.name ?? id,
  usergroup: (id) => find(state.team?.usergroups, id)?.handle ?? id,
  emojiPicture: (name) => {
    const value = state.team?.emoji[name];
    return value?.startsWith('alias:') ? state.team.emoji[value.slice(6)] : value;
  },
  emojiCode: (name) => {
    const [base, tone] = name.split('::skin-tone-');
    const code = state.emoji[base];
    return code && tone ? `${code}-1f3f${'bcdef'[Number(tone) - 2]}` : code;
  },
};

const actions = {
  toggleReaction: (message, name) => {
    const mine = message.reactions?.some((one) => one.name === name && one.users.includes(state.person));
    return tried(act(mine ? 'unreact' : 'react', { ...at(message), user: state.person, name }));
  },
  openThread: (ts) => {
    state.thread = ts;
    return tried(showThread());
  },
  edit: (message) => {
    const text = window.prompt('New text', message.text);
    return text ? tried(act('edit', { ...at(message), text })) : undefined;
  },
  remove: (message) => tried(act('delete', at(message))),
  removeFile: ({ id }) => tried(act('deleteFile', { file: id })),
};

const at = (message) => ({ channel: state.channel, ts: message.ts });

/** Shows what went wrong at the foot of the page for a while. */
async function tried(promise) {
  try {
    return await promise;
  } catch (error) {
    const problem = byId('problem');
    problem.textContent = error.message;
    problem.hidden = false;
    setTimeout(() => {
      problem.hidden = true;
    }, 8000);
    return undefined;
  }
}

async function showWorld() {
  const { teams } = await read('world');
  state.team = find(teams, state.team?.id) ?? teams[0];
  if (!state.team) return;
  byId('team').textContent = state.team.name;
  document.title = `${state.team.name} · Slack sandbox`;
  showPeople();
  const channels = state.team.channels.filter(({ kind }) => kind === 'public' || kind === 'private');
  const channel = find(state.team.channels, state.channel) ?? { kind: 'im', members: [] };
  const shown = isIn(channel, state.person) ? channel : channels[0];
  if (shown?.id !== state.channel) state.thread = undefined;
  state.channel = shown?.id;
  byId('channels').replaceChildren(...channels.map((each) => channelButton(each, each.name)));
  byId('channel-name').textContent = showDirects({ state, view, button: channelButton });
  byId('topic').textContent = [shown?.topic?.value, shown?.is_archived ? 'archived' : '']
    .filter(Boolean)
    .join(' · ');
}

function showPeople() {
  const people = state.team.users.filter(
    ({ id, is_bot: bot, deleted }) => id !== 'USLACKBOT' && !bot && !deleted,
  );
  if (!find(people, state.person)) state.person = people[0]?.id;
  byId('person').replaceChildren(
    ...people.map(({ id }) => el('option', { value: id, selected: id === state.person }, view.user(id))),
  );
}

const signs = { public: '#', private: '🔒', im: '●', mpim: '●●' };

function channelButton({ id, kind }, name) {
  const open = () => {
    state.channel = id;
    state.thread = undefined;
    return tried(showAll());
  };
  const chosen = id === state.channel ? 'page' : undefined;
  return el('button', { onclick: open, 'aria-current': chosen }, `${signs[kind]} ${name}`);
}

async function showMessages() {
  if (!state.channel) return;
  fill(byId('messages'), await read('messages', { channel: state.channel, limit: 200 }));
}

async function showThread() {
  byId('thread').hidden = !state.thread;
  if (!state.thread) return;
  fill(byId('thread-messages'), await read('thread', { channel: state.channel, ts: state.thread }));
}

/** Stays at the end where the reader was at the end. */
function fill(list, messages) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.replaceChildren(...messages.map((message) => renderMessage(message, view, actions)));
  const toEnd = () => {
    list.scrollTop = list.scrollHeight;
  };
  if (!atEnd) return;
  toEnd();
  // Pictures take their room when they come.
  for (const image of list.querySelectorAll('img')) image.addEventListener('load', toEnd, { once: true });
}

async function showAll() {
  await showWorld();
  await Promise.all([showMessages(), showThread()]);
}

// Many changes at once are one reading.
let planned;
function plan() {
  planned ??= setTimeout(() => {
    planned = undefined;
    void tried(showAll());
  }, 40);
}

openComposer(byId('composer'), document.querySelector('main'), {
  tried,
  whoWrites: () => state.person,
  send: (text, files) => {
    const place = { channel: state.channel, user: state.person };
    const isAction = text.startsWith('/me ') && files.length === 0;
    return isAction
      ? act('postMe', { ...place, text: text.slice(4) })
      : act('post', { ...place, text, files });
  },
});

openComposer(byId('thread-composer'), byId('thread'), {
  tried,
  whoWrites: () => state.person,
  send: async (text, files, { broadcast }) => {
    const place = { channel: state.channel, user: state.person, thread: state.thread };
    await act('post', { ...place, text, files, broadcast: broadcast.checked });
    broadcast.checked = false;
  },
});

byId('new-channel').addEventListener('submit', (event) => {
  event.preventDefault();
  void tried(createChannel(event.target.elements));
});

async function openDirect(others) {
  const { id } = await act('openDirect', { team: state.team.id, users: [state.person, ...others] });
  state.channel = id;
  state.thread = undefined;
  await showAll();
}

async function createChannel({ name }) {
  if (!name.value) return;
  const { id } = await act('createChannel', {
    team: state.team.id,
    name: name.value,
    creator: state.person,
    members: [state.person],
    withApp: false,
  });
  name.value = '';
  state.channel = id;
}

onNewDirect((others) => tried(openDirect(others)));

byId('person').addEventListener('change', (event) => {
  state.person = event.target.value;
  void tried(showAll());
});
byId('close-thread').addEventListener('click', () => {
  state.thread = undefined;
  byId('thread').hidden = true;
});
async function start() {
  state.emoji = await read('standardEmoji');
  await showAll();
  follow({
    onChange: plan,
    onLog: addLogEntry,
    // Also after the connection was lost: what happened meanwhile is read again.
    onHello: () => {
      clearLogView();
      void read('log', { limit: 100 }).then((entries) => entries.forEach((entry) => addLogEntry(entry)));
      plan();
    },
  });
}
void tried(start());
