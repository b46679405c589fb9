import { TryLater } from '../../errors.ts';
import type { Work } from '../context.ts';
import { changeRoom } from './left-out.ts';

/** More portals than any process meets; past it all may be looked at anew. */
const remembered = 10_000;

/**
 * A room that the bridge made has the workspace's picture, and follows it, unless people gave it one of their own, or took
 * that away. Slack's channels have no pictures: nothing goes the other way. A nicety: what can't be had now comes with a
 * later look.
 */
export async function pictureToMatrix(work: Work): Promise<void> {
  const { context, memory, portal } = work;
  const { matrix, slack } = context;
  if (portal.policy.direction === 'to-slack' || portal.kind === 'direct') return; // that shows the other one's face
  try {
    const url = await slack.teamPicture(portal.channels[0].team);
    const picture = url === undefined ? undefined : await matrix.picture(url);
    if (picture === undefined || memory.shownPictures.get(portal.id) === picture) return;
    const change = () => matrix.showPicture(portal.room, picture);
    if (!(await changeRoom(work, 'picture', change))) return;
    if (memory.shownPictures.size >= remembered) memory.shownPictures.clear();
    memory.shownPictures.set(portal.id, picture);
  } catch (error) {
    if (!(error instanceof TryLater)) throw error;
    context.log.debug('A room’s picture was not looked at', { portal: portal.id, error });
  }
}
