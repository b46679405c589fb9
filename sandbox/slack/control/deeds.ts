import { findEphemeral } from '../interactivity/ephemerals.ts';
import type { Ephemeral, View } from '../interactivity/model.ts';
import type { App, Channel, User } from '../model.ts';
import type { World } from '../world.ts';
import { ControlError } from './action.ts';
import { findApp, findChannel, findUser } from './find.ts';

/** Who does something, and with which app: without one, the first of their workspace. */
export function who(
  world: World,
  id: string,
  appId: string | undefined,
): { readonly user: User; readonly app: App } {
  const user = findUser(world, id);
  return { user, app: findApp(world, appId, user.teamId) };
}

/** A view that this person has before them, with its app. */
export function viewOf(
  world: World,
  userId: string,
  id: string,
): { readonly view: View; readonly user: User; readonly app: App } {
  const view = world.views.get(id);
  if (view?.userId !== userId) throw new ControlError(`${userId} sees no view ${id}.`);
  const app = world.installation(view.appId, view.teamId);
  if (!app) throw new ControlError(`The app of ${view.id} isn't there any more.`);
  return { view, user: findUser(world, userId), app };
}

/** As `viewOf`, of a modal. */
export function openModalOf(world: World, userId: string, id: string): ReturnType<typeof viewOf> {
  const found = viewOf(world, userId, id);
  if (found.view.type !== 'modal') throw new ControlError(`${id} is no modal.`);
  return found;
}

/** A channel that somebody sees: one that they are in, or a public one. */
export function visibleTo(world: World, user: User, id: string): Channel {
  const channel = findChannel(world, id);
  if (channel.kind === 'public' || channel.members.has(user.id)) return channel;
  throw new ControlError(`${user.name} isn't in ${channel.name === '' ? id : channel.name}.`);
}

/** What only this person sees there. */
export function ephemeralTo(world: World, user: User, channel: Channel, ts: string): Ephemeral | undefined {
  const found = findEphemeral(world, channel.id, ts);
  return found?.userId === user.id ? found : undefined;
}
