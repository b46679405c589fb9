import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matrixUserId, roomId } from '../../src/ids.ts';
import { createAliases, shownAliases } from '../../src/matrix/aliases.ts';
import type { Call } from '../../src/matrix/call.ts';
import { Refusal } from '../../src/matrix/refusal.ts';
import { CannotBridge } from '../../src/errors.ts';

const bot = matrixUserId('@slackbot:hs');
const room = roomId('!room:hs');
const ours = { isOwn: (alias: string) => alias.startsWith('#slack_'), isBot: (user: string) => user === bot };
const [town, city] = ['#slack_town:hs', '#slack_city:hs'];

function shown(sender: string, content: Readonly<Record<string, unknown>>, aliases: readonly string[]) {
  return shownAliases({ sender, content }, aliases, ours);
}

describe('what a room says of its addresses', () => {
  test('our first alias is its main one, the others are alternatives', () => {
    assert.deepEqual(shownAliases(undefined, [city, town], ours), { alias: city, alt_aliases: [town] });
    assert.deepEqual(shown(bot, { alias: town }, [city, town]), { alias: city, alt_aliases: [town] });
    assert.deepEqual(shown('@ann:hs', { alias: town, alt_aliases: ['#own:hs'] }, [city, town]), {
      alias: city,
      alt_aliases: ['#own:hs', town],
    });
  });

  test('what is so already isn’t written again, in whatever order the homeserver lists it', () => {
    const content = { alias: city, alt_aliases: ['#own:hs', town, '#slack_old:hs'] };
    assert.equal(shown(bot, content, [city, '#slack_old:hs', town]), undefined);
    assert.equal(shownAliases(undefined, [], ours), undefined);
  });

  test('people’s main address stays, and ours stand beside it', () => {
    assert.deepEqual(shown('@ann:hs', { alias: '#own:hs', alt_aliases: [town] }, [city, town]), {
      alias: '#own:hs',
      alt_aliases: [city, town],
    });
    assert.deepEqual(shown('@ann:hs', { alt_aliases: [town] }, [city]), { alt_aliases: [city] });
  });

  test('where people took ours away there is none', () => {
    assert.equal(shown('@ann:hs', { alias: '#own:hs' }, [town]), undefined);
    assert.equal(shown('@ann:hs', {}, [town]), undefined);
  });

  test('ours go, and people’s stay', () => {
    assert.deepEqual(shown(bot, { alias: town, alt_aliases: [city] }, []), {});
    assert.deepEqual(shown('@ann:hs', { alias: town, alt_aliases: ['#own:hs'] }, []), {
      alt_aliases: ['#own:hs'],
    });
  });
});

/** A homeserver that answers what it is told to. */
function homeserver(answer: (call: Call) => Readonly<Record<string, unknown>>, wanted = true) {
  const calls: string[] = [];
  const refuse = (): never => assert.fail('not asked');
  return {
    calls,
    ...createAliases({
      client: {
        url: 'http://hs',
        call: async (call) => {
          calls.push(`${call.method} ${call.path.slice(2).join('/')}`);
          return answer(call);
        },
        callList: refuse,
        exchange: refuse,
        open: refuse,
        close: refuse,
      },
      state: { content: refuse, event: refuse, all: refuse, set: refuse },
      asBot: async () => ({ user: bot }),
      names: { bot: 'slackbot', domain: 'hs', prefix: 'slack_', withTeam: false },
      wanted,
    }),
  };
}

describe('aliases on the homeserver', () => {
  test('are of our namespace, and as long as Matrix allows', () => {
    const { aliasOf } = homeserver(() => ({}));
    assert.equal(aliasOf('general'), '#slack_general:hs');
    assert.equal(aliasOf('acme.日本語'), '#slack_acme.日本語:hs');
    for (const name of ['', 'a b', 'a:b', '語'.repeat(82)]) assert.equal(aliasOf(name), undefined);
    assert.equal(homeserver(() => ({}), false).aliasOf('general'), undefined);
  });

  test('of the room are only those in our namespace', async () => {
    const { ownAliases } = homeserver(() => ({ aliases: ['#own:hs', town, '#slack_town:elsewhere', 7] }));
    assert.deepEqual(await ownAliases(room), [town]);
  });

  test('one that exists is had if it leads to the room', async () => {
    for (const [leadsTo, isOurs] of [
      ['!room:hs', true],
      ['!other:hs', false],
    ] as const) {
      const { addAlias, calls } = homeserver(({ method }) => {
        if (method === 'PUT') throw new Refusal(409, 'M_UNKNOWN', 'exists');
        return { room_id: leadsTo };
      });
      assert.equal(await addAlias(room, town), isOurs);
      assert.deepEqual(calls, [`PUT directory/room/${town}`, `GET directory/room/${town}`]);
    }
  });

  test('one that is gone can be removed; a refusal says of what', async () => {
    await homeserver(() => {
      throw new Refusal(404, 'M_NOT_FOUND', 'none');
    }).removeAlias(town);
    const { addAlias } = homeserver(() => {
      throw new Refusal(400, 'M_EXCLUSIVE', 'not yours');
    });
    await assert.rejects(addAlias(room, town), (error) => {
      assert.ok(error instanceof CannotBridge);
      return /could not give the room an address/.test(error.message);
    });
  });
});
