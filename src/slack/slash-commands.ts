import { z } from 'zod';
import type { Doc } from '../format/doc.ts';
import { slackLimits, splitDoc } from '../format/splitter.ts';
import { renderMrkdwn } from '../format/mrkdwn.ts';
import { renderRichText } from '../format/rich-text.ts';
import { channelId, slackUserId, teamId } from '../ids.ts';
import type { ChannelId, SlackUserId, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { maybe } from './fields.ts';
import { cutMrkdwn } from './render-post.ts';
import type { Respond } from './response-url.ts';

/** What somebody wrote behind `/matrix`, and where. */
export interface SlashCommand {
  readonly team: TeamId;
  readonly user: SlackUserId;
  /** Also a chat of people. */
  readonly channel?: ChannelId;
  /** As Slack calls it: `directmessage` and `privategroup` are no names. */
  readonly channelName?: string;
  readonly text: string;
  /** Names this command: the same one that comes again has the same. */
  readonly fact: string;
}

/** Answers a command, for the eyes of who gave it only. Only a bug throws. */
export type AnswerMatrix = (command: SlashCommand) => Promise<Doc>;

/** What a slash command is acknowledged with. @see https://docs.slack.dev/interactivity/implementing-slash-commands */
export interface SlashAnswer {
  readonly response_type: 'ephemeral';
  readonly text: string;
  readonly blocks?: readonly unknown[];
}

/** How long Slack's first wait is used for, in milliseconds: it gives up after 3 s. */
const answerAtOnceWithin = 2000;
/** Slack takes so many answers to one command. */
const mostAnswers = 5;

const atWork = 'I am at it; the answer comes in a moment.';
const failed = 'Something went wrong, and is in the log of the bridge. Try again, or tell its administrator.';
const shape = z.looseObject({
  text: z.string().optional(),
  trigger_id: z.string().optional(),
  response_url: z.string().optional(),
  channel_name: z.string().optional(),
});

export interface SlashOptions {
  readonly answer: AnswerMatrix;
  /** Whether this command comes for the first time. */
  readonly firstTime: (fact: string) => Promise<boolean>;
  readonly respond: Respond;
  readonly log: Logger;
}

/**
 * Answers a slash command's body: with what it is acknowledged with. What takes longer than 2 s is acknowledged at once and
 * answered by its `response_url`, as is what doesn't fit one message. What comes again is acknowledged only.
 */
export async function answerSlash(options: SlashOptions, body: unknown): Promise<SlashAnswer | undefined> {
  const read = readSlash(body);
  if (read === undefined) return ephemeral('This can’t be read. Say “/matrix help”.');
  const { command, responseUrl } = read;
  const answer = answerOnce(options, command);
  const first = await Promise.race([answer, later(answerAtOnceWithin)]);
  if (first === 'late') {
    if (responseUrl === undefined) return ephemeral(failed);
    void answer.then((answers) => send(options, responseUrl, answers));
    return ephemeral(atWork);
  }
  const [now, ...rest] = first;
  if (rest.length > 0 && responseUrl !== undefined) void send(options, responseUrl, rest);
  return now;
}

function readSlash(body: unknown) {
  const fields = shape.safeParse(body);
  if (!fields.success) return undefined;
  const { data } = fields;
  const team = maybe(teamId, data['team_id']);
  const user = maybe(slackUserId, data['user_id']);
  if (!team || !user) return undefined;
  const channel = maybe(channelId, data['channel_id']);
  const command: SlashCommand = {
    team,
    user,
    ...(channel && { channel }),
    ...(data.channel_name !== undefined && { channelName: data.channel_name }),
    text: data.text ?? '',
    fact: `slash:${team}:${data.trigger_id ?? crypto.randomUUID()}`,
  };
  return { command, responseUrl: data.response_url };
}

/** Never rejects. Nothing for a command that came before. */
async function answerOnce(options: SlashOptions, command: SlashCommand): Promise<readonly SlashAnswer[]> {
  try {
    if (!(await options.firstTime(command.fact))) return [];
    return slackAnswers(await options.answer(command));
  } catch (error) {
    options.log.error('a slash command could not be answered', { error });
    return [ephemeral(failed)];
  }
}

async function send(
  { respond, log }: SlashOptions,
  url: string,
  answers: readonly SlashAnswer[],
): Promise<void> {
  try {
    for (const answer of answers) await respond(url, answer);
  } catch (error) {
    log.warn('the answer to a slash command did not reach Slack', { error });
  }
}

/** A tree as answers that each fit one message; what doesn't fit all of them is left out, and that is said. */
export function slackAnswers(doc: Doc): readonly SlashAnswer[] {
  const pieces = splitDoc(doc, slackLimits);
  const shown = pieces.slice(0, mostAnswers).map(slashAnswer);
  if (pieces.length <= mostAnswers) return shown;
  return [...shown.slice(0, -1), ephemeral('… There is more than Slack takes: ask for less of it.')];
}

const fallbackLength = 3000;

function slashAnswer(doc: Doc): SlashAnswer {
  const text = cutMrkdwn(renderMrkdwn(doc), fallbackLength);
  return { ...ephemeral(text), blocks: renderRichText(doc) };
}

function ephemeral(text: string): SlashAnswer {
  return { response_type: 'ephemeral', text };
}

function later(milliseconds: number): Promise<'late'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('late'), milliseconds).unref();
  });
}
