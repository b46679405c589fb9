import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { MatrixRefusal } from '../../../sandbox/matrix-user/api.ts';
import type { MatrixApi } from '../../../sandbox/matrix-user/api.ts';
import type { Content, MatrixUser, SeenMessage } from '../../../sandbox/matrix-user.ts';
import type { Slot } from '../slots.ts';

/** How long a person waits for the bot's answer, in milliseconds: the first one comes with a start of everything. */
const patience = 20_000;

/**
 * A room that a person made and brought the bot into, with the rights it needs.
 *
 * @param power what the bot gets; absent: a moderator's.
 */
export async function roomWithBot(
  person: MatrixUser,
  bot: string,
  name: string,
  power = 50,
): Promise<string> {
  const room = await person.createRoom({ name, invite: [bot] });
  await person.waitForText(room, /I join rooms to Slack channels/, patience);
  await givePower(person, room, bot, power);
  return room;
}

/** Sets one user's power level, as somebody does in their client's settings of the room. */
export async function givePower(
  person: MatrixUser,
  room: string,
  user: string,
  level: number,
): Promise<void> {
  const levels = await person.waitFor(room, (seen) => seen.state('m.room.power_levels'));
  await person.setState(room, 'm.room.power_levels', withLevel(levels, user, level));
}

function withLevel(levels: Content, user: string, level: number): Content {
  const { users } = levels;
  return { ...levels, users: { ...(typeof users === 'object' ? users : {}), [user]: level } };
}

/** A chat of a person and the bot alone; the bot has greeted. */
export async function directChat(person: MatrixUser, bot: string): Promise<string> {
  const room = await person.createRoom({ direct: true, invite: [bot] });
  await person.waitForText(room, /I join rooms to Slack channels/, patience);
  return room;
}

/** Gives the bot a command and waits for its answer to just this command. */
export async function command(
  person: MatrixUser,
  room: string,
  words: string,
  timeout = patience,
): Promise<SeenMessage> {
  const event = await person.say(room, words);
  return person.waitFor(
    room,
    (seen) => seen.messages().find(({ kind, replyTo }) => kind === 'm.notice' && replyTo === event),
    timeout,
  );
}

/** Waits until the person sees a message as `wanted` describes it: edited, with a reaction, … */
export function waitForMessage(
  person: MatrixUser,
  room: string,
  wanted: (message: SeenMessage) => boolean | undefined,
  timeout?: number,
): Promise<SeenMessage> {
  return person.waitFor(room, (seen) => seen.messages().find((each) => wanted(each) === true), timeout);
}

/** Waits until a message isn't there to read any more. */
export async function waitUntilGone(
  person: MatrixUser,
  room: string,
  event: string,
  timeout?: number,
): Promise<void> {
  await person.waitFor(
    room,
    (seen) => (seen.messages().some(({ eventId }) => eventId === event) ? undefined : true),
    timeout,
  );
}

/** The Matrix user that stands for a person in Slack. */
export function ghostOf(
  { slot, homeserver }: { readonly slot: Slot; readonly homeserver: { readonly serverName: string } },
  slackUser: string,
): string {
  return `@${slot.ghostPrefix}${slackUser.toLowerCase()}:${homeserver.serverName}`;
}

/** Says something and, while the homeserver can't be reached, says it again as one and the same, like any client. */
export async function sayForSure(person: MatrixUser, room: string, text: string): Promise<void> {
  const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message`;
  await putForSure(person.api, path, { msgtype: 'm.text', body: text, 'm.mentions': {} });
}

const sent = z.object({ event_id: z.string() });

/** How long somebody's client waits for an answer, in milliseconds. */
const answerWithin = 20_000;

/**
 * The id of the event that a PUT to the path and a transaction id of its own makes, however often it has to be repeated.
 *
 * @param abandoned nobody goes on with it; absent: until it is taken.
 * @throws Error when it is refused or abandoned.
 */
export async function putForSure(
  api: MatrixApi,
  path: string,
  body: Content,
  abandoned?: AbortSignal,
): Promise<string> {
  const once = `${path}/${randomUUID()}`;
  for (;;) {
    try {
      const signal = AbortSignal.timeout(answerWithin);
      return sent.parse(await api.call('PUT', once, { body, signal })).event_id;
    } catch (error) {
      if (error instanceof z.ZodError || (error instanceof MatrixRefusal && error.status < 500)) throw error;
      await sleep(200, undefined, { signal: abandoned });
    }
  }
}
