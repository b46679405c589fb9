import { createHmac, randomUUID } from 'node:crypto';
import type { Scene } from '../../support/bridge.ts';
import { MatrixRefusal } from '../../../sandbox/matrix-user/api.ts';
import { isObject } from '../../../src/matrix/json.ts';
import type { Input, Kind } from '../../fuzz/corpus.ts';
import { aimed } from './aim.ts';
import type { Aim } from './aim.ts';

/** One input on its way into a running bridge. `number` is its own in the run. */
export interface Shot {
  readonly kind: Kind;
  readonly input: Input;
  readonly aim: Aim;
  readonly number: number;
}

/** Sends an input as the network would; resolves with the HTTP status that the bridge answered with, where it answers us. */
export type Send = (shot: Shot) => Promise<number | undefined>;

/** How each kind of input comes to the bridge. */
export function sendersFor(scene: Scene, transport: 'socket' | 'http'): Readonly<Record<Kind, Send>> {
  const toSlackIntake = transport === 'http' ? overHttp(scene) : overSocket(scene);
  return {
    'slack-bodies': ({ input, aim, number }) =>
      toSlackIntake(aimed(scene, aim, input, number), input.format === 'form'),
    'matrix-events': ({ input, aim, number }) => transaction(scene, aimed(scene, aim, input, number)),
    mrkdwn: (shot) => slackMessage(scene, shot, toSlackIntake),
    html: (shot) => matrixMessage(scene, shot),
  };
}

type SlackIntake = (body: Buffer, isForm: boolean) => Promise<number | undefined>;

function overHttp({ slack, eventsUrl }: Scene): SlackIntake {
  return async (body, isForm) => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const digest = createHmac('sha256', slack.app.signingSecret ?? '')
      .update(`v0:${timestamp}:`)
      .update(body);
    const answer = await fetch(eventsUrl, {
      method: 'POST',
      headers: {
        'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${digest.digest('hex')}`,
      },
      body: new Uint8Array(body),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
}

/** What is no JSON object can't come over a socket: Slack makes an envelope around it. */
function overSocket({ slack }: Scene): SlackIntake {
  return (body) => {
    const payload = body.toString('utf8'); // as a text: what is nested deeply can be read, but not written again
    if (isObject(jsonIn(payload))) slack.control.sendPayload({ app: slack.app.id, payload });
    return Promise.resolve(undefined);
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As the homeserver sends it: again, while the bridge asks for that. */
async function transaction({ slot }: Scene, event: Buffer): Promise<number> {
  const url = `http://127.0.0.1:${slot.port}/_matrix/app/v1/transactions/${randomUUID()}`;
  const body = new Uint8Array(Buffer.concat([Buffer.from('{"events":['), event, Buffer.from(']}')]));
  const headers = { authorization: `Bearer ${slot.hsToken}`, 'content-type': 'application/json' };
  for (let tries = 1; ; tries += 1) {
    const answer = await fetch(url, { method: 'PUT', headers, body });
    await answer.arrayBuffer();
    if (answer.status !== 503 || tries === 3) return answer.status;
  }
}

/** Text is typed by Ann, blocks come in an event of hers. */
async function slackMessage(
  scene: Scene,
  { input, aim, number }: Shot,
  intake: SlackIntake,
): Promise<number | undefined> {
  if (input.format === 'text' && input.text.trim() !== '' && number % 2 === 0) {
    scene.slack.control.post({ channel: aim.channel.id, user: scene.slack.ann, text: input.text });
    return undefined;
  }
  const said = input.format === 'text' ? { text: input.text } : 'value' in input ? input.value : {};
  const event = {
    type: 'message',
    user: 'U0ANN00001',
    channel: 'C0TOWN0001',
    ts: '1700000000.000100',
    event_ts: '1700000000.000100',
    ...(isObject(said) ? said : { text: said }),
  };
  const value = {
    type: 'event_callback',
    team_id: 'T0ACME0001',
    api_app_id: 'A0BRIDGE01',
    event_id: 'Ev0TEXT',
    event,
  };
  return intake(aimed(scene, aim, { format: 'json', value }, number), false);
}

/** Sent by Alice's client; what her homeserver refuses comes from another one. */
async function matrixMessage(scene: Scene, { input, aim, number }: Shot): Promise<number | undefined> {
  const html = input.format === 'text' ? input.text : JSON.stringify('value' in input ? input.value : '');
  const content = {
    msgtype: 'm.text',
    body: `HTML ${number}`,
    format: 'org.matrix.custom.html',
    formatted_body: html,
  };
  try {
    await scene.alice.send(aim.room, content);
    return undefined;
  } catch (error) {
    if (!(error instanceof MatrixRefusal)) throw error;
  }
  const event = {
    type: 'm.room.message',
    room_id: aim.room,
    sender: scene.bob.userId,
    event_id: `$html${number}`,
    origin_server_ts: Date.now(),
    content,
  };
  return transaction(scene, Buffer.from(JSON.stringify(event)));
}
