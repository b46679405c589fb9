import { matrixApi } from '../../sandbox/matrix-user/api.ts';
import type { MatrixApi } from '../../sandbox/matrix-user/api.ts';
import { matrixUser } from '../../sandbox/matrix-user.ts';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import type { RegisteredUser } from '../../sandbox/synapse/register-user.ts';
import { command, roomWithBot } from '../support/bridge/matrix-side.ts';
import type { SlackChannel } from '../support/bridge/slack-side.ts';
import { adminName } from './servers.ts';
import type { Servers } from './servers.ts';

/** The places where messages are written, as many of each, and the people in them. */
export interface Rooms {
  /** Rooms that the bridge has linked to channels. */
  readonly linked: readonly { readonly room: string; readonly channel: SlackChannel }[];
  /** Rooms with as many members that only the bare client's application service is in. */
  readonly bare: readonly string[];
  /** Writes in every room. */
  readonly alice: RegisteredUser;
  /** Watches every room. */
  readonly bob: RegisteredUser;
  /** Who writes in Slack, and as many users of the bare application service, who write in the bare rooms. */
  readonly slackPeople: readonly string[];
  readonly bareGhosts: readonly string[];
}

/** Makes the people and the rooms. When it resolves, their clients are closed again. */
export async function makeRooms(servers: Servers, count: number): Promise<Rooms> {
  const { synapse } = servers;
  const [alice, bob] = await Promise.all([synapse.registerUser(adminName), synapse.registerUser('bob')]);
  const clients = [alice, bob].map((person) => matrixUser({ url: synapse.url, ...person }));
  const [aliceClient, bobClient] = clients;
  if (!aliceClient || !bobClient) throw new Error('There are no people.');
  const [bareBot, ...ghosts] = await bareAccounts(servers);
  if (!bareBot) throw new Error('There is no bare application service.');
  const slackPeople = morePeople(servers);
  const linked: Rooms['linked'][number][] = [];
  const bare: string[] = [];
  for (let index = 1; index <= count; index += 1) {
    linked.push(await linkedRoom(servers, aliceClient, bobClient, `room-${index}`));
    bare.push(await bareRoom(aliceClient, bobClient, [bareBot, ...ghosts], `bare-${index}`));
  }
  await Promise.all(clients.map((client) => client.stop()));
  return { linked, bare, alice, bob, slackPeople, bareGhosts: ghosts.map(({ userId }) => userId) };
}

async function linkedRoom(
  { slack, bridge }: Servers,
  alice: MatrixUser,
  bob: MatrixUser,
  name: string,
): Promise<Rooms['linked'][number]> {
  const channel = slack.newChannel(name);
  const room = await roomWithBot(alice, bridge.bot, name);
  await alice.invite(room, bob.userId);
  await bob.join(room);
  const answer = await command(alice, room, `!slack link #${name}`);
  if (!answer.body.startsWith('Linked to')) throw new Error(`The bot did not link: ${answer.body}`);
  return { room, channel };
}

interface BareAccount {
  readonly userId: string;
  join(room: string): Promise<void>;
}

/** Who writes in Slack. */
const peopleCount = 50;

function morePeople({ slack }: Servers): readonly string[] {
  const more = Array.from({ length: peopleCount - 2 }, (_, index) => {
    const name = `person-${index + 1}`;
    const { id } = slack.control.createUser({ team: slack.team.id, name, displayName: name });
    if (id === undefined) throw new Error('The Slack sandbox made a person without an id.');
    return id;
  });
  return [slack.ann, slack.ben, ...more];
}

/** As many as the bridge has in each room, the bot first: the ghosts come with the people's first messages. */
async function bareAccounts({ synapse, bare: { slot } }: Servers): Promise<readonly BareAccount[]> {
  const api = matrixApi(synapse.url, slot.asToken);
  const ghosts = Array.from({ length: peopleCount }, (_, index) => `${slot.ghostPrefix}person${index + 1}`);
  const names = [slot.botLocalpart, ...ghosts];
  return Promise.all(names.map((name) => bareAccount(api, name, synapse.serverName)));
}

/** @see https://spec.matrix.org/latest/application-service-api/#server-admin-style-permissions */
async function bareAccount(api: MatrixApi, name: string, serverName: string): Promise<BareAccount> {
  const body = { type: 'm.login.application_service', username: name, inhibit_login: true };
  await api.call('POST', '/register', { body });
  const userId = `@${name}:${serverName}`;
  return {
    userId,
    async join(room) {
      await api.call('POST', `/join/${encodeURIComponent(room)}`, { query: { user_id: userId } });
    },
  };
}

async function bareRoom(
  alice: MatrixUser,
  bob: MatrixUser,
  accounts: readonly BareAccount[],
  name: string,
): Promise<string> {
  const invite = [bob.userId, ...accounts.map(({ userId }) => userId)];
  const room = await alice.createRoom({ name, invite });
  await bob.join(room);
  for (const account of accounts) await account.join(room);
  return room;
}
