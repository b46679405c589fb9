import assert from 'node:assert/strict';
import type { LinkedRoom, Scene } from '../bridge.ts';
import { eventually } from '../bridge/eventually.ts';
import { positionOf, unseen } from './attacks.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where in a message of Matrix a string stands. */
interface Position {
  readonly name: string;
  readonly content: (mark: string, attack: string) => Fields;
  /** Of the event; absent: `m.room.message`. */
  readonly type?: string;
  /** Where a link may lead that is there: what the sender or the bridge made. */
  readonly links?: RegExp;
  readonly isName?: true;
  /** The sender is called so while writing. */
  readonly isSender?: true;
}

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\0', '');
const html = (body: string, formatted: string): Fields => ({
  msgtype: 'm.text',
  body,
  format: 'org.matrix.custom.html',
  formatted_body: formatted,
  'm.mentions': {},
});
const plain = (body: string): Fields => ({ msgtype: 'm.text', body, 'm.mentions': {} });
const toEvent = /^https:\/\/matrix\.to\/#\/!/;
const good = /^https:\/\/good\.example\/$/;

const positions: readonly Position[] = [
  { name: 'text', content: (mark, attack) => plain(`${mark} ${attack}`) },
  { name: 'text of HTML', content: (mark, attack) => html(mark, `${mark} <p>${escaped(attack)}</p>`) },
  {
    name: 'code',
    content: (mark, attack) => html(mark, `${mark}<pre><code>${escaped(attack)}</code></pre>`),
  },
  {
    name: 'language of code',
    content: (mark, attack) =>
      html(mark, `${mark}<pre><code class="language-${escaped(attack)}">x</code></pre>`),
  },
  {
    name: 'label of a link',
    content: (mark, attack) => html(mark, `${mark} <a href="https://good.example/">${escaped(attack)}</a>`),
    links: good,
  },
  {
    name: 'name of an emoji',
    content: (mark, attack) =>
      html(
        mark,
        `${mark} <img data-mx-emoticon src="mxc://evil.example/x" alt="${escaped(attack)}" title="${escaped(attack)}">`,
      ),
  },
  {
    name: 'alternative text',
    content: (mark, attack) =>
      html(mark, `${mark} <img src="mxc://evil.example/x" alt="${escaped(attack)}">`),
    links: toEvent,
  },
  {
    name: 'cell of a table',
    content: (mark, attack) => html(mark, `${mark}<table><tr><td>${escaped(attack)}</td></tr></table>`),
  },
  {
    name: 'name of a file that can’t be had',
    content: (mark, attack) => ({
      msgtype: 'm.file',
      body: `${mark} ${attack}`,
      filename: `${mark} ${attack}`,
      url: 'mxc://localhost/none', // it isn't there: its name is shown instead
      'm.mentions': {},
    }),
    links: toEvent,
  },
  {
    name: 'question and answer of a poll',
    type: 'org.matrix.msc3381.poll.start',
    content: (mark, attack) => ({
      'org.matrix.msc3381.poll.start': {
        question: { 'org.matrix.msc1767.text': `${mark} ${attack}` },
        kind: 'org.matrix.msc3381.poll.disclosed',
        max_selections: 1,
        answers: [{ id: 'a', 'org.matrix.msc1767.text': attack }],
      },
      'org.matrix.msc1767.text': attack,
      'm.mentions': {},
    }),
  },
  {
    name: 'description of a place',
    content: (mark, attack) => ({
      msgtype: 'm.location',
      body: `${mark} ${attack}`,
      geo_uri: 'geo:1,2',
      'm.mentions': {},
      'org.matrix.msc3488.location': { uri: 'geo:1,2', description: `${mark} ${attack}` },
    }),
    links: /^https:\/\/www\.openstreetmap\.org\//,
  },
  {
    name: 'name in the profile of a message',
    content: (mark, attack) => ({
      ...plain(`${mark} hello`),
      'com.beeper.per_message_profile': { id: mark, displayname: attack },
    }),
    isName: true,
  },
  {
    name: 'name of the sender',
    content: (mark) => plain(`${mark} hello`),
    isName: true,
    isSender: true,
  },
];

export interface Sent {
  readonly mark: string;
  readonly position: Position;
  readonly attack: string;
}

/** Alice writes the strings, each in another place, and waits until all of it is in Slack. */
export async function sendToSlack(
  { alice }: Scene,
  { room }: LinkedRoom,
  strings: readonly string[],
): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const begin = Date.now();
  for (const [index, attack] of strings.entries()) {
    const position = positionOf(positions, index, attack);
    const mark = `m${begin}n${index}.`;
    if (position.isSender) await alice.setName(attack.slice(0, 250));
    await alice.send(room, position.content(mark, attack), position.type);
    if (position.isSender) await alice.setName('Alice');
    sent.push({ mark, position, attack });
  }
  return sent;
}

/** The calls by which it came to Slack: none calls anybody, links where nobody linked, or shows a name that deceives. */
export async function judgeInSlack({ slack }: Scene, sent: readonly Sent[]): Promise<void> {
  const calls = (): readonly Fields[] =>
    slack.control
      .log({ kind: 'api', name: 'chat.postMessage', limit: 2_000 })
      .flatMap(({ details }) => (isFields(details['args']) ? [details['args']] : []));
  const missing = (): readonly Sent[] => {
    const texts = calls().map((call) => JSON.stringify(call));
    return sent.filter(({ mark }) => !texts.some((text) => text.includes(mark)));
  };
  await eventually(
    () => missing().length === 0,
    () => `Missing in Slack: ${JSON.stringify(missing().map(({ attack }) => attack))}`,
    60_000,
    250,
  );
  for (const call of calls()) {
    const found = sent.find(({ mark }) => JSON.stringify(call).includes(mark));
    if (found) judgeCall(call, found);
  }
}

function judgeCall(call: Fields, { position, attack }: Sent): void {
  const about = `${position.name}: ${JSON.stringify(attack)} became ${JSON.stringify(call)}`;
  for (const element of elementsIn(parsed(call['blocks']))) {
    const { type, url } = element;
    assert.ok(!live.has(String(type)), about);
    if (typeof url === 'string') assert.ok(position.links?.test(url), about);
  }
  const text = String(call['text']);
  for (const [, token = ''] of text.matchAll(/<([^>]*)>/g)) {
    const [address = ''] = token.replaceAll('&amp;', '&').split('|');
    assert.ok(position.links?.test(address), about);
  }
  assert.doesNotMatch(text.replaceAll(/<[^<>]*>/g, ''), /<|&(?!(?:amp|lt|gt);)/, about);
  const name = String(call['username']);
  assert.match(name, /^\S.*\(.*Matrix\)$/su, about);
  assert.doesNotMatch(name, unseen, about);
}

/** Elements that call somebody, or lead somewhere, by an id. */
const live: ReadonlySet<string> = new Set(['user', 'usergroup', 'broadcast', 'channel', 'team']);

/** Everything with a type, however deep. */
function elementsIn(value: unknown): readonly Fields[] {
  if (Array.isArray(value)) return value.flatMap(elementsIn);
  if (!isFields(value)) return [];
  return [...('type' in value ? [value] : []), ...Object.values(value).flatMap(elementsIn)];
}

/** Arguments may be JSON in a form. */
function parsed(value: unknown): unknown {
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : value; // parse gives `any`
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
