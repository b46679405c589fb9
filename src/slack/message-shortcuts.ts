import type { App } from '@slack/bolt';
import { z } from 'zod';
import { CannotBridge } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { Doc } from '../format/doc.ts';
import { channelId, slackUserId, teamId, ts } from '../ids.ts';
import type { ChannelId, SlackUserId, TeamId, Ts } from '../ids.ts';
import type { Logger } from '../log.ts';
import { maybe } from './fields.ts';
import { messageShortcuts } from './scopes.ts';
import type { ShortcutId } from './scopes.ts';
import { slackAnswers } from './slash-commands.ts';
import type { Respond } from './response-url.ts';

/** What somebody chose in a message's menu. That they see the message, Slack vouches for. */
export interface ShortcutUse {
  readonly shortcut: ShortcutId;
  readonly team: TeamId;
  readonly user: SlackUserId;
  readonly channel: ChannelId;
  readonly ts: Ts;
  /** Whether they wrote the message themselves. */
  readonly own: boolean;
  /** Names this use: the same one that comes again has the same. */
  readonly fact: string;
}

/** Answers a shortcut, for the eyes of who used it only. Only a bug throws, and what is out of reach. */
export type AnswerShortcut = (use: ShortcutUse) => Promise<Doc>;

export interface ShortcutOptions {
  readonly answer: AnswerShortcut;
  readonly respond: Respond;
  readonly log: Logger;
}

const failed = textDoc(
  'Something went wrong, and is in the log of the bridge. Try again, or tell its administrator.',
);

const shape = z.looseObject({
  callback_id: z.string(),
  trigger_id: z.string().optional(),
  response_url: z.string(),
  team: z.looseObject({ id: z.unknown() }),
  user: z.looseObject({ id: z.unknown() }),
  channel: z.looseObject({ id: z.unknown() }),
  message_ts: z.unknown(),
  message: z.looseObject({ user: z.unknown() }).optional(),
});

/**
 * What comes of shortcuts is said by their `response_url`, which shows it to one person, wherever they are: they are
 * acknowledged at once. One of another shape is only acknowledged.
 * @see https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
 */
export function listenToShortcuts(app: App, options: ShortcutOptions): void {
  app.shortcut(/^/, async ({ ack, body }) => {
    await ack();
    await answerShortcut(options, body);
  });
}

/** Never rejects. */
async function answerShortcut(options: ShortcutOptions, body: unknown): Promise<void> {
  const { respond, log } = options;
  const read = readShortcut(body);
  if (!read) return;
  try {
    for (const answer of slackAnswers(await answerOf(options, read.use)))
      await respond(read.responseUrl, { replace_original: false, ...answer });
  } catch (error) {
    log.warn('the answer to a shortcut did not reach Slack', { error });
  }
}

async function answerOf({ answer, log }: ShortcutOptions, use: ShortcutUse): Promise<Doc> {
  try {
    return await answer(use);
  } catch (error) {
    if (error instanceof CannotBridge) return textDoc(error.message);
    log.error('a shortcut could not be answered', { error });
    return failed;
  }
}

function readShortcut(
  body: unknown,
): { readonly use: ShortcutUse; readonly responseUrl: string } | undefined {
  const fields = shape.safeParse(body);
  if (!fields.success) return undefined;
  const { data } = fields;
  const { callback_id: shortcut } = data;
  if (!isShortcut(shortcut)) return undefined;
  const team = maybe(teamId, data.team.id);
  const user = maybe(slackUserId, data.user.id);
  const channel = maybe(channelId, data.channel.id);
  const at = maybe(ts, data.message_ts);
  if (!team || !user || !channel || !at) return undefined;
  const fact = `shortcut:${team}:${data.trigger_id ?? crypto.randomUUID()}`;
  const own = data.message?.user === user;
  return { use: { shortcut, team, user, channel, ts: at, own, fact }, responseUrl: data.response_url };
}

function isShortcut(id: string): id is ShortcutId {
  return Object.hasOwn(messageShortcuts, id);
}
