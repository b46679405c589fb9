import assert from 'node:assert/strict';
import { startScene } from '../bridge.ts';
import type { LinkedRoom, Scene, SceneOptions } from '../bridge.ts';
import { eventually } from '../bridge/eventually.ts';
import { ghostOf } from '../bridge/matrix-side.ts';
import type { TestHomeserver } from '../synapse.ts';
import { encryptingPeople } from './encrypting-user.ts';
import type { EncryptingPeople, EncryptingUser } from './encrypting-user.ts';
import type { SeenMessage } from '../../../sandbox/matrix-user.ts';

/**
 * A scene whose people encrypt: Alice at matrix-js-sdk, Bob at matrix-nio, whose device nobody signed, and Stella at
 * matrix-js-sdk, who talks with signed devices only.
 */
export interface EncryptedScene extends Scene {
  readonly alice: EncryptingUser;
  readonly bob: EncryptingUser;
  readonly stella: EncryptingUser;
  readonly people: EncryptingPeople;
  /** A linked room that was encrypted before it was linked; all three are in it. */
  encryptedRoom(name: string): Promise<LinkedRoom>;
}

/** How long a message may take here, in milliseconds: the first ones come with new devices and keys. */
const patience = 30_000;

/** @param start how the scene is made; absent: with one bridge. */
export async function startEncryptedScene(
  options: SceneOptions = {},
  start: (options: SceneOptions) => Promise<Scene> = startScene,
): Promise<EncryptedScene> {
  const opened = new Map<string, EncryptingUser>();
  let people: EncryptingPeople | undefined;
  const openPerson = async (homeserver: TestHomeserver, name: 'Alice' | 'Bob'): Promise<EncryptingUser> => {
    people ??= encryptingPeople(homeserver);
    const person = await people.open(name, name === 'Alice' ? 'js' : 'nio');
    opened.set(name, person);
    return person;
  };
  const scene = await start({ ...options, openPerson });
  const [alice, bob] = [opened.get('Alice'), opened.get('Bob')];
  if (!alice || !bob || !people) throw new Error('Somebody is missing.');
  const all = people;
  const stella = await all.open('Stella', 'js', { onlySigned: true });
  return {
    ...scene,
    alice,
    bob,
    stella,
    people: all,
    async encryptedRoom(name) {
      const linked = await scene.linkedRoom(name, async (room) => {
        await alice.encrypt(room);
        await bob.knowsEncryption(room);
      });
      // Ann and Ben have devices there before she comes: a strict client that gets a key from a device of which it
      // doesn't know yet who signed it may hold that against it.
      const { ann, ben } = scene.slack;
      for (const user of [ann, ben]) {
        scene.slack.say(linked.channel, `the first words of ${user}`, { user });
        await reads(alice, linked.room, `the first words of ${user}`);
      }
      await bringIn(alice, stella, linked.room);
      for (const user of [ann, ben]) await knowsDevices(stella, ghostOf(scene, user));
      return linked;
    },
    async close() {
      await all.close();
      await scene.close();
    },
  };
}

/** Invites somebody; resolves when both know that they are in. */
export async function bringIn(host: EncryptingUser, guest: EncryptingUser, room: string): Promise<void> {
  await host.invite(room, guest.userId);
  await guest.waitForInvitation(({ roomId }) => roomId === room);
  await guest.join(room);
  for (const each of [host, guest])
    await each.waitFor(room, (seen) => seen.members().get(guest.userId)?.membership === 'join' || undefined);
  await guest.knowsEncryption(room);
  await knowsDevices(guest, host.userId);
}

/** What comes before a client has asked for its sender's devices has a shield until they are there, or longer. */
async function knowsDevices(person: EncryptingUser, user: string): Promise<void> {
  await eventually(
    async () => (await person.devices(user)).length > 0,
    () => `${person.userId} does not know the devices of ${user}.`,
  );
}

/**
 * Waits until somebody reads this, and checks that it came as it should: encrypted, and without a shield where their client
 * knows shields.
 */
export async function reads(
  person: EncryptingUser,
  room: string,
  text: string | RegExp,
): Promise<SeenMessage> {
  const seen = await person.waitForText(room, text, patience).catch(async (error: unknown) => {
    const unread = JSON.stringify(await unreadBy(person, room));
    throw new Error(`${String(error)}\nNot read: ${unread}`, { cause: error });
  });
  await withoutShield(person, room, seen.eventId, String(text));
  return seen;
}

/** Why, and what the client knows of the senders' devices: whether one is signed tells a lot. */
export function unreadBy(person: EncryptingUser, room: string): Promise<readonly object[]> {
  return Promise.all(
    person.unread(room).map(async ({ event, problem }) => {
      const devices = await person.devices(event.sender).catch(String);
      return { sender: event.sender, problem, devices };
    }),
  );
}

/** A shield may stand there for the moment in which a client asks for the sender's devices. */
async function withoutShield(
  person: EncryptingUser,
  room: string,
  eventId: string,
  what: string,
): Promise<void> {
  const received = () => person.received(room, eventId);
  assert.equal(received()?.inClear, false, `“${what}” came in clear`);
  await eventually(
    () => received()?.shield === undefined || received()?.shield === 'none',
    () => `“${what}” has a shield for ${person.userId}: ${JSON.stringify(received())}`,
    5_000,
  );
}
