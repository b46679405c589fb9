import type { MatrixUserId } from '../ids.ts';
import type { RoomRights } from '../portal/ports.ts';
import { textAt } from './json.ts';
import { readPower } from './power.ts';
import type { StateEvent } from './power.ts';

/** The state events that describe a bridge: the stable form, and the one that most clients read. */
export const bridgeStates = ['m.bridge', 'uk.half-shot.bridge'] as const;

/** What bot and ghosts need in a room that becomes a portal, and lack; `state` is all of the room's. */
export function roomRights(state: readonly StateEvent[], bot: MatrixUserId): RoomRights {
  const find = (type: string): StateEvent | undefined =>
    state.find((event) => event.type === type && event.stateKey === '');
  const power = readPower(find('m.room.create'), find('m.room.power_levels')?.content);
  const own = power.of(bot);
  const ghosts = power.of('@ghost:without.a.level.of.its.own');
  const missing: string[] = [];
  const need = (what: string, who: 'the bot' | 'new members', level: number): void => {
    const has = who === 'the bot' ? own : ghosts;
    if (has < level)
      missing.push(`${what} (needs power ${level}, ${who} ${who === 'the bot' ? 'has' : 'have'} ${has})`);
  };

  for (const type of bridgeStates) {
    need(`say in the room's state that it is bridged, ${type}`, 'the bot', power.forState(type));
  }
  need('send messages', 'the bot', power.forEvent('m.room.message'));
  const joinRule = textAt(find('m.room.join_rules')?.content ?? {}, 'join_rule');
  if (joinRule !== 'public') need('invite people', 'the bot', power.forInvite());
  need('send messages', 'new members', power.forEvent('m.room.message'));
  need('react to messages', 'new members', power.forEvent('m.reaction'));
  need('delete their own messages', 'new members', power.forEvent('m.room.redaction'));
  return { joined: isJoined(state, bot), missing };
}

export function isJoined(state: readonly StateEvent[], user: string): boolean {
  return state.some(
    (event) =>
      event.type === 'm.room.member' &&
      event.stateKey === user &&
      textAt(event.content, 'membership') === 'join',
  );
}
