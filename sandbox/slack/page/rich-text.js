import { el } from './dom.js';

export function richText(block, names) {
  return el(
    'div',
    { class: 'rich-text' },
    block.elements.map((part) => section(part, names)),
  );
}

function section(part, names) {
  const inner = () => (part.elements ?? []).map((child) => inline(child, names));
  switch (part.type) {
    case 'rich_text_section':
      return el('p', {}, inner());
    case 'rich_text_quote':
      return el('blockquote', {}, inner());
    case 'rich_text_preformatted':
      return el('pre', {}, inner());
    case 'rich_text_list': {
      const items = part.elements.map((item) =>
        el(
          'li',
          {},
          (item.elements ?? []).map((child) => inline(child, names)),
        ),
      );
      const start = part.offset ? part.offset + 1 : undefined;
      const style = part.indent ? `margin-left:${part.indent * 1.5}em` : undefined;
      return el(part.style === 'ordered' ? 'ol' : 'ul', { start, style }, items);
    }
    default:
      return el('p', {}, JSON.stringify(part));
  }
}

function inline(part, names) {
  switch (part.type) {
    case 'text':
      return styled(part.text, part.style);
    case 'link':
      return styled(
        el('a', { href: safe(part.url), target: '_blank', rel: 'noreferrer' }, part.text || part.url),
        part.style,
      );
    case 'user':
      return el('span', { class: 'mention' }, `@${names.user(part.user_id)}`);
    case 'usergroup':
      return el('span', { class: 'mention' }, `@${names.usergroup(part.usergroup_id)}`);
    case 'channel':
      return el('span', { class: 'mention' }, `#${names.channel(part.channel_id)}`);
    case 'broadcast':
      return el('span', { class: 'mention' }, `@${part.range}`);
    case 'emoji':
      return emoji(part.name, names, part.unicode);
    case 'date':
      return part.fallback ?? new Date(part.timestamp * 1000).toLocaleString();
    case 'color':
      return el('span', {}, part.value);
    default:
      return part.text ?? JSON.stringify(part);
  }
}

function styled(content, style = {}) {
  let node = content;
  for (const [name, tag] of [
    ['code', 'code'],
    ['bold', 'b'],
    ['italic', 'i'],
    ['strike', 's'],
    ['underline', 'u'],
  ])
    if (style[name]) node = el(tag, {}, node);
  return node;
}

const token =
  /<([@#!]?)([^|>]+)(?:\|([^>]*))?>|:([a-z0-9_+'-]+):|\*([^*\n]+)\*|_([^_\n]+)_|~([^~\n]+)~|`([^`\n]+)`/g;

/** A first idea of mrkdwn, enough to read what apps post: the bridge has its own. */
export function mrkdwn(text, names) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    parts.push(unescape(text.slice(end, match.index)), mrkdwnToken(match, names));
    end = match.index + match[0].length;
  }
  return [...parts, unescape(text.slice(end))];
}

function mrkdwnToken([whole, sign, target, label, emojiName, bold, italic, strike, code], names) {
  if (emojiName) return emoji(emojiName, names);
  if (bold) return el('b', {}, unescape(bold));
  if (italic) return el('i', {}, unescape(italic));
  if (strike) return el('s', {}, unescape(strike));
  if (code) return el('code', {}, unescape(code));
  if (sign === '@') return el('span', { class: 'mention' }, `@${label ?? names.user(target)}`);
  if (sign === '#') return el('span', { class: 'mention' }, `#${label ?? names.channel(target)}`);
  if (sign === '!') return el('span', { class: 'mention' }, label ?? `@${target}`);
  if (/^(https?|mailto):/.test(target))
    return el('a', { href: target, target: '_blank', rel: 'noreferrer' }, unescape(label ?? target));
  return whole;
}

/** A picture where the workspace has one, the character where it is known, else its name. */
export function emoji(name, names, unicode) {
  const picture = names.emojiPicture(name);
  if (picture) return el('img', { class: 'emoji', src: picture, alt: `:${name}:`, title: `:${name}:` });
  const code = unicode ?? names.emojiCode(name);
  const character = code
    ?.split('-')
    .map((point) => String.fromCodePoint(Number.parseInt(point, 16)))
    .join('');
  return el('span', { class: 'emoji', title: `:${name}:` }, character ?? `:${name}:`);
}

function unescape(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

export function safe(url) {
  return /^(https?|mailto):/i.test(url) ? url : undefined;
}
