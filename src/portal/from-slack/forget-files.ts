import type { SlackMessage } from '../../events.ts';
import type { FileId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { isBrought } from './file-words.ts';

/** What was brought of files that go before anybody saw them goes as well, also what is on its way still. */
export async function forgetFiles({ context, portal, turn }: Work, files: readonly FileId[]): Promise<void> {
  for (const file of files) {
    turn.mayWrite();
    await context.files.removeFromMatrix(portal.id, file);
  }
}

/** Those of which bytes may have been brought. */
export function filesOf({ files }: SlackMessage): readonly FileId[] {
  return files.filter(isBrought).map(({ id }) => id);
}
