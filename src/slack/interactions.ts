import type { App, Receiver } from '@slack/bolt';
import { LogLevel } from '@slack/web-api';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import { slackLogger } from '../log/vendors.ts';
import { within } from './at-most.ts';
import { clientOptions } from './client-options.ts';
import type { Fields } from './fields.ts';
import { listenToShortcuts } from './message-shortcuts.ts';
import type { ShortcutOptions } from './message-shortcuts.ts';
import type { SlashAnswer } from './slash-commands.ts';
import type { Teams } from './teams.ts';

/** Slack gives up on an answer after 3 s. */
const answerWithin = 2500;

/**
 * Bolt serves what people do in Slack besides writing: slash commands, buttons, shortcuts. Both transports hand it these
 * after they have checked where they come from; events never come here, the store has them.
 *
 * `/matrix` is a command of the bridge, and there are entries in the menus of messages; the rest is acknowledged, so that Slack doesn't show people an error. Few bridges are
 * ever asked: Bolt is loaded for the first one who does.
 *
 * @param answering what is more than acknowledged.
 */
export function createInteractions(
  teams: Teams,
  apiUrl: string,
  log: Logger,
  { slash, shortcuts }: Answering,
): (body: Fields) => Promise<unknown> {
  let app: Promise<App> | undefined;
  return async (body) => {
    if (readable.safeParse(body).success) {
      app ??= startApp(teams, apiUrl, log, { slash, shortcuts });
      return dispatch(app, body, log);
    }
    log.info('a command or button from Slack has no shape that is known: it is only acknowledged');
    return undefined;
  };
}

export interface Answering {
  /** Answers the body of `/matrix`. */
  readonly slash: AnswerSlash;
  readonly shortcuts: ShortcutOptions;
}

/** What the body of `/matrix` is acknowledged with, within 2.5 s; nothing to show: nothing. */
export type AnswerSlash = (body: unknown) => Promise<SlashAnswer | undefined>;

const unknownCommand = 'This bridge knows the command `/matrix` only: `/matrix help` says what it does.';

async function startApp(teams: Teams, apiUrl: string, log: Logger, answering: Answering): Promise<App> {
  const bolt = await import('@slack/bolt');
  const receiver: Receiver = {
    init: () => undefined,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const app = new bolt.App({
    receiver,
    convoStore: false,
    deferInitialization: true,
    logger: slackLogger(log, LogLevel.INFO),
    clientOptions: clientOptions(apiUrl, log),
    authorize: ({ teamId }) => Promise.resolve(authorization(teams, teamId)),
  });
  await app.init();
  listen(app, answering.slash);
  listenToShortcuts(app, answering.shortcuts);
  return app;
}

function authorization(teams: Teams, team: string | undefined) {
  const found = teams.connected().find((each) => each.team.id === team);
  if (found === undefined) throw new Error('not a configured workspace');
  const { bot, botId } = found.team;
  return { botToken: found.botToken, botUserId: bot, ...(botId !== undefined && { botId }) };
}

function listen(app: App, slash: AnswerSlash): void {
  app.command('/matrix', async ({ ack, body }) => {
    const answer = await slash(body);
    await (answer === undefined ? ack() : ack(answer));
  });
  app.command(/^(?!\/matrix$)/, async ({ ack }) => ack({ response_type: 'ephemeral', text: unknownCommand }));
  app.action(/^/, async ({ ack }) => ack());
  app.view(/^/, async ({ ack }) => ack());
  app.options(/^/, async ({ ack }) => ack({ options: [] }));
}

const id = z.string().optional();
const block = z.looseObject({ action_id: id, block_id: id, callback_id: id });

/** What Bolt takes for granted in a body; a value of another shape makes it fail somewhere in its midst. */
const common = block.extend({
  event: z.undefined().optional(),
  team: z.looseObject({ id }).nullish(),
  channel: z.looseObject({ id }).optional(),
  actions: z.array(block).min(1).optional(),
});
const person = z.looseObject({ id });
const view = z.looseObject({ callback_id: z.string() });
const readable = z.union([
  common.extend({ command: z.string(), user: person.optional() }),
  common.extend({ type: z.enum(['view_submission', 'view_closed']), user: person, view }),
  common.extend({ type: z.string().regex(/^(?!view_)/), user: person, view: view.optional() }),
]);

/** What a listener acknowledges with; nothing where none did in time. */
async function dispatch(started: Promise<App>, body: Fields, log: Logger): Promise<unknown> {
  const answer = new Promise<unknown>((resolve, reject) => {
    const ack = (response?: unknown) => Promise.resolve(resolve(response));
    const processed = started.then((app) => app.processEvent({ body: { ...body }, ack }));
    processed.then(() => resolve(undefined), reject);
  });
  try {
    return await within(answerWithin, answer, 'no answer in time');
  } catch (error) {
    log.warn('a command or button from Slack could not be answered', { error });
    return undefined;
  }
}
