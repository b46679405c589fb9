import assert from 'node:assert/strict';
import type { LinkedRoom, Scene } from '../bridge.ts';
import { positionOf, unseen } from './attacks.ts';
import { elementsIn } from './elements.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where in a message of Slack a string stands. */
interface Position {
  readonly name: string;
  /** The message's own fields. `mark` is what it is known by. */
  readonly message: (mark: string, attack: string, user: string) => Fields;
  readonly isName?: true;
  /** The elements that the bridge itself puts there, with their attributes. */
  readonly elements: readonly string[];
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const said = (...elements: readonly Fields[]): Fields => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});
const words = (text: string): Fields => ({ type: 'text', text });
const good = 'https://good.example/';

const positions: readonly Position[] = [
  {
    name: 'text',
    message: (mark, attack, user) => ({
      user,
      text: escaped(attack),
      blocks: [said(words(`${mark} ${attack}`))],
    }),
    elements: [],
  },
  {
    name: 'plain text of a block',
    message: (mark, attack, user) => ({
      user,
      text: mark,
      blocks: [{ type: 'section', text: { type: 'plain_text', text: `${mark} ${escaped(attack)}` } }],
    }),
    elements: [],
  },
  {
    name: 'code',
    message: (mark, attack, user) => ({
      user,
      text: mark,
      blocks: [
        said(words(mark)),
        { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [words(attack)] }] },
      ],
    }),
    elements: ['pre', 'code'],
  },
  {
    name: 'label of a link',
    message: (mark, attack, user) => ({
      user,
      text: mark,
      blocks: [said(words(`${mark} `), { type: 'link', url: good, text: attack })],
    }),
    elements: [`a href=${good}`],
  },
  {
    name: 'name of an emoji',
    message: (mark, attack, user) => ({
      user,
      text: mark,
      blocks: [said(words(`${mark} `), { type: 'emoji', name: attack })],
    }),
    elements: [],
  },
  {
    name: 'alternative text',
    message: (mark, attack, user) => ({
      user,
      text: mark,
      blocks: [said(words(mark)), { type: 'image', image_url: good, alt_text: attack }],
    }),
    elements: [`a href=${good}`],
  },
  {
    name: 'name of a file',
    message: (mark, attack, user) => ({
      subtype: 'file_share',
      user,
      text: mark,
      files: [{ id: 'F0ATTACK01', name: `${mark} ${attack}`, mode: 'hosted', size: 7, permalink: good }],
    }),
    elements: [`a href=${good}`],
  },
  {
    name: 'parts of an attachment',
    message: (mark, attack, user) => ({
      user,
      text: mark,
      attachments: [
        {
          author_name: escaped(attack),
          title: escaped(attack),
          footer: escaped(attack),
          fallback: escaped(attack),
          fields: [{ title: escaped(attack), value: 'x' }],
        },
      ],
    }),
    elements: ['blockquote', 'strong'],
  },
  {
    name: 'names of a channel and of a usergroup',
    message: (mark, attack, user) => ({
      user,
      text: `${mark} <#C0ELSEWHERE|${escaped(attack)}> <!subteam^S0ELSEWHERE|@${escaped(attack)}>`,
    }),
    elements: ['blockquote', 'pre', 'code', 'strong', 'em', 'del'], // mrkdwn around it is read
  },
  {
    name: 'name of an app',
    message: (mark, attack) => ({
      subtype: 'bot_message',
      bot_id: 'B0ATTACK01',
      username: attack,
      text: `${mark} hello`,
    }),
    elements: ['strong data-mx-profile-fallback='],
    isName: true,
  },
  {
    name: 'name of a person',
    message: (mark, _attack, user) => ({ user, text: `${mark} hello` }),
    elements: [],
    isName: true,
  },
];

export interface Sent {
  readonly mark: string;
  readonly position: Position;
  readonly attack: string;
}

/** Slack tells of messages that hold the strings, each in another place. */
export function sendToMatrix(
  { slack }: Scene,
  { channel }: LinkedRoom,
  strings: readonly string[],
): readonly Sent[] {
  const begin = Math.floor(Date.now() / 1000);
  return strings.map((attack, index) => {
    const position = positionOf(positions, index, attack);
    const mark = `s${begin}n${index}.`;
    const ts = `${begin}.${String(index).padStart(6, '0')}`;
    const message = {
      type: 'message',
      channel: channel.id,
      ts,
      event_ts: ts,
      channel_type: 'channel',
      ...position.message(mark, attack, position.isName ? called(slack, attack, mark) : slack.ann),
    };
    slack.control.sendPayload({
      payload: {
        team_id: slack.team.id,
        api_app_id: slack.app.id,
        type: 'event_callback',
        event_id: `Ev${ts.replace('.', '')}`,
        event_time: begin,
        event: message,
      },
    });
    return { mark, position, attack };
  });
}

/** A person of this name. */
function called({ control, team }: Scene['slack'], displayName: string, mark: string): string {
  const name = mark.replaceAll('.', '');
  return control.createUser({ team: team.id, name, realName: 'Eve', displayName }).id ?? '';
}

/** What of it people see in Matrix: calls nobody, and holds no element that nobody put there. */
export function judgeInMatrix({ bob }: Scene, { room }: LinkedRoom, sent: readonly Sent[]): void {
  const seen = bob.room(room).messages();
  for (const { mark, position, attack } of sent) {
    const about = `${position.name}: ${JSON.stringify(attack)}`;
    const events = seen.filter(({ body }) => body.includes(mark));
    assert.ok(events.length > 0, `${about} didn’t arrive`);
    for (const { content, html = '', senderName = '' } of events) {
      assert.deepEqual(content['m.mentions'], {}, about);
      for (const element of elementsIn(html)) {
        assert.ok(
          element === 'p' || element === 'br' || position.elements.includes(element),
          `${about} made ${element}: ${html}`,
        );
      }
      assert.doesNotMatch(senderName, unseen, about);
      assert.doesNotMatch(speakerOf(content), unseen, about);
    }
  }
}

/** The name in the profile of this message alone. */
function speakerOf(content: Fields): string {
  const profile = content['com.beeper.per_message_profile'];
  return typeof profile === 'object' && profile !== null && 'displayname' in profile
    ? String(profile.displayname)
    : '';
}
