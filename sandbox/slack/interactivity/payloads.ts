import type { BlockAction, ButtonAction, GlobalShortcut, MessageShortcut, SlashCommand } from '@slack/bolt';

import type { App, Channel, Message, User } from '../model.ts';
import { historyWithMetadata, messageShape } from '../shapes/message.ts';
import type { Shape } from '../shapes/vendor.ts';
import { viewShape } from '../shapes/view.ts';
import type { ViewState } from '../shapes/view.ts';
import type { World } from '../world.ts';
import type { Ephemeral, View } from './model.ts';

/** Who did it, with which app. */
export interface Deed {
  readonly app: App;
  readonly user: User;
}

/** What all of these payloads have. `is_enterprise_install` is that of the workspace: organisations aren't told of here. */
function common(world: World, { app, user }: Deed) {
  return {
    token: app.verificationToken,
    team: { id: app.teamId, domain: world.teams.get(app.teamId)?.domain ?? '' },
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: app.id,
    is_enterprise_install: false,
  };
}

/** @see https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
export function globalShortcut(world: World, deed: Deed, callback_id: string, trigger_id: string) {
  const payload = {
    type: 'shortcut' as const,
    ...common(world, deed),
    action_ts: world.eventTs(),
    callback_id,
    trigger_id,
  };
  return payload satisfies Shape<GlobalShortcut> & { readonly api_app_id: string };
}

export function messageShortcut(
  world: World,
  deed: Deed,
  { channel, message }: { readonly channel: Channel; readonly message: Message },
  sent: { readonly callback_id: string; readonly trigger_id: string; readonly response_url: string },
) {
  const payload = {
    type: 'message_action' as const,
    ...common(world, deed),
    action_ts: world.eventTs(),
    ...sent,
    channel: channelOf(channel),
    message_ts: message.ts,
    message: messageShape(world, channel, message, historyWithMetadata),
  };
  return payload satisfies Omit<Shape<MessageShortcut>, 'message'>;
}

/** Where a button was pressed. */
export type Surface =
  | { readonly view: View; readonly values: ViewState }
  | { readonly channel: Channel; readonly message: Message; readonly responseUrl: string }
  | { readonly channel: Channel; readonly ephemeral: Ephemeral; readonly responseUrl: string };

/** @see https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export function blockActions(
  world: World,
  deed: Deed,
  surface: Surface,
  { action, trigger_id }: { readonly action: Shape<ButtonAction>; readonly trigger_id: string },
) {
  const start = { type: 'block_actions' as const, ...common(world, deed), trigger_id, enterprise: null };
  if ('view' in surface) {
    const view = viewShape(world, surface.view, surface.values);
    const container = { type: 'view', view_id: view.id };
    return { ...start, container, view, actions: [action] };
  }
  const { channel, responseUrl: response_url } = surface;
  const ephemeral = 'ephemeral' in surface;
  const ts = ephemeral ? surface.ephemeral.ts : surface.message.ts;
  const container = { type: 'message', message_ts: ts, channel_id: channel.id, is_ephemeral: ephemeral };
  const place = { channel: channelOf(channel), state: { values: {} }, response_url };
  const payload = {
    ...start,
    container,
    ...place,
    // What only one person sees is told without its content.
    ...(!ephemeral && { message: messageShape(world, channel, surface.message, historyWithMetadata) }),
    actions: [action],
  };
  return payload satisfies Omit<Shape<BlockAction>, 'message' | 'enterprise' | 'actions'>;
}

/** @see https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export function viewSubmission(
  world: World,
  deed: Deed,
  {
    view,
    values,
    trigger_id,
  }: { readonly view: View; readonly values: ViewState; readonly trigger_id: string },
) {
  return {
    type: 'view_submission' as const,
    ...common(world, deed),
    trigger_id,
    view: viewShape(world, view, values),
    response_urls: [],
    enterprise: null,
  };
}

export function viewClosed(world: World, deed: Deed, view: View, is_cleared: boolean) {
  return {
    type: 'view_closed' as const,
    ...common(world, deed),
    view: viewShape(world, view),
    is_cleared,
    enterprise: null,
  };
}

/** @see https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling */
export function slashCommand(
  world: World,
  { app, user }: Deed,
  channel: Channel,
  sent: {
    readonly command: string;
    readonly text: string;
    readonly response_url: string;
    readonly trigger_id: string;
  },
) {
  const payload = {
    token: app.verificationToken,
    team_id: app.teamId,
    team_domain: world.teams.get(app.teamId)?.domain ?? '',
    channel_id: channel.id,
    channel_name: channelOf(channel).name,
    user_id: user.id,
    user_name: user.name,
    api_app_id: app.id,
    is_enterprise_install: 'false',
    ...sent,
  };
  return payload satisfies Shape<Pick<SlashCommand, keyof typeof payload>>;
}

/** Names of private conversations aren't told here. */
function channelOf({ id, kind, name }: Channel): { readonly id: string; readonly name: string } {
  const names = { public: name, private: 'privategroup', im: 'directmessage', mpim: name };
  return { id, name: names[kind] };
}
