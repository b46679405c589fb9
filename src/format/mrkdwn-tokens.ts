/** The tokens of Slack mrkdwn between angle brackets, and its three escapes. */
import { mentionText } from './plain-text.ts';
import { asChannel, asSlackUser, asUsergroup } from './safe-id.ts';
import { dateText } from './slack-date.ts';
import type { Inline, Mention, Text } from './tree.ts';
import { link, mention, text } from './tree.ts';
import { safeUrl } from './url.ts';

/** Slack escapes `&`, `<` and `>`, no others; each is read once, so that `&amp;lt;` is `&lt;`. */
export function unescapeMrkdwn(value: string): string {
  return value.replace(/&(amp|lt|gt);/g, (_, name: string) =>
    name === 'amp' ? '&' : name === 'lt' ? '<' : '>',
  );
}

export function escapeMrkdwn(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Where the token that starts at `from` (a `<`) ends: the index of its `>`; -1 if another `<`, a line's end or the
 * text's end comes first, so that many openings without an end cost no more than their length.
 */
export function tokenEnd(source: string, from: number): number {
  for (let index = from + 1; index < source.length; index += 1) {
    const char = source[index];
    if (char === '>') return index > from + 1 ? index : -1;
    if (char === '<' || char === '\n') return -1;
  }
  return -1;
}

/** What a token says, given without its brackets; as it stands if it can't be read. */
export function readToken(token: string): Inline {
  const bar = token.indexOf('|');
  const head = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? '' : unescapeMrkdwn(token.slice(bar + 1));
  return (
    readMention(head, label) ??
    readDate(head, label) ??
    readLink(head, label) ??
    text(`<${unescapeMrkdwn(token)}>`)
  );
}

/** A token inside code, where nothing is live. */
export function tokenText(token: string): string {
  const node = readToken(token);
  if (node.type === 'mention') return mentionText(node.target);
  if (node.type !== 'link') return node.type === 'text' ? node.text : '';
  const bar = token.indexOf('|');
  return unescapeMrkdwn(bar < 0 ? token : token.slice(bar + 1) || token.slice(0, bar));
}

function readMention(head: string, label: string): Inline | undefined {
  const target = mentionTarget(head, label);
  return target && mention(target);
}

function mentionTarget(head: string, label: string): Mention | undefined {
  const named = (name: string) => (name === '' ? {} : { label: name });
  const bare = label.replace(/^[@#]/, '');
  if (head.startsWith('@')) {
    const user = asSlackUser(head.slice(1));
    return user && { type: 'slack-user', user, ...named(bare) };
  }
  if (head.startsWith('#')) {
    const channel = asChannel(head.slice(1));
    return channel && { type: 'slack-channel', channel, ...named(bare) };
  }
  if (head.startsWith('!subteam^')) {
    const usergroup = asUsergroup(head.slice('!subteam^'.length));
    return usergroup && { type: 'usergroup', usergroup, ...named(bare) };
  }
  switch (head) {
    case '!here':
    case '!group':
      return { type: 'everyone', range: 'here' };
    case '!channel':
      return { type: 'everyone', range: 'channel' };
    case '!everyone':
      return { type: 'everyone', range: 'everyone' };
    default:
      return undefined;
  }
}

/** `!date^seconds^format` or `!date^seconds^format^link`. */
function readDate(head: string, label: string): Inline | undefined {
  const [kind, seconds = '', format = '', address = ''] = head.split('^');
  if (kind !== '!date' || seconds === '') return undefined;
  const shown = text(dateText(Number(seconds), unescapeMrkdwn(format), label));
  const url = safeUrl(unescapeMrkdwn(address));
  return url === undefined ? shown : link(url, [shown]);
}

/** A label that is code as a whole, as apps name commits. */
function labelText(label: string): Text {
  const code = /^`([^`]+)`$/.exec(label)?.[1];
  return code === undefined ? text(label) : text(code, { code: true });
}

function readLink(head: string, label: string): Inline | undefined {
  const address = unescapeMrkdwn(head);
  const url = safeUrl(address);
  if (url !== undefined) return link(url, [labelText(label || address.replace(/^mailto:/i, ''))]);
  const scheme = /^[a-z][a-z0-9+.-]{0,30}:/i.exec(address)?.[0]; // another scheme (tel:, slack:): shown, not linked
  if (scheme === undefined) return undefined;
  return text(
    label === '' || address.endsWith(label) ? address.replace(/^tel:/i, '') : `${label} (${address})`,
  );
}
