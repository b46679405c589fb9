import type { Trigger, View, ViewContent } from '../interactivity/model.ts';
import { exchangeTrigger } from '../interactivity/triggers.ts';
import {
  changeView,
  homeOf,
  modalsOf,
  MOST_STACKED,
  openModal,
  publishHome,
} from '../interactivity/views.ts';
import { readView } from '../interactivity/read-view.ts';
import { viewShape } from '../shapes/view.ts';
import { json, text } from './arguments.ts';
import { SlackError } from './call.ts';
import type { Answer, Call, Method, Methods } from './call.ts';

/** @see https://docs.slack.dev/reference/methods/views.publish */
export const views: Methods = {
  'views.publish': ofBots(publish),
  'views.open': ofBots((call) => opened(call, false)),
  'views.push': ofBots((call) => opened(call, true)),
  'views.update': ofBots(update),
};

/** The same for all of them. */
type ViewAnswer = { readonly ok: true; readonly view: ReturnType<typeof viewShape> };

function ofBots(run: (call: Call) => ViewAnswer): Method {
  return { tier: 100, tokens: ['bot'], scopes: [], run };
}

function publish(call: Call): ViewAnswer {
  const { app } = call.caller;
  const content = contentOf(call, 'home');
  const userId = text(call, 'user_id') ?? '';
  const user = call.world.users.get(userId);
  if (!user || user.teamId !== call.caller.team.id) refuse('invalid `user_id`');
  if (!app.features.homeTab) throw new SlackError('not_enabled');
  refuseConflict(call, homeOf(call.world, app, userId));
  return answer(call, publishHome(call.world, app, userId, content));
}

function opened(call: Call, isPushed: boolean): ViewAnswer {
  const { world, caller } = call;
  const content = contentOf(call, 'modal');
  const trigger = triggerOf(call);
  const modals = modalsOf(world, trigger.userId);
  const top = modals.at(-1);
  if (isPushed && !top) throw new SlackError('not_found');
  if (isPushed && modals.length >= MOST_STACKED) throw new SlackError('push_limit_reached');
  return answer(call, openModal(world, caller.app, trigger.userId, content, isPushed ? top : undefined));
}

function update(call: Call): ViewAnswer {
  const { world, caller } = call;
  const [id, externalId] = [text(call, 'view_id'), text(call, 'external_id')];
  const view = [...world.views.values()].find(
    (each) =>
      each.appId === caller.app.id &&
      each.teamId === caller.team.id &&
      (id === undefined
        ? externalId !== undefined && each.content.externalId === externalId
        : each.id === id),
  );
  if (!view) throw new SlackError('not_found');
  const content = contentOf(call, view.type);
  refuseConflict(call, view);
  return answer(call, changeView(world, view, content));
}

function answer({ world }: Call, view: View): Answer & ViewAnswer {
  return { ok: true, view: viewShape(world, view) };
}

function contentOf(call: Call, type: View['type']): ViewContent {
  const found = readView(json(call, 'view', 'invalid_arguments'), type);
  if (!('problems' in found)) return found;
  if (found.problems[0] === 'view_too_large') throw new SlackError('view_too_large');
  return refuse(...found.problems);
}

function triggerOf(call: Call): Trigger {
  const exchanged = exchangeTrigger(call.world, call.caller.app, text(call, 'trigger_id') ?? '');
  if (exchanged === 'invalid') refuse('invalid `trigger_id`');
  if (typeof exchanged === 'string') throw new SlackError(exchanged);
  return exchanged;
}

/** The app says which state it knows, and it is another by now. */
function refuseConflict(call: Call, view: View | undefined): void {
  const hash = text(call, 'hash');
  if (hash !== undefined && view !== undefined && view.hash !== hash) throw new SlackError('hash_conflict');
}

function refuse(...messages: readonly string[]): never {
  throw new SlackError('invalid_arguments', { response_metadata: { messages } });
}
