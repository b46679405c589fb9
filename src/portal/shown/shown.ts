import type { MatrixEvent, SlackEvent } from '../../events.ts';
import type { Work } from '../context.ts';
import { pauseIfExposed } from '../from-slack/watch-privacy.ts';
import { whilePaused } from '../pause.ts';
import { nameToMatrix, nameToSlack } from './name.ts';
import { aliasToMatrix, lookAtAlias } from './alias.ts';
import { pictureToMatrix } from './picture.ts';
import { pinsToMatrix, pinsToSlack, pinToMatrix } from './pins.ts';
import { topicToMatrix, topicToSlack } from './topic.ts';

type SlackShown = Extract<SlackEvent, { readonly type: 'shown' | 'pin' | 'look' }>;
type State = Extract<MatrixEvent, { readonly type: 'state' }>;

/**
 * What a channel shows of itself, in the room: topic, name (and by that its alias), pins. An event only says that something changed; how it is now
 * is asked, and compared with what both sides showed when they were last in step. So it doesn't matter in which order
 * changes of both sides come, how often, or that our own come back.
 */
export async function shownToMatrix(work: Work, event: SlackShown): Promise<void> {
  switch (event.type) {
    case 'shown':
      if (await pauseIfExposed(work)) return undefined;
      if (event.what === 'topic') return topicToMatrix(work, event);
      await nameToMatrix(work, event);
      await aliasToMatrix(work);
      return undefined;
    case 'pin':
      return pinToMatrix(work, event);
    case 'look':
      if (await pauseIfExposed(work)) return undefined;
      await topicToMatrix(work);
      await nameToMatrix(work);
      await lookAtAlias(work);
      await pictureToMatrix(work);
      if (event.pins) await pinsToMatrix(work, event.pins);
  }
}

/** The other way round; `undefined` for state of other kinds. */
export function shownToSlack(event: State): ((work: Work) => Promise<void>) | undefined {
  if (event.stateKey !== '') return undefined;
  switch (event.kind) {
    case 'm.room.topic':
      return (work) => unlessExposed(work, () => topicToSlack(work, event));
    case 'm.room.name':
      return (work) => unlessExposed(work, () => nameToSlack(work, event));
    case 'm.room.pinned_events':
      return (work) => pinsToSlack(work, event);
    default:
      return undefined;
  }
}

/** Where both sides changed, the room takes what the channel shows: from here it may get there, too. */
async function unlessExposed(work: Work, change: () => Promise<void>): Promise<void> {
  if (await pauseIfExposed(work)) throw whilePaused(work.portal);
  return change();
}
