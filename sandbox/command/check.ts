import type { MatrixUser, SeenMessage } from '../matrix-user.ts';
import type { Stack } from './stack.ts';

/** One thing that was done on one side, and what was seen of it on the other. */
export interface Observation {
  readonly done: string;
  readonly seen: string;
  readonly ok: boolean;
  /** From the doing to the seeing, in milliseconds; 0 when it wasn't seen. */
  readonly milliseconds: number;
}

interface Scene {
  readonly stack: Stack;
  readonly alice: MatrixUser;
  readonly room: string;
  readonly channel: string;
  readonly ann: string;
  readonly ben: string;
  /** Marks the texts of this conversation. */
  readonly mark: string;
}

type Step = (scene: Scene, said: Said) => Promise<string>;

/** What later steps refer to. */
interface Said {
  /** Ann's message as Alice sees it, and its ts. */
  annEvent: string;
  annTs: string;
  /** Alice's message, and its ts in Slack. */
  aliceEvent: string;
  aliceTs: string;
}

const patience = 15_000;

/** Holds a conversation both ways through what people use: Slack's API and page, and a Matrix client. */
export async function holdConversation(stack: Stack): Promise<readonly Observation[]> {
  const [linked] = stack.rooms;
  const [ann, ben] = stack.world.people;
  if (!linked || !ann || !ben) throw new Error('The sandbox has no linked channel.');
  const scene: Scene = {
    stack,
    alice: stack.people[0],
    room: linked.room,
    channel: linked.channel.id,
    ann: ann.id,
    ben: ben.id,
    mark: Date.now().toString(36),
  };
  const said: Said = { annEvent: '', annTs: '', aliceEvent: '', aliceTs: '' };
  const observations: Observation[] = [];
  for (const [done, step] of steps) observations.push(await observe(done, () => step(scene, said)));
  return observations;
}

async function observe(done: string, step: () => Promise<string>): Promise<Observation> {
  const started = performance.now();
  try {
    const seen = await step();
    return { done, seen, ok: true, milliseconds: Math.round(performance.now() - started) };
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { done, seen: reason, ok: false, milliseconds: 0 };
  }
}

const steps: readonly (readonly [string, Step])[] = [
  ['Ann writes *bold* text in Slack', annWrites],
  ['Ben answers in the thread in Slack', benAnswersInThread],
  ['Ann edits her message in Slack', annEdits],
  ['Ben reacts with :tada: in Slack', benReacts],
  ['Alice writes bold text in Matrix', aliceWrites],
  ['Alice mentions Ann in Matrix', aliceMentions],
  ['Alice edits her message in Matrix', aliceEdits],
  ['Alice reacts with 👍 in Matrix', aliceReacts],
  ['Alice answers in the thread in Matrix', aliceAnswersInThread],
  ['Ann deletes her message in Slack', annDeletes],
  ['Alice removes her message in Matrix', aliceRemoves],
];

async function annWrites({ stack, alice, room, channel, ann, mark }: Scene, said: Said): Promise<string> {
  const { ts } = stack.world.slack.control.post({ channel, user: ann, text: `*Hello* from Slack ${mark}` });
  const seen = await alice.waitForText(room, new RegExp(`Hello.* from Slack ${mark}`), patience);
  expect(seen.html?.includes('<strong>Hello</strong>'), 'the bold text isn’t bold');
  expect(seen.senderName?.includes('Ann'), `the sender is shown as ${seen.senderName ?? 'nobody'}`);
  expect(seen.senderAvatar !== undefined, 'the sender has no picture');
  said.annEvent = seen.eventId;
  said.annTs = ts;
  return `Alice sees it, bold, from “${seen.senderName}” with a picture`;
}

async function benAnswersInThread(scene: Scene, said: Said): Promise<string> {
  const { stack, alice, room, channel, ben, mark } = scene;
  const text = `In the thread ${mark}`;
  stack.world.slack.control.post({ channel, user: ben, text, thread: said.annTs });
  const seen = await alice.waitForText(room, text, patience);
  expect(seen.thread === said.annEvent, 'it isn’t in the thread of Ann’s message');
  return `Alice sees it in the thread, from “${seen.senderName}”`;
}

async function annEdits({ stack, alice, room, channel, mark }: Scene, said: Said): Promise<string> {
  stack.world.slack.control.edit({ channel, ts: said.annTs, text: `Hello again ${mark}` });
  await waitForMessage(alice, room, said.annEvent, ({ edited, body }) => edited && body.includes('again'));
  return 'Alice sees the new text, marked as edited';
}

async function benReacts({ stack, alice, room, channel, ben }: Scene, said: Said): Promise<string> {
  stack.world.slack.control.react({ channel, ts: said.annTs, user: ben, name: 'tada' });
  await waitForMessage(alice, room, said.annEvent, ({ reactions }) => reactions.has('🎉'));
  return 'Alice sees 🎉 below the message';
}

async function aliceWrites(scene: Scene, said: Said): Promise<string> {
  const { alice, room, mark } = scene;
  said.aliceEvent = await alice.say(room, {
    body: `Hello from Matrix ${mark}`,
    html: `<b>Hello</b> from Matrix ${mark}`,
  });
  const seen = await waitInSlack(scene, ({ text }) => text?.includes(`from Matrix ${mark}`));
  said.aliceTs = seen.ts ?? '';
  expect(seen.text?.includes('*Hello*'), `the bold text is ${seen.text ?? ''}`);
  expect(seen.username?.includes('Alice Adams'), `the sender is shown as ${seen.username ?? 'the bot'}`);
  return `Slack shows it, bold, from “${seen.username}”`;
}

async function aliceMentions(scene: Scene): Promise<string> {
  const { alice, room, ann, mark } = scene;
  const ghost = [...alice.room(room).members().keys()].find((user) => user.includes(ann.toLowerCase())) ?? '';
  await alice.say(room, {
    body: `Ann, look ${mark}`,
    html: `<a href="https://matrix.to/#/${ghost}">Ann</a>, look ${mark}`,
  });
  const seen = await waitInSlack(scene, ({ text }) => text?.includes(`look ${mark}`));
  expect(seen.text?.includes(`<@${ann}>`), `the mention is ${seen.text ?? ''}`);
  return 'Slack shows a mention of Ann';
}

async function aliceEdits(scene: Scene, said: Said): Promise<string> {
  const { alice, room, mark } = scene;
  await alice.edit(room, said.aliceEvent, `Corrected ${mark}`);
  await waitInSlack(scene, ({ ts, text }) => ts === said.aliceTs && text?.includes('Corrected'));
  return 'Slack shows the new text in the same message';
}

async function aliceReacts(scene: Scene, said: Said): Promise<string> {
  await scene.alice.react(scene.room, said.annEvent, '👍');
  await waitInSlack(
    scene,
    ({ ts, reactions }) => ts === said.annTs && reactions?.some(({ name }) => name === '+1'),
  );
  return 'Slack shows :+1: below Ann’s message';
}

async function aliceAnswersInThread(scene: Scene, said: Said): Promise<string> {
  const { alice, room, mark } = scene;
  await alice.sayInThread(room, said.annEvent, `Thread answer ${mark}`);
  const seen = await waitInSlack(scene, ({ text }) => text?.includes(`Thread answer ${mark}`));
  expect(seen.thread_ts === said.annTs, 'it isn’t in the thread of Ann’s message');
  return 'Slack shows it in the thread';
}

async function annDeletes({ stack, alice, room, channel }: Scene, said: Said): Promise<string> {
  stack.world.slack.control.delete({ channel, ts: said.annTs });
  await alice.waitFor(
    room,
    (seen) => (seen.messages().some(({ eventId }) => eventId === said.annEvent) ? undefined : true),
    patience,
  );
  return 'Alice doesn’t see it any more';
}

async function aliceRemoves(scene: Scene, said: Said): Promise<string> {
  await scene.alice.redact(scene.room, said.aliceEvent);
  await until(() => !slackMessages(scene).some(({ ts }) => ts === said.aliceTs));
  return 'Slack doesn’t show it any more';
}

function waitForMessage(
  person: MatrixUser,
  room: string,
  event: string,
  wanted: (message: SeenMessage) => boolean,
): Promise<SeenMessage> {
  return person.waitFor(
    room,
    (seen) => seen.messages().find((message) => message.eventId === event && wanted(message)),
    patience,
  );
}

type SlackMessage = ReturnType<Stack['world']['slack']['control']['messages']>[number];

function slackMessages({ stack, channel }: Scene): readonly SlackMessage[] {
  return stack.world.slack.control.messages({ channel, all: true, limit: 200 });
}

async function waitInSlack(
  scene: Scene,
  wanted: (message: SlackMessage) => boolean | undefined,
): Promise<SlackMessage> {
  return until(() => slackMessages(scene).find((message) => wanted(message) === true));
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not seen in ${patience / 1000} s`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

function expect(condition: boolean | undefined, otherwise: string): void {
  if (condition !== true) throw new Error(`Wrong: ${otherwise}`);
}

/** The observations as a table for a terminal. */
export function observationTable(observations: readonly Observation[]): string {
  const width = Math.max(...observations.map(({ done }) => done.length));
  return observations
    .map(
      ({ done, seen, ok, milliseconds }) =>
        `${ok ? 'ok  ' : 'FAIL'} ${done.padEnd(width)}  ${ok ? `${milliseconds} ms`.padStart(8) : '       –'}  ${seen}`,
    )
    .join('\n');
}
