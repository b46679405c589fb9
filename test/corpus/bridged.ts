import { CannotBridge, TryLater, WaitForParent } from '../../src/errors.ts';
import { slackChannel } from '../../src/slack/channel.ts';
import { fieldsOf } from '../../src/slack/fields.ts';
import { createFileInfo } from '../../src/slack/file-info.ts';
import { slackMessage } from '../../src/slack/message.ts';
import { Readable } from 'node:stream';
import { createTransferPace } from '../../src/bridge/transfer-pace.ts';
import { bringToSlack } from '../../src/bridge/transfer-to-slack.ts';
import { channelId, fileId, matrixUserId, mxcUri, portalId, roomId, ts } from '../../src/ids.ts';
import type { FileId } from '../../src/ids.ts';
import { createAttachments } from '../../src/matrix/attachments.ts';
import { matrixEvent } from '../../src/matrix/inbound.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { makeTurn, makeWorld } from '../portal/support/world.ts';
import type { TurnOptions } from '../portal/support/world.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { slackEvent } from '../../src/slack/inbound.ts';
import type { Effect } from './effect.ts';
import { enveloped } from './envelope.ts';
import type { Entry, Side } from './entry.ts';
import { recordedHomeserver } from './recorded-homeserver.ts';
import { shownEvents } from './shown-events.ts';
import { acme, recordedWorkspace } from './recorded-workspace.ts';

const town = { team: acme.id, channel: channelId('C0TOWN0001'), name: 'town' };
const room = roomId('!town:example.org');
const alice = matrixUserId('@alice:example.org');

/** People and apps that every entry knows. */
const names: Readonly<Record<string, string>> = {
  U0ANN00001: 'Ann',
  U0BEN00001: 'Ben',
  USLACKBOT: 'Slackbot',
};

/** What has been said before any entry: Ann's question in Slack is `$sent1`, Alice's `$alice1` is 1700001001.000100. */
const annAsked = {
  type: 'message',
  channel: town.channel,
  channel_type: 'channel',
  user: 'U0ANN00001',
  team: acme.id,
  ts: '1700000001.000100',
  event_ts: '1700000001.000100',
  text: 'Who comes to the meeting?',
};
const aliceSaid = {
  type: 'm.room.message',
  room_id: room,
  sender: alice,
  event_id: '$alice1',
  origin_server_ts: 1_700_000_001_000,
  content: { msgtype: 'm.text', body: 'I do', 'm.mentions': {} },
};
const aliceInSlack = {
  type: 'message',
  subtype: 'bot_message',
  bot_id: acme.botId,
  username: 'Alice (Matrix)',
  ts: '1700001001.000100',
  text: 'I do',
};

/**
 * All that comes of an entry's event: through the reading of the payload, the portals and the writing for the other
 * network, down to the requests. Between them stand no servers, and memory in place of the stores.
 */
export async function bridged(entry: Entry): Promise<readonly Effect[]> {
  const scene = openScene(entry);
  await scene.take('slack', annAsked);
  await scene.take('matrix', aliceSaid);
  for (const event of entry.before) await scene.take(entry.side, event);
  scene.change(entry);
  const known = scene.effects.length;
  await scene.take(entry.side, entry.event, entry.envelope);
  return scene.effects.slice(known);
}

function openScene(entry: Entry) {
  const portal: Portal = {
    id: portalId(1),
    kind: 'channel',
    through: 'bot',
    room,
    status: 'live',
    policy: { ...defaultPolicy, ...entry.policy },
    channels: [town],
    since: ts('1000.000000'),
  };
  const effects: Effect[] = [];
  const world = makeWorld(portal);
  const { matrix, slack } = world;
  const workspace = recordedWorkspace(effects);
  const shown = shownEvents();
  Object.assign(matrix, recordedHomeserver(effects), shown.port);
  matrix.picture = async (url) => mxcUri(`mxc://example.org/${new URL(url).pathname.split('/').at(-1)}`);
  Object.assign(slack, workspace.port);
  Object.assign(slack.notices, workspace.notices);
  world.files.toSlack = uploadsOf(slack);
  matrix.member = async (_room, user) => ({
    user,
    ...(user === alice ? { name: 'Alice', picture: mxcUri('mxc://example.org/alice') } : { name: user }),
  });
  const known = { private: false, archived: false, member: true };
  matrix.powers.set(matrixUserId('@admin:example.org'), 100);
  slack.channels = [
    { ...town, ...known },
    { ...town, ...known, channel: channelId('C0OTHER001'), name: 'other', member: false },
  ];
  nameAll(world.slack, { ...names, ...entry.names });
  const answers = new Map(entry.files.map((answer) => [fieldsOf(answer['file'])['id'], answer]));
  Object.assign(
    slack,
    createFileInfo(async ({ args }) => answers.get(args['file']) ?? {}),
  );
  slack.usergroups.set('S0GROUP001', 'ops');
  slack.emoji.set('party-parrot', { picture: 'https://emoji.slack-edge.com/T0ACME0001/party-parrot.gif' });
  for (const shown of [annAsked, aliceInSlack]) {
    const message = slackMessage(town, shown);
    if (message) slack.messages.set(message.ts, message);
  }
  const showInMatrix = (event: Entry['event'], payload: Buffer): void => {
    const read = matrixEvent(payload);
    shown.see(read, event);
    if (read.type === 'state') matrix.states.set(read.kind, read.content);
  };
  return {
    effects,
    /** What was done in the clients, as the networks answer from then on. */
    change: ({ channel, pinned }: Entry): void => {
      slack.shows(
        town,
        slackChannel(acme.id, { name: town.name, is_member: true, ...channel, id: town.channel }),
      );
      for (const each of pinned) slack.pinned.add(ts(each));
    },
    take: async (side: Side, event: Entry['event'], envelope: Entry['envelope'] = {}): Promise<void> => {
      const counted = world.counted.length;
      const ran = world.commands.ran.length;
      const payload = Buffer.from(JSON.stringify(side === 'slack' ? enveloped(event, envelope) : event));
      if (side === 'matrix') showInMatrix(event, payload);
      await handle(world, side, payload).catch((error: unknown) => effects.push(failureOf(error)));
      for (const line of world.counted.slice(counted)) {
        const ignored = /^ignored \w+ (.*)/.exec(line)?.[1];
        if (ignored !== undefined) effects.push({ ignored });
      }
      for (const command of world.commands.ran.slice(ran)) effects.push({ command });
    },
  };
}

type World = ReturnType<typeof makeWorld>;

async function handle(world: World, side: Side, payload: Buffer): Promise<void> {
  const turn = (options: TurnOptions = {}) => makeTurn(world.links, { seq: 1, ...options }).turn;
  if (side === 'matrix') return world.portals.fromMatrix(matrixEvent(payload), turn());
  const teams = { has: (id: string) => id === acme.id, botOf: () => acme.bot };
  return world.portals.fromSlack(slackEvent(payload, teams), turn());
}

/** Files of Matrix come to Slack at once, as many bytes as their senders say. */
function uploadsOf(slack: World['slack']): World['files']['toSlack'] {
  const brought = new Map<string, Promise<FileId>>();
  const folder = 'no file is counted';
  const { signal: ended } = new AbortController();
  const pace = createTransferPace({ now: () => 0, sleep: async () => undefined });
  return (where, file, source) => {
    const download = async () => ({
      stream: Readable.from([]),
      mimetype: 'application/octet-stream',
      length: file.size ?? 1000,
    });
    const largest = { bytes: Infinity, of: 'bridge' } as const;
    const matrix = { open: createAttachments({ download }) };
    const sides = { slack, matrix, largest, folder, ended, pace };
    const result =
      brought.get(source) ?? bringToSlack(sides, where, file).then(({ target }) => fileId(target));
    result.catch(() => undefined); // nobody may be waiting for it
    brought.set(source, result);
    return { key: `media:${where.portal}:file:${source}`, since: 0, result };
  };
}

function nameAll(slack: World['slack'], all: Readonly<Record<string, string>>): void {
  const unnamed = slack.profile;
  slack.profile = async (team, id) => {
    const profile = await unnamed(team, id);
    return { ...profile, name: all[id] ?? profile.name };
  };
}

/** What the queue would do with the item. */
function failureOf(error: unknown): Effect {
  if (error instanceof WaitForParent) return { waits: error.parent };
  if (error instanceof TryLater) return { later: error.message };
  if (error instanceof CannotBridge) return { refused: error.message };
  throw error;
}
