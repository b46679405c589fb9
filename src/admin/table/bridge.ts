import type { Command } from '../command.ts';
import { install } from '../install.ts';

/** The bridge as a whole. */
export const bridgeCommands: readonly Command[] = [
  {
    name: 'install',
    group: 'The bridge',
    on: ['matrix'],
    args: [],
    needs: 'admin',
    where: 'direct',
    help: 'Installs the bridge’s app in a Slack workspace, by a link.',
    examples: ['install'],
    run: install,
  },
];
