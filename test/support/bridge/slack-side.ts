import type { RichTextBlock } from '@slack/types';
import type { Clock } from '../../../sandbox/slack/clock.ts';
import { startSlackSandbox } from '../../../sandbox/slack/server.ts';
import type { SlackSandbox } from '../../../sandbox/slack/server.ts';
import { renderRichText } from '../../../sandbox/slack/text/render.ts';
import { eventually } from './eventually.ts';

export type SlackPost = ReturnType<SlackSandbox['control']['messages']>[number];
export type SlackApp = ReturnType<SlackSandbox['control']['createTeam']>['app'];

/** A channel of the workspace. */
export interface SlackChannel {
  readonly id: string;
  readonly name: string;
}

export interface NewChannel {
  readonly private?: boolean;
  /** Whether the bridge's bot is in it from the beginning; absent: it isn't. */
  readonly withApp?: boolean;
}

/** A workspace with the bridge's app and two people, and what they see of it. */
export interface SlackSide {
  readonly sandbox: SlackSandbox;
  readonly control: SlackSandbox['control'];
  readonly team: { readonly id: string; readonly name: string };
  readonly app: SlackApp;
  /** The user ids of Ann and Ben. */
  readonly ann: string;
  readonly ben: string;
  /** A new channel that Ann and Ben are in. Its name is its own in the workspace. */
  newChannel(name: string, options?: NewChannel): SlackChannel;
  /** Ann (or `user`) writes; returns the message's ts. */
  say(
    channel: SlackChannel,
    text: string,
    options?: { readonly user?: string; readonly thread?: string },
  ): string;
  /** What the channel holds, replies too, oldest first. */
  posts(channel: SlackChannel): readonly SlackPost[];
  /** Waits for a post that `wanted` finds; fails with what was to be read there. */
  waitFor(
    channel: SlackChannel,
    wanted: (post: SlackPost) => boolean | undefined,
    timeout?: number,
  ): Promise<SlackPost>;
  /** Waits until the channel is as `wanted` says; fails with what was to be read there. */
  waitUntil(
    channel: SlackChannel,
    wanted: (posts: readonly SlackPost[]) => boolean | undefined,
    timeout?: number,
  ): Promise<void>;
  /** Waits for a post that shows just this, or something that matches it. */
  waitForText(channel: SlackChannel, wanted: string | RegExp, timeout?: number): Promise<SlackPost>;
}

/** What people read in a post: its blocks where it has some, as mrkdwn; else its text. */
export function shown({ blocks = [], text }: SlackPost): string {
  const rich = blocks.filter(isRichText);
  return rich.length > 0 ? rich.map(renderRichText).join('\n') : text;
}

function isRichText(block: unknown): block is RichTextBlock {
  return typeof block === 'object' && block !== null && 'type' in block && block.type === 'rich_text';
}

/** Slack's times until it sends an event again, twenty times as fast, in milliseconds. */
const retryDelaysMs = [0, 3_000, 15_000];

const patience = 15_000;

/** Starts a Slack of one test file's own. With `http` it sends no events until the app has a request URL. */
export async function startSlackSide(transport: 'socket' | 'http', clock?: Clock): Promise<SlackSide> {
  const sandbox = await startSlackSandbox(clock === undefined ? {} : { clock });
  const { control } = sandbox;
  control.settings({ retryDelaysMs });
  const { team, app } = control.createTeam({
    name: 'Acme',
    domain: 'acme',
    app: { name: 'Rooms', transport: transport === 'socket' ? transport : 'none' },
  });
  const person = (name: string, displayName: string): string => {
    const { id } = control.createUser({ team: team.id, name, displayName, picture: true });
    if (id === undefined) throw new Error('The Slack sandbox made a person without an id.');
    return id;
  };
  const ann = person('ann', 'Ann');
  const ben = person('ben', 'Ben');
  control.giveUpEvents({}); // of the making of all this: nobody listens yet
  return {
    sandbox,
    control,
    team,
    app,
    ann,
    ben,
    newChannel(name, { private: isPrivate = false, withApp = false } = {}) {
      const members = [ann, ben];
      const { id } = control.createChannel({ team: team.id, name, private: isPrivate, members, withApp });
      return { id, name };
    },
    say(channel, text, { user = ann, thread } = {}) {
      return control.post({ channel: channel.id, user, text, ...(thread !== undefined && { thread }) }).ts;
    },
    ...reading(control),
  };
}

function reading(
  control: SlackSandbox['control'],
): Pick<SlackSide, 'posts' | 'waitFor' | 'waitForText' | 'waitUntil'> {
  const posts: SlackSide['posts'] = ({ id }) => control.messages({ channel: id, all: true, limit: 5_000 });
  const waitFor: SlackSide['waitFor'] = (channel, wanted, timeout = patience) =>
    eventually(
      () => posts(channel).find((post) => wanted(post) === true),
      () => `In #${channel.name} was:\n${transcript(posts(channel))}`,
      timeout,
    );
  return {
    posts,
    waitFor,
    waitUntil: async (channel, wanted, timeout = patience) => {
      await eventually(
        () => wanted(posts(channel)) === true,
        () => `In #${channel.name} was:\n${transcript(posts(channel))}`,
        timeout,
      );
    },
    waitForText: (channel, wanted, timeout) =>
      waitFor(
        channel,
        (post) => (typeof wanted === 'string' ? shown(post) === wanted : wanted.test(shown(post))),
        timeout,
      ),
  };
}

function transcript(posts: readonly SlackPost[]): string {
  return posts.map((post) => `  ${post.username ?? post.user ?? ''}: ${shown(post)}`).join('\n');
}
