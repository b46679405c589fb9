import type { Answered } from '../interactivity/interactions.ts';
import * as payloads from '../interactivity/payloads.ts';
import { newResponseUrl } from '../interactivity/response-urls.ts';
import { newTrigger } from '../interactivity/triggers.ts';
import type { App, User } from '../model.ts';
import type { ViewState } from '../shapes/view.ts';
import { isFields } from '../text/check.ts';
import type { Fields } from '../text/check.ts';
import type { World } from '../world.ts';
import { ControlError } from './action.ts';
import type { ControlParts } from './action.ts';
import { ephemeralTo, viewOf, visibleTo } from './deeds.ts';
import { findMessage, findUser } from './find.ts';

interface Press {
  readonly user: string;
  readonly view?: string | undefined;
  readonly channel?: string | undefined;
  readonly ts?: string | undefined;
  readonly action: string;
  readonly value?: string | undefined;
  readonly values: ViewState;
}

/** A press is told to the app whose button it is; one that leads to an address, too: `url` says which. */
export async function pressButton(
  { world, interact }: ControlParts,
  press: Press,
): Promise<Answered & { readonly url?: string }> {
  const { app, user, blocks, surface, viewId } = surfaceOf(world, press);
  const { button, blockId } = buttonIn(blocks, press);
  const action = {
    type: 'button' as const,
    action_id: press.action,
    block_id: blockId,
    text: textOf(button['text']),
    ...(typeof button['value'] === 'string' && { value: button['value'] }),
    ...(typeof button['url'] === 'string' && { url: button['url'] }),
    action_ts: world.eventTs(),
  };
  const trigger_id = newTrigger(world, app, user.id, viewId);
  const payload = payloads.blockActions(world, { app, user }, surface, { action, trigger_id });
  const answered = await interact({ app, type: 'interactive', payload });
  return { ...answered, ...(action.url !== undefined && { url: action.url }) };
}

interface Pressed {
  readonly app: App;
  readonly user: User;
  readonly blocks: readonly unknown[];
  readonly surface: payloads.Surface;
  readonly viewId?: string;
}

function surfaceOf(world: World, press: Press): Pressed {
  if (press.view !== undefined) {
    const { view, ...deed } = viewOf(world, press.user, press.view);
    const surface = { view, values: press.values };
    return {
      ...deed,
      surface,
      blocks: view.content.blocks,
      ...(view.type === 'modal' && { viewId: view.id }),
    };
  }
  if (press.channel === undefined || press.ts === undefined)
    throw new ControlError('Say where the button is: its view, or channel and ts.');
  const user = findUser(world, press.user);
  const channel = visibleTo(world, user, press.channel);
  const ephemeral = ephemeralTo(world, user, channel, press.ts);
  const found = ephemeral ?? findMessage(channel, press.ts);
  const app = world.installation(found.appId ?? '', channel.teamId);
  if (!app) throw new ControlError('The message is no app’s: nobody hears of its buttons.');
  const original = { ts: found.ts, ephemeral: ephemeral !== undefined };
  const target = { kind: 'actions', channel, userId: user.id, original } as const;
  const responseUrl = newResponseUrl(world, app, target);
  const blocks = found.blocks ?? [];
  if (ephemeral) return { app, user, blocks, surface: { channel, ephemeral, responseUrl } };
  return { app, user, blocks, surface: { channel, message: findMessage(channel, press.ts), responseUrl } };
}

function buttonIn(
  blocks: readonly unknown[],
  { action, value }: Press,
): { readonly button: Fields; readonly blockId: string } {
  for (const block of blocks) {
    if (!isFields(block)) continue;
    const listed: readonly unknown[] = Array.isArray(block['elements']) ? block['elements'] : [];
    const elements = [block['accessory'], ...listed];
    for (const button of elements)
      if (
        isFields(button) &&
        button['type'] === 'button' &&
        button['action_id'] === action &&
        (value === undefined || button['value'] === value)
      )
        return { button, blockId: String(block['block_id']) };
  }
  throw new ControlError(`There is no button ${action}${value === undefined ? '' : ` with ${value}`}.`);
}

function textOf(value: unknown): {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: boolean;
} {
  const text = isFields(value) && typeof value['text'] === 'string' ? value['text'] : '';
  return { type: 'plain_text', text, emoji: true };
}
