import { newId, newSecret } from '../ids.ts';
import type { App } from '../model.ts';
import type { World } from '../world.ts';
import type { View, ViewContent } from './model.ts';

/** A modal holds so many views on top of each other. */
export const MOST_STACKED = 3;

/** The person's Home tab of the app, if it was ever published. */
export function homeOf(world: World, app: Pick<App, 'id' | 'teamId'>, userId: string): View | undefined {
  for (const view of world.views.values()) if (view.type === 'home' && isFor(view, app, userId)) return view;
  return undefined;
}

/** The modals on somebody's screen, the top one last. */
export function modalsOf(world: World, userId: string): readonly View[] {
  return [...world.views.values()].filter((view) => view.type === 'modal' && view.userId === userId);
}

export function publishHome(world: World, app: App, userId: string, content: ViewContent): View {
  const known = homeOf(world, app, userId);
  if (known) return changeView(world, known, content);
  return addView(world, app, { type: 'home', userId, content });
}

/** Opens a modal; `on`: on top of that one. */
export function openModal(world: World, app: App, userId: string, content: ViewContent, on?: View): View {
  if (!on) for (const view of modalsOf(world, userId)) world.views.delete(view.id);
  return addView(world, app, { type: 'modal', userId, content, on });
}

function addView(
  world: World,
  app: App,
  {
    type,
    userId,
    content,
    on,
  }: Pick<View, 'type' | 'userId' | 'content'> & { readonly on?: View | undefined },
): View {
  const id = newId('V');
  const view: View = {
    id,
    type,
    appId: app.id,
    teamId: app.teamId,
    userId,
    rootId: on?.rootId ?? id,
    previousId: on?.id,
    content,
    hash: newHash(world),
  };
  world.views.set(id, view);
  touch(world, view);
  return view;
}

export function changeView(world: World, view: View, content: ViewContent): View {
  view.content = content;
  view.hash = newHash(world);
  touch(world, view);
  return view;
}

/** `all`: with what lies below it. */
export function closeModal(world: World, view: View, all: boolean): void {
  for (const each of all ? modalsOf(world, view.userId) : [view]) world.views.delete(each.id);
  touch(world, view);
}

function newHash(world: World): string {
  return `${world.seconds()}.${newSecret(4)}`;
}

function isFor(view: View, app: Pick<App, 'id' | 'teamId'>, userId: string): boolean {
  return view.appId === app.id && view.teamId === app.teamId && view.userId === userId;
}

function touch(world: World, view: View): void {
  world.changed({ what: 'view', teamId: view.teamId, id: view.id });
}
