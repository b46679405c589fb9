import { logIn, matrixUser } from '../matrix-user.ts';
import type { MatrixUser } from '../matrix-user.ts';
import type { Synapse } from '../synapse/start.ts';
import { bot } from './bridge-config.ts';
import type { SlackChannel } from './slack-world.ts';

/** The people on the Matrix side; their password is the same. */
export const password = 'sandbox';

/** A linked channel and its room. */
export interface LinkedRoom {
  readonly channel: SlackChannel;
  readonly room: string;
}

/** Registers the people on the first start; later they log in. */
export async function matrixPeople(synapse: Synapse): Promise<readonly [MatrixUser, MatrixUser]> {
  const [alice, bob] = await Promise.all([
    personOf(synapse, 'alice', 'Alice Adams'),
    personOf(synapse, 'bob', 'Bob Berg'),
  ]);
  return [alice, bob];
}

async function personOf(synapse: Synapse, name: string, displayName: string): Promise<MatrixUser> {
  try {
    return matrixUser(await logIn(synapse.url, name, password));
  } catch {
    const session = await synapse.registerUser(name, { displayName, password });
    return matrixUser({ url: synapse.url, ...session });
  }
}

const roomNote = 'org.matrix-slack-bridge.sandbox.rooms';

/**
 * Links each channel by the bot's command in a direct chat, as an administrator does it; the bot makes the rooms. The
 * rooms are remembered in the person's account, so that a later start finds them.
 */
export async function linkChannels(
  admin: MatrixUser,
  other: MatrixUser,
  channels: readonly SlackChannel[],
): Promise<readonly LinkedRoom[]> {
  const known = await rememberedRooms(admin);
  const linked: LinkedRoom[] = [];
  let chat: string | undefined;
  for (const channel of channels) {
    let room = known[channel.id];
    if (room === undefined) {
      chat ??= await directChat(admin);
      room = await linkOne(admin, chat, channel);
      await admin.invite(room, other.userId);
      await other.join(room);
    }
    linked.push({ channel, room });
  }
  await rememberRooms(admin, linked);
  return linked;
}

async function directChat(admin: MatrixUser): Promise<string> {
  const chat = await admin.createRoom({ direct: true, invite: [bot] });
  await admin.waitForText(chat, /help/i, 30_000);
  return chat;
}

async function linkOne(admin: MatrixUser, chat: string, channel: SlackChannel): Promise<string> {
  await admin.say(chat, `link #${channel.name}`);
  const invitation = await admin.waitForInvitation(({ roomId }) => roomId !== chat, 30_000);
  return admin.join(invitation.roomId);
}

async function rememberedRooms(admin: MatrixUser): Promise<Readonly<Record<string, string>>> {
  try {
    const noted = await admin.api.call('GET', accountData(admin));
    return noted as Record<string, string>; // what rememberRooms wrote
  } catch {
    return {};
  }
}

async function rememberRooms(admin: MatrixUser, linked: readonly LinkedRoom[]): Promise<void> {
  const body = Object.fromEntries(linked.map(({ channel, room }) => [channel.id, room]));
  await admin.api.call('PUT', accountData(admin), { body });
}

function accountData(admin: MatrixUser): string {
  return `/user/${encodeURIComponent(admin.userId)}/account_data/${roomNote}`;
}
