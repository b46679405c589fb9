import { CannotBridge } from '../../errors.ts';
import type { PortalContext } from '../context.ts';
import type { Portal, RaisedLevel } from '../ports.ts';

type Levels = Readonly<Record<string, unknown>>;

const powerLevels = 'm.room.power_levels';
/** What those have who look after a room, by custom. */
const moderators = 50;
/** What people write, where a room has levels of their own for that. */
const written = [
  'm.poll.start',
  'm.reaction',
  'm.room.encrypted',
  'm.room.message',
  'm.sticker',
  'org.matrix.msc3381.poll.start',
] as const;

/**
 * While the channel is archived only moderators write in the room. What is changed for that is kept before it is done, so
 * that just this is put back; a second time changes nothing, whatever people made of the levels meanwhile. False where
 * that isn't wanted, or the room doesn't let the bot.
 */
export async function closeRoom(context: PortalContext, portal: Portal): Promise<boolean> {
  if (!portal.policy.readOnly) return false;
  const { matrix, shown } = context;
  const known = await shown.closedRoom(portal.id);
  if (known?.applied === true) return true;
  const done = await ifAllowed(context, portal, async () => {
    const content = await matrix.state(portal.room, powerLevels, '');
    if (!content) return false;
    const levels = known?.levels ?? levelsToRaise(content);
    const own = await matrix.powerOf(portal.room, matrix.bot);
    if (levels.length === 0 || levels.some(({ raised }) => raised > own)) return false;
    await shown.setClosedRoom(portal.id, { levels, applied: false });
    const raised = levels.reduce((changed, level) => changeLevel(changed, level, 'raise'), content);
    if (raised !== content) await matrix.setState(portal.room, powerLevels, '', raised);
    await shown.setClosedRoom(portal.id, { levels, applied: true });
    return true;
  });
  if (!done && known === undefined) await shown.setClosedRoom(portal.id, undefined);
  return done;
}

/** Puts back what closing the room changed, where nobody changed it since. True when the room was closed. */
export async function reopenRoom(context: PortalContext, portal: Portal): Promise<boolean> {
  const { matrix, shown } = context;
  const known = await shown.closedRoom(portal.id);
  if (!known) return false;
  return ifAllowed(context, portal, async () => {
    const content = (await matrix.state(portal.room, powerLevels, '')) ?? {};
    const before = known.levels.reduce((changed, level) => changeLevel(changed, level, 'put back'), content);
    if (before !== content) await matrix.setState(portal.room, powerLevels, '', before);
    await shown.setClosedRoom(portal.id, undefined);
    return true;
  });
}

async function ifAllowed(
  { log }: PortalContext,
  { id }: Portal,
  change: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    log.info('A room doesn’t let the bot change who may write', { portal: id, reason: error.reason });
    return false;
  }
}

function levelsToRaise(content: Levels): readonly RaisedLevel[] {
  const members = numberOf(content['users_default']) ?? 0;
  const raised = Math.max(moderators, members + 1);
  const paths = [['events_default'], ...written.map((type) => ['events', type] as const)] as const;
  return paths.flatMap((path): readonly RaisedLevel[] => {
    const before = levelAt(content, path);
    if (before === undefined) return path.length === 1 ? [{ path, raised }] : [];
    return before < raised ? [{ path, before, raised }] : [];
  });
}

/** Only a level that is still as it was before the change: any other is what people made of it. */
function changeLevel(content: Levels, level: RaisedLevel, how: 'raise' | 'put back'): Levels {
  const { path, before, raised } = level;
  const [from, to] = how === 'raise' ? [before, raised] : [raised, before];
  if (levelAt(content, path) !== from) return content;
  const [first, second] = path;
  if (second === undefined) return withLevel(content, first, to);
  return { ...content, [first]: withLevel(objectOf(content[first]), second, to) };
}

function withLevel(content: Levels, key: string, level: number | undefined): Levels {
  const others = Object.entries(content).filter(([name]) => name !== key);
  return Object.fromEntries(level === undefined ? others : [...others, [key, level]]);
}

function levelAt(content: Levels, [first, second]: RaisedLevel['path']): number | undefined {
  return numberOf(second === undefined ? content[first] : objectOf(content[first])[second]);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function objectOf(value: unknown): Levels {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
