import { createCommands } from '../../src/admin/commands.ts';
import type { DeadLetterDesk, LetterView, Outcome } from '../../src/admin/dead-letter-ports.ts';
import type { AdminContext, QueueDepth } from '../../src/admin/ports.ts';
import type { MatrixRelation } from '../../src/events.ts';
import { channelId } from '../../src/ids.ts';
import { createBroadcast } from '../../src/portal/broadcast.ts';
import { createLinking } from '../../src/portal/link.ts';
import type { Portal, SlackChannel, SlackTeam } from '../../src/portal/ports.ts';
import { bot } from '../portal/support/recorded-matrix.ts';
import { ann, general, makeWorld, matrixMessage, team } from '../portal/support/world.ts';

/** Dead letters as they are shown; trying one again ends as the test says. */
class RecordedDesk implements DeadLetterDesk {
  letters: readonly LetterView[] = [];
  outcomes: readonly Outcome[] = [];
  readonly asked: string[] = [];

  page: DeadLetterDesk['page'] = async (page, size, portal) => {
    const all = this.letters.filter((each) => portal === undefined || each.portal === portal);
    return { letters: all.slice((page - 1) * size, page * size), total: all.length };
  };
  retry: DeadLetterDesk['retry'] = async (numbers, actor, portal) => {
    this.asked.push(`retry ${String(numbers)} by ${actor} in ${portal ?? 'all'}`);
    return this.outcomes;
  };
  skip: DeadLetterDesk['skip'] = async (numbers, actor, portal) => {
    this.asked.push(`skip ${String(numbers)} by ${actor} in ${portal ?? 'all'}`);
    const all = this.letters.map(({ number }) => number);
    return numbers === 'all' ? all : all.filter((number) => numbers.includes(number));
  };
}

export const secret: SlackChannel = {
  team,
  channel: channelId('CSECRET'),
  name: 'layoffs',
  private: true,
  archived: false,
  member: true,
};

function stateOf({ name, trouble }: SlackTeam) {
  return { name, ok: trouble === undefined, ...(trouble !== undefined && { reason: trouble }) };
}

/** The commands among recorders. Ann may use the bridge, and rules her room. */
export function makeOffice(...portals: readonly Portal[]) {
  const world = makeWorld();
  world.store.rows = [...portals];
  world.slack.channels = [general, secret];
  world.matrix.members = [bot, ann];
  world.matrix.powers.set(ann, 50);
  const depth: QueueDepth = { toMatrix: { items: 0 }, toSlack: { items: 0 }, parked: 0, dead: 0 };
  const desk = new RecordedDesk();
  const context: AdminContext = {
    portals: world.store,
    matrix: world.matrix,
    slack: world.slack,
    linking: createLinking(world.context),
    broadcast: createBroadcast(world.context),
    queue: { depth: () => Promise.resolve(office.depth) },
    deadLetters: desk,
    homeserver: () => ({ ok: true }),
    restored: () => office.restored,
    workspaces: () => world.slack.teams().map(stateOf),
    permissionOf: world.context.permissionOf,
    now: () => world.clock.now(),
  };
  const commands = createCommands(context);
  let given = 0;
  const office = {
    ...world,
    commands,
    depth,
    restored: 0,
    desk,
    /** Gives a command and reads the answer. */
    say: async (
      text: string,
      place: 'room' | 'direct' = 'room',
      relation: MatrixRelation = {},
    ): Promise<string> => {
      given += 1;
      await commands.run(matrixMessage(`$command${given}`, text, { relation }), place);
      return world.matrix.sent().at(-1) ?? '';
    },
  };
  return office;
}
