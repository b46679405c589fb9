import { z } from 'zod';

import { openDirect } from '../direct.ts';
import { publishHomeOpened } from '../events.ts';
import * as payloads from '../interactivity/payloads.ts';
import { newResponseUrl } from '../interactivity/response-urls.ts';
import { answerToSubmission } from '../interactivity/submissions.ts';
import { showAnswer } from '../interactivity/show-answer.ts';
import { newTrigger } from '../interactivity/triggers.ts';
import { closeModal, homeOf, modalsOf } from '../interactivity/views.ts';
import { viewShape } from '../shapes/view.ts';
import { isFields } from '../text/check.ts';
import { action, ControlError } from './action.ts';
import type { ControlParts } from './action.ts';
import { pressButton } from './buttons.ts';
import { openModalOf, visibleTo, who } from './deeds.ts';
import { findMessage, findUser } from './find.ts';

const values = z.record(z.string(), z.record(z.string(), z.unknown())).default({});
const byUser = { user: z.string(), app: z.string().optional() };

export const interactivityActions = {
  /** Somebody looks at the app's Home: it hears of it, and may publish what they see. */
  openHome: action(
    z.strictObject({ ...byUser, tab: z.enum(['home', 'messages']).default('home') }),
    ({ world }, { user: id, app: appId, tab }) => {
      const { user, app } = who(world, id, appId);
      const { channel } = openDirect(world, app.teamId, [user.id, app.botUserId]);
      const view = homeOf(world, app, user.id);
      publishHomeOpened(world, app, { user: user.id, channel, tab, view: view && viewShape(world, view) });
      return { channel: channel.id, view: view && viewShape(world, view) };
    },
  ),

  /** What somebody sees on the Home tab; absent: nothing was published for them. */
  home: action(z.strictObject(byUser), ({ world }, { user: id, app: appId }) => {
    const { user, app } = who(world, id, appId);
    const view = homeOf(world, app, user.id);
    return { view: view && viewShape(world, view) };
  }),

  /** The modals on somebody's screen, the top one last. */
  modals: action(z.strictObject({ user: z.string() }), ({ world }, { user }) =>
    modalsOf(world, findUser(world, user).id).map((view) => viewShape(world, view)),
  ),

  /** What only this person sees of a channel, oldest first. */
  ephemerals: action(
    z.strictObject({ channel: z.string(), user: z.string() }),
    ({ world }, { channel, user }) =>
      world.ephemerals.filter((each) => each.channelId === channel && each.userId === user),
  ),

  /** A shortcut of the app; one for messages with the message. */
  useShortcut: action(
    z.strictObject({
      ...byUser,
      shortcut: z.string(),
      channel: z.string().optional(),
      ts: z.string().optional(),
    }),
    useShortcut,
  ),

  slashCommand: action(
    z.strictObject({ ...byUser, channel: z.string(), command: z.string(), text: z.string().default('') }),
    slashCommand,
  ),

  /** A button of a Home tab or modal (`view`), or of a message that they see (`channel`, `ts`). */
  pressButton: action(
    z.strictObject({
      user: z.string(),
      view: z.string().optional(),
      channel: z.string().optional(),
      ts: z.string().optional(),
      action: z.string(),
      value: z.string().optional(),
      values,
    }),
    pressButton,
  ),

  submitView: action(
    z.strictObject({ user: z.string(), view: z.string(), values }),
    async ({ world, interact }, input) => {
      const { view, ...deed } = openModalOf(world, input.user, input.view);
      const trigger_id = newTrigger(world, deed.app, deed.user.id, view.id);
      const payload = payloads.viewSubmission(world, deed, { view, values: input.values, trigger_id });
      const answered = await interact({ app: deed.app, type: 'interactive', payload });
      if (!answered.acknowledged) return answered;
      return { ...answered, ...answerToSubmission(world, deed.app, view, answered.answer) };
    },
  ),

  closeView: action(
    z.strictObject({ user: z.string(), view: z.string(), all: z.boolean().default(false) }),
    async ({ world, interact }, input) => {
      const { view, ...deed } = openModalOf(world, input.user, input.view);
      closeModal(world, view, input.all || view.content.clearOnClose);
      if (!view.content.notifyOnClose) return { acknowledged: true, ms: 0 };
      const payload = payloads.viewClosed(world, deed, view, input.all);
      return interact({ app: deed.app, type: 'interactive', payload });
    },
  ),
};

async function useShortcut(
  { world, interact }: ControlParts,
  input: {
    readonly user: string;
    readonly app?: string | undefined;
    readonly shortcut: string;
    readonly channel?: string | undefined;
    readonly ts?: string | undefined;
  },
) {
  const deed = who(world, input.user, input.app);
  const { app, user } = deed;
  const found = app.features.shortcuts.find(({ callbackId }) => callbackId === input.shortcut);
  if (!found) throw new ControlError(`${app.name} has no shortcut ${input.shortcut}.`);
  const trigger_id = newTrigger(world, app, user.id);
  const sent = { callback_id: found.callbackId, trigger_id };
  if (found.type === 'global') {
    const payload = payloads.globalShortcut(world, deed, sent.callback_id, trigger_id);
    return interact({ app, type: 'interactive', payload });
  }
  if (input.channel === undefined || input.ts === undefined)
    throw new ControlError(`${found.name} is a shortcut for messages: say channel and ts.`);
  const channel = visibleTo(world, user, input.channel);
  const message = findMessage(channel, input.ts);
  const response_url = newResponseUrl(world, app, { kind: 'app', channel, userId: user.id });
  const payload = payloads.messageShortcut(world, deed, { channel, message }, { ...sent, response_url });
  return interact({ app, type: 'interactive', payload });
}

async function slashCommand(
  { world, interact }: ControlParts,
  input: {
    readonly user: string;
    readonly app?: string | undefined;
    readonly channel: string;
    readonly command: string;
    readonly text: string;
  },
) {
  const deed = who(world, input.user, input.app);
  const { app, user } = deed;
  if (!app.features.commands.some(({ command }) => command === input.command))
    throw new ControlError(`${input.command} is not a command of ${app.name}.`);
  const channel = visibleTo(world, user, input.channel);
  const { command, text } = input;
  const target = { kind: 'commands', channel, userId: user.id } as const;
  const response_url = newResponseUrl(world, app, target);
  const trigger_id = newTrigger(world, app, user.id);
  const payload = payloads.slashCommand(world, deed, channel, { command, text, response_url, trigger_id });
  const answered = await interact({ app, type: 'slash_commands', payload });
  const { answer } = answered;
  const body = typeof answer === 'string' ? { text: answer } : answer;
  if (isFields(body) && Object.keys(body).length > 0)
    showAnswer(
      world,
      { appId: app.id, teamId: app.teamId, userId: user.id, original: undefined },
      channel,
      body,
    );
  return answered;
}
