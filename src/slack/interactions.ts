import { App } from '@slack/bolt';
import type { Receiver } from '@slack/bolt';
import { LogLevel } from '@slack/web-api';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import { slackLogger } from '../log/vendors.ts';
import { within } from './at-most.ts';
import { clientOptions } from './client-options.ts';
import type { Fields } from './fields.ts';
import type { Teams } from './teams.ts';

/** Slack gives up on an answer after 3 s. */
const answerWithin = 2500;

/**
 * Bolt serves what people do in Slack besides writing: slash commands, buttons, shortcuts. Both transports hand it these
 * after they have checked where they come from; events never come here, the store has them.
 *
 * The bridge is steered from Matrix: a command gets an answer that says so, the rest is acknowledged, so that Slack
 * doesn't show people an error.
 */
export async function startInteractions(
  teams: Teams,
  apiUrl: string,
  log: Logger,
): Promise<(body: Fields) => Promise<unknown>> {
  const receiver: Receiver = {
    init: () => undefined,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const app = new App({
    receiver,
    convoStore: false,
    deferInitialization: true,
    logger: slackLogger(log, LogLevel.INFO),
    clientOptions: clientOptions(apiUrl, log),
    authorize: ({ teamId }) => Promise.resolve(authorization(teams, teamId)),
  });
  await app.init();
  listen(app);
  return (body) => dispatch(app, body, log);
}

function authorization(teams: Teams, team: string | undefined) {
  const found = teams.connected().find((each) => each.team.id === team);
  if (found === undefined) throw new Error('not a configured workspace');
  const { bot, botId } = found.team;
  return { botToken: found.botToken, botUserId: bot, ...(botId !== undefined && { botId }) };
}

function listen(app: App): void {
  app.command(/^/, async ({ ack }) => {
    await ack({
      response_type: 'ephemeral',
      text: 'This bridge takes its commands in Matrix: write `!slack help` in a bridged room there, or `help` in a direct chat with its bot.',
    });
  });
  app.action(/^/, async ({ ack }) => ack());
  app.shortcut(/^/, async ({ ack }) => ack());
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
async function dispatch(app: App, body: Fields, log: Logger): Promise<unknown> {
  if (!readable.safeParse(body).success) {
    log.info('a command or button from Slack has no shape that is known: it is only acknowledged');
    return undefined;
  }
  const answer = new Promise<unknown>((resolve, reject) => {
    const ack = (response?: unknown) => Promise.resolve(resolve(response));
    app.processEvent({ body: { ...body }, ack }).then(() => resolve(undefined), reject);
  });
  try {
    return await within(answerWithin, answer, 'no answer in time');
  } catch (error) {
    log.warn('a command or button from Slack could not be answered', { error });
    return undefined;
  }
}
