import type { ArgumentKind } from './command.ts';

/**
 * The words of a command: set apart by spaces, those in quotes or between `<` and `>` (as Slack sends links and mentions)
 * are one.
 */
export function wordsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(word), ([whole, straight, curly]) => straight ?? curly ?? whole);
}

const word = /"([^"]*)"(?!\S)|“([^”]*)”(?!\S)|<[^<>\s][^<>]*>|\S+/g;

/** Takes the link, the pill or Slack's escape away from a word: what is left is an id where there was one. */
export function readWord(kind: ArgumentKind, raw: string): string {
  const plain = withoutBrackets(raw);
  switch (kind) {
    case 'channel':
      return slackChannelIn(plain) ?? matrixIdIn(plain) ?? plain;
    case 'room':
      return matrixIdIn(plain) ?? plain;
    case 'person':
      return /^https?:\/\/[^/]+\/team\/([UW][A-Z0-9]+)/.exec(plain)?.[1] ?? matrixIdIn(plain) ?? plain;
    default:
      return plain;
  }
}

/**
 * What Slack writes for a mention, a link or an address, and its escapes; any other text as it stands.
 * @see https://docs.slack.dev/interactivity/implementing-slash-commands#escaping
 */
function withoutBrackets(raw: string): string {
  const [, inside] = /^<([^<>]+)>$/.exec(raw) ?? [];
  const [target = '', label] = (inside ?? raw).split('|');
  const read = inside === undefined ? raw : target;
  const [, id] = /^(?:[#@]|!subteam\^)([A-Z][A-Z0-9]+)$/.exec(read) ?? [];
  if (id !== undefined && inside !== undefined) return id;
  if (inside !== undefined && read.startsWith('mailto:')) return label ?? read.slice('mailto:'.length);
  return read.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** In a link to a channel, or to a message in it. */
function slackChannelIn(text: string): string | undefined {
  const patterns = [
    /^https?:\/\/[^/]+\/archives\/([CDG][A-Z0-9]+)(?:[/?#]|$)/,
    /^https?:\/\/app\.slack\.com\/client\/[A-Z0-9]+\/([CDG][A-Z0-9]+)(?:[/?#]|$)/,
    /^slack:\/\/channel\?(?:\S*&)?id=([CDG][A-Z0-9]+)(?:&|$)/,
  ];
  return patterns.map((pattern) => pattern.exec(text)?.[1]).find((id) => id !== undefined);
}

const sigils: Readonly<Record<string, string>> = {
  u: '@',
  user: '@',
  r: '#',
  room: '#',
  roomid: '!',
};

/** In a matrix.to link or a `matrix:` URI. */
function matrixIdIn(text: string): string | undefined {
  const [, encoded] = /^https?:\/\/(?:www\.)?matrix\.to\/#\/([^/?]+)/i.exec(text) ?? [];
  if (encoded !== undefined) return decoded(encoded);
  const [, kind = '', id = ''] = /^matrix:([a-z]+)\/([^/?]+)/i.exec(text) ?? [];
  const sigil = sigils[kind.toLowerCase()];
  return sigil === undefined ? undefined : sigil + decoded(id);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray percent sign: taken as it stands
  }
}
