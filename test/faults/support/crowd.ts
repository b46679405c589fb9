import { matrixApi } from '../../../sandbox/matrix-user/api.ts';
import type { MatrixApi } from '../../../sandbox/matrix-user/api.ts';
import type { Scene } from '../../support/bridge.ts';
import { command, givePower } from '../../support/bridge/matrix-side.ts';
import type { PeopledRoom } from './people.ts';

export interface CrowdOptions {
  readonly rooms: number;
  /** On each side. */
  readonly people: number;
}

/** People of each side in one room: each is in several rooms. */
const peopleInRoom = 3;
/** Rooms that are made at the same time, by one and the same person. */
const madeAtOnce = 6;
/** For the bot's answers, in milliseconds: with so much to do at once they take their time. */
const patience = 60_000;

interface Person {
  readonly name: string;
  readonly userId: string;
  readonly api: MatrixApi;
}

type SlackPerson = PeopledRoom['slackPeople'][number];

/** Makes people, channels and rooms, and links these. Alice is in every room and writes in none. */
export async function gatherCrowd(
  scene: Scene,
  { rooms, people }: CrowdOptions,
): Promise<readonly PeopledRoom[]> {
  const { slack, homeserver } = scene;
  const inMatrix: Person[] = [];
  const inSlack: SlackPerson[] = [];
  for (let number = 1; number <= people; number += 1) {
    const name = `Writer ${number}`;
    const { url, userId, accessToken } = await homeserver.session(name);
    inMatrix.push({ name, userId, api: matrixApi(url, accessToken) });
    const displayName = `Speaker ${number}`;
    const { id: user } = slack.control.createUser({ name: `speaker${number}`, displayName });
    inSlack.push({ name: displayName, user });
  }
  slack.control.giveUpEvents({}); // of the making of these people
  const made: PeopledRoom[] = [];
  const numbers = Array.from({ length: rooms }, (_, number) => number).values();
  const make = async (): Promise<void> => {
    for (const number of numbers)
      made[number] = await crowdRoom(scene, number, some(inMatrix, number), some(inSlack, number));
  };
  await Promise.all(Array.from({ length: madeAtOnce }, make));
  return made;
}

/** Neighbours in a circle, so that each is in as many rooms as the others. */
function some<One>(all: readonly One[], number: number): readonly One[] {
  const count = Math.min(peopleInRoom, all.length);
  return Array.from({ length: count }, (_, index) => all[(number * count + index) % all.length]).filter(
    (one) => one !== undefined,
  );
}

async function crowdRoom(
  { alice, bot, slack }: Scene,
  number: number,
  people: readonly Person[],
  members: readonly SlackPerson[],
): Promise<PeopledRoom> {
  const name = `crowd-${number}`;
  const { id } = slack.control.createChannel({
    team: slack.team.id,
    name,
    members: members.map(({ user }) => user),
    withApp: false,
  });
  const room = await alice.createRoom({ name, invite: [bot, ...people.map(({ userId }) => userId)] });
  for (const { api } of people) await api.call('POST', `/join/${encodeURIComponent(room)}`);
  await alice.waitForText(room, /I join rooms to Slack channels/, patience);
  await givePower(alice, room, bot, 50);
  const answer = await command(alice, room, `!slack link #${name}`, patience);
  if (!answer.body.startsWith('Linked to')) throw new Error(`The bot did not link: ${answer.body}`);
  return { room, channel: { id, name }, matrixPeople: people, slackPeople: members };
}
