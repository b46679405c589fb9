import { newSecret } from '../ids.ts';
import type { App } from '../model.ts';
import type { World } from '../world.ts';
import type { Trigger } from './model.ts';

/** @see https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses */
const LIFE_MS = 3000;

/** A `trigger_id`: good for three seconds, once. */
export function newTrigger(world: World, app: App, userId: string, viewId?: string): string {
  const id = `${world.seconds()}.${Math.floor(Math.random() * 1e12)}.${newSecret()}`;
  const expiresAt = world.clock.now() + LIFE_MS;
  world.triggers.set(id, { appId: app.id, teamId: app.teamId, userId, viewId, expiresAt, used: false });
  world.clock.after(10 * LIFE_MS, () => world.triggers.delete(id));
  return id;
}

/** Uses it up; else Slack's name for why it can't be used. */
export function exchangeTrigger(
  world: World,
  app: Pick<App, 'id' | 'teamId'>,
  id: string,
): Trigger | 'invalid' | 'expired_trigger_id' | 'exchanged_trigger_id' {
  const trigger = world.triggers.get(id);
  if (!trigger || trigger.appId !== app.id || trigger.teamId !== app.teamId) return 'invalid';
  if (trigger.used) return 'exchanged_trigger_id';
  if (world.clock.now() > trigger.expiresAt) return 'expired_trigger_id';
  trigger.used = true;
  return trigger;
}
