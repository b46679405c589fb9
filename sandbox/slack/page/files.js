import { el } from './dom.js';

// Files are private: they come with the page's cookie, and so from the page's own address.
function own(address) {
  return address ? new URL(address).pathname : undefined;
}

/** The files of a message: pictures side by side, everything else one below the other. */
export function renderFiles(files, actions) {
  const pictures = files.filter((one) => isPicture(one));
  const others = files.filter((one) => !isPicture(one));
  return [
    pictures.length > 0
      ? el(
          'div',
          { class: pictures.length > 1 ? 'pictures several' : 'pictures' },
          pictures.map((one) => framed(picture(one, pictures.length > 1), one, actions)),
        )
      : '',
    others.map((one) => framed(other(one), one, actions)),
  ];
}

function isPicture(one) {
  return one.mode === 'hosted' && (one.mimetype ?? '').startsWith('image/');
}

function framed(shown, one, { removeFile, isMine }) {
  const tools = el(
    'span',
    { class: 'file-tools' },
    one.url_private_download && !one.is_external
      ? el('a', { href: own(one.url_private_download), title: `Download ${one.name}` }, '⬇')
      : '',
    isMine(one) && one.mode !== 'tombstone'
      ? el('button', { title: `Delete ${one.name}`, onclick: () => removeFile(one) }, '🗑️')
      : '',
  );
  return el('div', { class: 'file', 'data-file': one.id }, shown, tools);
}

/** As large as Slack shows it: 360 on the longer side, or a square among several. */
function picture(one, isOneOfSeveral) {
  const moves = one.filetype === 'gif' ? one.thumb_360_gif : undefined;
  const address = own(
    moves ?? (isOneOfSeveral ? one.thumb_480 : undefined) ?? one.thumb_360 ?? one.url_private,
  );
  const image = el('img', {
    src: address,
    alt: one.alt_txt ?? one.title ?? '',
    title: one.title,
    width: isOneOfSeveral ? undefined : one.thumb_360_w,
    height: isOneOfSeveral ? undefined : one.thumb_360_h,
  });
  return [
    isOneOfSeveral ? '' : el('span', { class: 'file-name' }, one.title),
    el('a', { href: own(one.url_private), target: '_blank', class: 'picture' }, image),
  ];
}

function other(one) {
  if (one.mode === 'tombstone') return el('p', { class: 'file-card gone' }, '🗑️ This file was deleted.');
  if (one.file_access === 'check_file_info')
    return el('p', { class: 'file-card gone' }, '📎 A file of another organisation.');
  if (one.mode === 'snippet') return snippet(one);
  if (one.media_display_type === 'audio') return sound(one);
  if (one.media_display_type === 'video') return film(one);
  return card(one);
}

function snippet(one) {
  const more =
    one.lines_more > 0 ? `… ${one.lines_more} more ${one.lines_more === 1 ? 'line' : 'lines'}` : '';
  return el(
    'div',
    { class: 'snippet' },
    el('span', { class: 'file-name' }, one.title, el('span', { class: 'hint' }, ` ${one.pretty_type}`)),
    el('pre', {}, el('code', {}, one.preview)),
    more ? el('a', { class: 'hint', href: own(one.url_private), target: '_blank' }, more) : '',
  );
}

function sound(one) {
  const samples = one.audio_wave_samples ?? [];
  return el(
    'div',
    { class: 'sound' },
    one.subtype === 'slack_audio' ? '' : el('span', { class: 'file-name' }, one.title),
    samples.length > 0
      ? el(
          'span',
          { class: 'wave', 'aria-hidden': true },
          samples.map((height) => el('i', { style: `height:${Math.max(6, height)}%` })),
        )
      : '',
    el('audio', { src: own(one.url_private), controls: true, preload: 'none' }),
    one.duration_ms ? el('span', { class: 'hint' }, minutes(one.duration_ms)) : '',
  );
}

function film(one) {
  const poster = own(one.thumb_video);
  return [
    el('span', { class: 'file-name' }, one.title),
    el('video', { src: own(one.url_private), poster, controls: true, preload: 'none', title: one.title }),
    one.duration_ms ? el('span', { class: 'hint' }, minutes(one.duration_ms)) : '',
  ];
}

const icons = { pdf: '📕', zip: '🗜️', quip: '📝', space: '📝', list: '☑️' };

function card(one) {
  const about = one.is_external
    ? (one.external_type ?? 'elsewhere')
    : [one.pretty_type, one.mode === 'hosted' ? sizeOf(one.size ?? 0) : ''].filter(Boolean).join(' · ');
  const address = one.is_external ? one.url_private : own(one.url_private);
  return el(
    'a',
    { class: 'file-card', href: address, target: '_blank', rel: 'noreferrer' },
    el(
      'span',
      { class: 'file-icon', 'aria-hidden': true },
      one.is_external ? '🔗' : (icons[one.filetype] ?? '📄'),
    ),
    el(
      'span',
      {},
      el('b', {}, one.title ?? one.name ?? one.id),
      el('br'),
      el('span', { class: 'hint' }, about),
    ),
  );
}

function minutes(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function sizeOf(bytes) {
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['KB', 1e3],
  ]) {
    if (bytes >= size) return `${(bytes / size).toFixed(bytes < size * 10 ? 1 : 0)} ${unit}`;
  }
  return `${bytes} bytes`;
}
