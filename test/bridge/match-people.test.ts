import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchPeople } from '../../src/bridge/match-people.ts';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { plainText } from '../../src/format/doc.ts';
import { eventId, matrixUserId, portalId, roomId, slackUserId, teamId, ts } from '../../src/ids.ts';
import type { MatrixUserId } from '../../src/ids.ts';
import type { Match, Portal, Puppet } from '../../src/portal/ports.ts';
import type { Matches } from '../../src/store/matches.ts';
import { eventually, recordingLog } from '../matrix/support.ts';
import { defaultPolicy } from '../support/default-policy.ts';

const team = teamId('T1');
const [ann, bob] = [matrixUserId('@ann:hs'), matrixUserId('@bob:hs')];
const annInSlack = slackUserId('UANN');
const bot = matrixUserId('@slackbot:hs');
const portal = {
  id: portalId(1),
  room: roomId('!room:hs'),
  kind: 'channel',
  status: 'live',
  policy: defaultPolicy,
  channels: [{ team, channel: 'C1', name: 'general' }],
  since: ts('1000.000000'),
} as unknown as Portal; // what nobody asks for is left out

/** A workspace in which Ann has an account with her address, told by whom this says. Ends with `stop`. */
function matching(
  options: {
    readonly linked?: readonly Puppet[];
    readonly refused?: readonly string[];
    readonly obstacle?: string;
    readonly addresses?: (user: MatrixUserId) => readonly string[] | undefined;
    readonly chat?: Error;
  } = {},
) {
  const told: string[] = [];
  const asked: string[] = [];
  let kept: readonly Match[] = [];
  const log = recordingLog();
  const refused = new Set(options.refused);
  const matches: Matches = {
    directory: { ofSlackUser: () => undefined, ofMatrixUser: () => undefined },
    refresh: async () => undefined,
    has: (match) =>
      kept.some((each) => each.slackUser === match.slackUser && each.matrixUser === match.matrixUser),
    save: async (match) => {
      kept = [...kept, match];
    },
    forget: async (user) => {
      kept = kept.filter((each) => each.matrixUser !== user);
    },
    isRefused: (person) => refused.has(typeof person === 'string' ? person : person.slackUser),
    setRefused: async () => undefined,
  };
  const addressesOf =
    options.addresses ?? ((user: MatrixUserId) => (user === ann ? ['ann@example.org'] : ['bob@example.org']));
  let sweeps = 0;
  const running = matchPeople({
    portals: { all: () => [portal] },
    matches,
    puppets: { all: () => options.linked ?? [] },
    matrix: {
      bot,
      isOurs: (user) => user === bot || user.startsWith('@slack_'),
      joinedMembers: async () => {
        sweeps += 1;
        return [bot, ann, bob, matrixUserId('@slack_uann:hs'), matrixUserId('@far:elsewhere.org')];
      },
      chatWith: async () => {
        if (options.chat) throw options.chat;
        return roomId('!chat:hs');
      },
      send: async (as, room, { text }, { fact }) => {
        told.push(`${as} in ${room} (${fact}): ${plainText(text)}`);
        return eventId('$told');
      },
    },
    slack: {
      teams: () => [
        { id: team, name: 'Acme', url: '', appId: undefined, bot: slackUserId('UBOT'), botId: undefined },
      ],
      profile: async (_team, id) => ({ team, id, name: 'Ann', bot: false, deactivated: false }),
    },
    addressesOf: async (user) => {
      asked.push(user);
      return addressesOf(user);
    },
    byAddress: () => (address) => (address === 'ann@example.org' ? annInSlack : undefined),
    obstacle: () => options.obstacle,
    log,
    times: { first: 0, every: 1, between: 0 },
  });
  /** After some sweeps. */
  const end = async (): Promise<void> => {
    await eventually(() => sweeps >= 3);
    await running.stop();
  };
  return { asked, end, log, told, kept: () => kept };
}

test('who has the address of somebody in Slack is told once how to link the two, and no address is named', async () => {
  const { asked, end, kept, log, told } = matching();
  await end();
  assert.deepEqual(kept(), [{ team, slackUser: annInSlack, matrixUser: ann }]);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /^@slackbot:hs in !chat:hs .*“Ann” in Acme .*“login Acme”.*“match off”/);
  assert.deepEqual(new Set(asked), new Set([ann, bob]));
  assert.doesNotMatch(JSON.stringify([told, log.lines]), /example\.org/);
});

test('whoever refused, on either side, or is linked already is left alone', async () => {
  const puppet = { matrixUser: bob, team, slackUser: annInSlack, name: 'Ann', scopes: [], double: true };
  for (const options of [{ refused: [ann] }, { refused: [annInSlack] }, { linked: [puppet] }]) {
    const { end, kept, told } = matching(options);
    await end();
    assert.deepEqual([told, kept()], [[], []]);
  }
});

test('where nobody can log in nothing is said, and who takes no chat with the bot goes without', async () => {
  for (const options of [{ obstacle: 'no public address' }, { chat: new CannotBridge('no-chat', 'no') }]) {
    const { end, kept, told } = matching(options);
    await end();
    assert.deepEqual([told.length, kept().length], [0, 1]);
  }
});

test('an address that is somebody else’s now ends the match; a homeserver that doesn’t answer ends nothing', async () => {
  let answer: readonly string[] | Error | undefined = ['ann@example.org'];
  const state = matching({
    addresses: (user) => {
      if (user !== ann) return [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  await eventually(() => state.kept().length === 1);
  answer = new TryLater('away');
  const before = state.asked.length;
  await eventually(() => state.asked.length > before + 4);
  assert.equal(state.kept().length, 1);
  answer = ['new@example.org'];
  await eventually(() => state.kept().length === 0);
  await state.end();
});
