import { el } from './dom.js';
import { renderBlocks } from './blocks.js';
import { renderFiles } from './files.js';
import { emoji, mrkdwn, safe } from './rich-text.js';

const palette = ['+1', 'heart', 'tada', 'joy', 'eyes', 'rocket', 'white_check_mark', 'wave'];

/** One message as a list item. `view` names people and things, `actions` does what its buttons ask. */
export function renderMessage(message, view, actions) {
  const author = authorOf(message, view);
  return el(
    'li',
    { class: message.subtype === 'tombstone' ? 'message gone' : 'message', 'data-ts': message.ts },
    picture(author),
    el(
      'div',
      { class: 'content' },
      head(message, author),
      body(message, view, actions),
      foot(message, view, actions),
    ),
    buttons(message, view, actions),
  );
}

/** Without a picture: the name's first letter, as Slack shows its own. */
function picture({ name, picture: src }) {
  if (src) return el('img', { class: 'avatar', src, alt: '' });
  return el('span', { class: 'avatar', 'aria-hidden': true }, name.slice(0, 1).toUpperCase());
}

function authorOf(message, view) {
  const user = view.userOf(message.user);
  const profile = isByPerson(message, view) ? undefined : message.bot_profile;
  const address =
    message.icons?.image_48 ?? message.icons?.image_72 ?? profile?.icons?.image_48 ?? user?.profile?.image_48;
  const name = message.username ?? profile?.name ?? view.user(message.user ?? '');
  return { name, picture: address, app: message.bot_id !== undefined && !isByPerson(message, view) };
}

/** Also what an app posted with a person's own token. */
function isByPerson(message, view) {
  const user = view.userOf(message.user);
  return user !== undefined && !user.is_bot && message.username === undefined;
}

function head(message, author) {
  const time = new Date(Number(message.ts) * 1000);
  return el(
    'div',
    { class: 'head' },
    el('b', {}, author.name),
    author.app ? el('span', { class: 'app' }, 'APP') : '',
    el(
      'time',
      { title: time.toLocaleString() },
      time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
    ),
    message.subtype === 'thread_broadcast' ? el('span', { class: 'hint' }, 'replied to a thread') : '',
  );
}

function body(message, view, actions) {
  const written = message.text ? [el('p', {}, mrkdwn(message.text, view))] : [];
  const parts = message.blocks?.length ? renderBlocks(message.blocks, view) : written;
  const text = el('div', { class: message.subtype === 'me_message' ? 'body me' : 'body' }, parts);
  const edited = message.edited ? el('span', { class: 'hint' }, '(edited)') : '';
  return [
    text,
    edited,
    (message.attachments ?? []).map((one) => attachment(one, view)),
    renderFiles(message.files ?? [], {
      removeFile: actions.removeFile,
      isMine: (one) => one.user === view.me(),
    }),
  ];
}

function attachment(one, view) {
  const content = one.blocks
    ? renderBlocks(one.blocks, view)
    : [
        line(one.author_name, view, 'b', one.author_link),
        line(one.title, view, 'b', one.title_link),
        line(one.text ?? (one.title ? undefined : one.fallback), view, 'span'),
      ];
  const fields = (one.fields ?? []).map(({ title, value }) => [
    el('p', {}, el('b', {}, title ?? ''), el('br'), mrkdwn(value ?? '', view)),
  ]);
  const picture = safe(one.image_url ?? one.thumb_url ?? '');
  const style = /^#?[0-9a-f]{6}$/i.test(one.color ?? '')
    ? `border-color:#${one.color.replace('#', '')}`
    : undefined;
  return [
    line(one.pretext, view, 'span'),
    el(
      'div',
      { class: 'attachment', style },
      content,
      el('div', { class: 'fields' }, fields),
      picture ? el('img', { src: picture, alt: '' }) : '',
      one.footer ? el('p', { class: 'hint' }, one.footer) : '',
    ),
  ];
}

function line(text, view, kind, address) {
  if (!text) return '';
  const shown = el(kind, {}, mrkdwn(text, view));
  const link = safe(address ?? '');
  return el('p', {}, link ? el('a', { href: link, target: '_blank', rel: 'noreferrer' }, shown) : shown);
}

function foot(message, view, actions) {
  const reactions = (message.reactions ?? []).map(({ name, users }) =>
    el(
      'button',
      {
        class: users.includes(view.me()) ? 'reaction mine' : 'reaction',
        title: users.map((id) => view.user(id)).join(', '),
        onclick: () => actions.toggleReaction(message, name),
      },
      emoji(name, view),
      ` ${users.length}`,
    ),
  );
  const replies = message.reply_count
    ? el(
        'button',
        { class: 'replies', onclick: () => actions.openThread(message.ts) },
        `${message.reply_count} ${message.reply_count === 1 ? 'reply' : 'replies'}`,
      )
    : '';
  return el('div', { class: 'foot' }, reactions, replies);
}

function buttons(message, view, actions) {
  const own = message.user === view.me() && isByPerson(message, view);
  const picker = palette.map((name) =>
    el(
      'button',
      { class: 'pick', title: `:${name}:`, onclick: () => actions.toggleReaction(message, name) },
      emoji(name, view),
    ),
  );
  return el(
    'div',
    { class: 'buttons' },
    picker,
    el(
      'button',
      { title: 'Reply in a thread', onclick: () => actions.openThread(message.thread_ts ?? message.ts) },
      '💬',
    ),
    own ? el('button', { title: 'Edit', onclick: () => actions.edit(message) }, '✏️') : '',
    own ? el('button', { title: 'Delete', onclick: () => actions.remove(message) }, '🗑️') : '',
  );
}
