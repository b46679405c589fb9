import type { Command } from '../command.ts';
import { deadLetters, retry, skip, skipPreview } from '../dead-letters.ts';

/** What was given up. */
export const failureCommands: readonly Command[] = [
  {
    name: 'dead-letters',
    group: 'When something fails',
    on: ['matrix', 'slack', 'api'],
    args: [],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows what was given up and why: for this room, or in a chat with me alone all of it.',
    examples: ['dead-letters', 'dead-letters page 2'],
    paged: true,
    run: deadLetters,
  },
  {
    name: 'retry',
    group: 'When something fails',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'number', kind: 'number' }],
    needs: 'user',
    where: 'anywhere',
    help: 'Tries again what was given up: one of “dead-letters” by its number, or all of them.',
    examples: ['retry 12', 'retry all'],
    run: retry,
  },
  {
    name: 'skip',
    group: 'When something fails',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'number', kind: 'number' }],
    needs: 'user',
    where: 'anywhere',
    help: 'Lets go of what was given up, for good: one of “dead-letters” by its number, or all of them.',
    examples: ['skip 12', 'skip all'],
    preview: skipPreview,
    run: skip,
  },
];
