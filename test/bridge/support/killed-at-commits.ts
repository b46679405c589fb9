import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { failpointFile } from '../../faults/support/failpoint-names.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import type { LinkedRoom } from '../../support/bridge.ts';
import { startEncryptedScene, unreadBy } from '../../support/crypto/encrypted-scene.ts';
import type { EncryptedScene } from '../../support/crypto/encrypted-scene.ts';
import type { EncryptingUser } from '../../support/crypto/encrypting-user.ts';
import { randomFrom } from '../../support/random.ts';
import type { Random } from '../../support/random.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** How likely the bridge is killed at each commit of a crypto store. */
const likelihood = 0.15;

export interface Extent {
  readonly messages: number;
  /** At most: a start costs more commits than many a message. */
  readonly kills: number;
  /** For the last message, in milliseconds. */
  readonly patience: number;
}

/** A scene whose bridge can be killed at the commits of its crypto stores. */
export interface KillableScene {
  readonly scene: EncryptedScene;
  /** The file that arms the failpoints. */
  readonly file: string;
  close(): Promise<void>;
}

export async function startKillableScene(): Promise<KillableScene> {
  const folder = temporaryFolder('failpoints');
  const file = join(folder.path, 'armed');
  const environment = { ...process.env, [failpointFile]: file };
  const scene = await startEncryptedScene({
    process: { nodeArguments: ['--conditions=failpoints'], environment },
  });
  return {
    scene,
    file,
    async close() {
      await scene.close();
      await folder.remove();
    },
  };
}

/**
 * Both sides write so many messages while the bridge is killed and started again and again.
 *
 * @returns how often it was killed.
 * @throws Error when a message isn't read by everybody, once, in time.
 */
export async function writeThroughKills(
  { scene, file }: KillableScene,
  { room, channel }: LinkedRoom,
  { messages, kills: mostKills, patience }: Extent,
): Promise<number> {
  const { slack, alice, bob, stella } = scene;
  const killer = startKiller(scene, file, mostKills, randomFrom(messages));
  const said = { slack: [] as string[], matrix: [] as string[] };
  for (let number = 1; number <= messages; number += 1) {
    const user = [slack.ann, slack.ben][number % 2] ?? slack.ann;
    said.slack.push(`through the kills ${number}`);
    slack.say(channel, `through the kills ${number}`, { user });
    if (number % 5 === 0) {
      said.matrix.push(`held on ${number}`);
      await alice.say(room, `held on ${number}`);
    }
    if (number % 10 === 0) await alice.rotate(room);
    await sleep(100);
  }
  const readers = [alice, bob, stella];
  await allRead(readers, room, said.slack, patience);
  for (const text of said.matrix) await slack.waitForText(channel, text, patience);
  const kills = await killer.stop();
  for (const reader of readers) {
    const doubled = said.slack.filter(
      (text) => textsOf(reader, room).filter((each) => each === text).length > 1,
    );
    if (doubled.length > 0) throw new Error(`${reader.userId} has ${doubled.join(', ')} more than once.`);
  }
  return kills;
}

async function allRead(
  readers: readonly EncryptingUser[],
  room: string,
  wanted: readonly string[],
  patience: number,
): Promise<void> {
  try {
    await eventually(
      () => readers.every((reader) => missing(reader, room, wanted).length === 0),
      () => 'Messages are missing.',
      patience,
      200,
    );
  } catch (error) {
    const lacks = await Promise.all(
      readers.map(async (reader) => {
        const unread = JSON.stringify(await unreadBy(reader, room));
        return `${reader.userId} lacks ${missing(reader, room, wanted).join(', ')}, and can't read ${unread}`;
      }),
    );
    throw new Error(lacks.join('\n'), { cause: error });
  }
}

function textsOf(reader: EncryptingUser, room: string): readonly string[] {
  return reader
    .room(room)
    .messages()
    .map(({ body }) => body);
}

function missing(reader: EncryptingUser, room: string, wanted: readonly string[]): readonly string[] {
  const there = new Set(textsOf(reader, room));
  return wanted.filter((text) => !there.has(text));
}

/** Kills the bridge at a commit that chance chooses, starts it again, and so on. */
function startKiller({ bridge }: EncryptedScene, file: string, most: number, random: Random) {
  const stopping = new AbortController();
  const { signal } = stopping;
  let kills = 0;

  async function loop(): Promise<void> {
    while (!signal.aborted && kills < most) {
      const passes = 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - likelihood));
      await writeFile(file, `crypto.${random() < 0.5 ? 'before' : 'after'} ${passes}`);
      while (existsSync(file) && !signal.aborted) await sleep(10);
      await rm(file, { force: true });
      if (!existsSync(`${file}.fired`)) continue;
      await rm(`${file}.fired`, { force: true });
      await bridge.ended();
      await bridge.start();
      kills += 1;
    }
  }

  const running = loop();
  return {
    async stop(): Promise<number> {
      stopping.abort();
      await running;
      return kills;
    },
  };
}
