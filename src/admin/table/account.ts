import type { Command } from '../command.ts';
import { double } from '../double.ts';
import { login, logout } from '../login.ts';
import { match } from '../match.ts';
import { whoami } from '../whoami.ts';

/** The asker's own accounts on both sides. */
export const accountCommands: readonly Command[] = [
  {
    name: 'login',
    group: 'Your account',
    on: ['matrix'],
    args: [
      { name: 'team', kind: 'team', optional: true },
      { name: 'yes', kind: 'word', optional: true },
    ],
    needs: 'user',
    where: 'direct',
    help: 'Links your own Slack account, so that you write there as yourself; or takes the code that a page gave you.',
    examples: ['login', 'login Acme'],
    run: login,
  },
  {
    name: 'login',
    group: 'Your account',
    on: ['slack'],
    args: [],
    needs: 'user',
    where: 'anywhere',
    help: 'Links your account with your Matrix account: what you write on one side appears as yours on the other.',
    examples: ['login'],
    run: login,
  },
  {
    name: 'logout',
    group: 'Your account',
    on: ['matrix', 'slack'],
    args: [{ name: 'team', kind: 'team', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Ends what you linked with “login”.',
    examples: ['logout', 'logout Acme'],
    run: logout,
  },
  {
    name: 'double',
    group: 'Your account',
    on: ['matrix', 'slack'],
    args: [
      { name: 'value', kind: 'choice', values: ['on', 'off'] },
      { name: 'team', kind: 'team', optional: true },
    ],
    needs: 'user',
    where: 'anywhere',
    help: 'Chooses whether what you write in Slack appears under your own Matrix account: on or off.',
    examples: ['double off'],
    run: double,
  },
  {
    name: 'match',
    group: 'Your account',
    on: ['matrix', 'slack'],
    args: [{ name: 'choice', kind: 'choice', values: ['on', 'off'], optional: true }],
    needs: 'relay',
    where: 'anywhere',
    help: 'Whether I may compare your e-mail address with those of the other side, to tell of an account of yours there: “match on” or “match off”.',
    examples: ['match', 'match off'],
    run: match,
  },
  {
    name: 'whoami',
    group: 'Your account',
    on: ['matrix', 'slack'],
    args: [],
    needs: 'user',
    where: 'direct',
    help: 'Shows which accounts of yours are linked, and how they fare.',
    examples: ['whoami'],
    run: (request) => Promise.resolve(whoami(request)),
  },
];
