import { TryLater } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { PortalContext } from '../portal/context.ts';
import type { ReactionNoteStore } from '../portal/reaction-note-ports.ts';
import { showReactionNotes } from '../portal/reaction-notes.ts';

/** While some portal wants notes, or did just now, and while there is something left to do; and else, for what others left. */
const often = 1_000;
const seldom = 60_000;

interface Watched {
  readonly context: PortalContext;
  readonly notes: ReactionNoteStore;
  readonly log: Logger;
}

/** Brings the notes of reactions in step, beside everything else. */
export function watchReactionNotes({ context, notes, log }: Watched): { readonly stop: () => void } {
  let stopped = false;
  let lookedAt = 0;
  let wantedAt = -Infinity;
  let left = false;
  let timer = setTimeout(() => void look(), often);

  async function look(): Promise<void> {
    if (context.portals.all().some(({ policy }) => policy.reactionNames)) wantedAt = Date.now();
    if (left || Date.now() - wantedAt < seldom || Date.now() - lookedAt > seldom) {
      lookedAt = Date.now();
      left = await showReactionNotes(context, notes).catch((error: unknown) => {
        if (error instanceof TryLater) log.debug('notes of reactions could not be written yet', { error });
        else log.warn('notes of reactions could not be written', { error });
        return false;
      });
    }
    if (!stopped) timer = setTimeout(() => void look(), often);
  }

  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
