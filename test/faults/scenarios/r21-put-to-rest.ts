import { setTimeout as sleep } from 'node:timers/promises';
import { startScene } from '../../support/bridge.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { ghostOf } from '../../support/bridge/matrix-side.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import {
  appUninstalled,
  channelArchived,
  ghostKicked,
  powerTooLow,
  resumptions,
  secondsUntilMore,
  tokenRevoked,
  uninvitedReturns,
} from '../pauses/causes.ts';
import type { Cause } from '../pauses/causes.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import type { Conversation } from '../support/conversation.ts';
import { sayComplaints } from '../support/judge.ts';
import { withFriends } from '../support/people.ts';
import { sumOf, verdictFigures } from '../verdict.ts';

interface Plan {
  readonly rounds: number;
  /** The workspace's own causes, which concern all rooms. */
  readonly ofTeam: readonly Cause[];
  /** How long a cause lasts, in milliseconds. */
  readonly away: number;
  /** Messages a second of each room and side. */
  readonly perSecond: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rounds: 1, ofTeam: [tokenRevoked], away: 1_000, perSecond: 3 },
  short: { rounds: 1, ofTeam: [tokenRevoked, appUninstalled], away: 8_000, perSecond: 2 },
  long: { rounds: 5, ofTeam: [tokenRevoked, appUninstalled], away: 60_000, perSecond: 1 },
};

/** Events of one side that may wait in the bridge while people write. */
const mostWaiting = 6;
const patience = 120_000;

/** What concerns one link each, at the same time. */
const ofLinks = [channelArchived, ghostKicked, powerTooLow] as const;

/** So many seconds later people know, and so many after its end it goes on. */
const soon = { atMost: 10 };

export const r21: Scenario = {
  id: 'R21',
  title:
    'the token is revoked, the app uninstalled, a channel archived, a ghost kicked, the bot’s power taken',
  minutes: { quick: 0.4, short: 2, long: 20 },
  async run(run) {
    const scene = await startScene();
    try {
      return await putToRest(scene, run);
    } finally {
      await scene.close();
    }
  },
};

async function putToRest(scene: Scene, run: Run): Promise<readonly Figure[]> {
  const plan = plans[run.size];
  const places: Place[] = [];
  for (const cause of ofLinks)
    places.push({ cause, linked: await scene.linkedRoom(cause.name.replaceAll('_', '-')) });
  const rooms = places.map(({ linked }) => linked);
  const conversations = places.map(({ cause, linked }) =>
    startConversation(scene, [withFriends(scene, linked)], {
      rate: plan.perSecond,
      changes: false,
      random: run.random,
      mostWaiting,
      ...(cause === channelArchived && { from: 'matrix' }), // nobody writes in an archived channel
    }),
  );
  const times: Timed[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    await bothGhosts(scene, rooms);
    times.push(...(await Promise.all(places.map((place) => rest(scene, [place.linked], place.cause, plan)))));
    for (const cause of plan.ofTeam) times.push(await rest(scene, rooms, cause, plan));
    const told = times.slice(-ofLinks.length - plan.ofTeam.length);
    run.say(`told after ${told.map(({ name, notice }) => `${notice.toFixed(1)} s (${name})`).join(', ')}`);
  }
  await Promise.all(conversations.map((each) => each.end()));
  const ghost = ghostOf(scene, scene.slack.ann);
  const returns = rooms.reduce((sum, linked) => sum + uninvitedReturns(scene, linked, ghost), 0);
  return [
    ...(await verdictOf(conversations, run)),
    ...timeFigures(times, run.size),
    figure('R21.ghost_came_back', returns, 'times', { atMost: 0 }),
  ];
}

interface Place {
  readonly cause: Cause;
  readonly linked: LinkedRoom;
}

/** Somebody can only be put out of a room who is in it. */
async function bothGhosts(scene: Scene, rooms: readonly LinkedRoom[]): Promise<void> {
  const ghosts = [scene.slack.ann, scene.slack.ben].map((user) => ghostOf(scene, user));
  for (const { room } of rooms.slice(1))
    await scene.alice.waitFor(
      room,
      (seen) => ghosts.every((user) => seen.members().get(user)?.membership === 'join') || undefined,
      30_000,
    );
}

interface Timed {
  readonly name: string;
  /** Seconds until the last room had its notice, and until the last one went on. */
  readonly notice: number;
  readonly goesOn: number;
}

async function rest(
  scene: Scene,
  rooms: readonly LinkedRoom[],
  cause: Cause,
  { away }: Plan,
): Promise<Timed> {
  const [first] = rooms;
  if (!first) throw new Error('There is no room to put to rest.');
  const told = (): readonly number[] => rooms.map((linked) => cause.notices(scene, linked));
  const notice = await secondsUntilMore(told, () => cause.happen(scene, first));
  await sleep(away);
  const end = (): Promise<unknown> => cause.end(scene, first);
  if (!cause.pauses) {
    await end();
    return { name: cause.name, notice, goesOn: 0 };
  }
  const resumed = (): readonly number[] => rooms.map((linked) => resumptions(scene, linked));
  return { name: cause.name, notice, goesOn: await secondsUntilMore(resumed, end) };
}

async function verdictOf(
  conversations: readonly Conversation[],
  { size, say }: Run,
): Promise<readonly Figure[]> {
  const verdicts = await Promise.all(conversations.map((each) => each.settled(patience, size === 'quick')));
  for (const verdict of verdicts) sayComplaints(verdict, say);
  const written = conversations.reduce((sum, each) => sum + each.said().length, 0);
  return verdictFigures('R21', sumOf(verdicts), written);
}

/** The longest of all rounds. On a slow machine the quick form says nothing about times. */
function timeFigures(times: readonly Timed[], size: Size): readonly Figure[] {
  const goal = size === 'quick' ? null : soon;
  const longest = (of: (timed: Timed) => number, name: string): number =>
    Math.max(...times.filter((timed) => timed.name === name).map(of));
  const names = [...new Set(times.map(({ name }) => name))];
  const resting = names.filter((name) => name !== ghostKicked.name);
  return [
    ...names.map((name) =>
      figure(
        `R21.${name}.notice`,
        longest(({ notice }) => notice, name),
        's',
        goal,
      ),
    ),
    ...resting.map((name) =>
      figure(
        `R21.${name}.goes_on`,
        longest(({ goesOn }) => goesOn, name),
        's',
        goal,
      ),
    ),
  ];
}
