import { createCommands } from '../admin/commands.ts';
import type { Config } from '../config.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import { createChatDesk } from '../portal/chats/chat-desk.ts';
import { createBroadcast } from '../portal/broadcast.ts';
import type { CommandPort, PortalContext } from '../portal/context.ts';
import { beginsEncrypted, encryptionFor, whatIsProtected } from '../portal/encryption.ts';
import type { Linking } from '../portal/link.ts';
import type { SlackAdapter, TeamHealth } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';
import { createDeadLetterDesk } from './dead-letter-desk.ts';
import type { PeekMatrix } from './encrypted-items.ts';
import { installObstacle } from './install-desk.ts';
import type { LoginParts } from './login-parts.ts';
import { createPeopleDesk, pageOf } from './people-desk.ts';
import type { RetriedLetters } from './retried-letters.ts';

function workspaceState({ name, ok, trouble }: TeamHealth) {
  return { name, ok, ...(trouble !== undefined && { reason: trouble }) };
}

interface CommandParts {
  readonly linking: Linking;
  readonly store: Store;
  readonly slack: SlackAdapter;
  readonly matrix: MatrixAdapter;
  readonly retried: RetriedLetters;
  readonly logins: LoginParts;
  readonly peekMatrix: PeekMatrix;
  readonly match: Config['people']['match'];
}

/** The bot's commands, with all that they need. */
export function commandsFor(context: PortalContext, parts: CommandParts): CommandPort {
  const { linking, store, slack, matrix, retried, logins } = parts;
  return createCommands({
    portals: context.portals,
    matrix: context.matrix,
    slack: context.slack,
    linking,
    broadcast: createBroadcast(context),
    chats: createChatDesk(context),
    queue: { depth: (portal) => store.depth(portal) },
    deadLetters: createDeadLetterDesk({
      letters: store.deadLetters,
      slack,
      peekMatrix: parts.peekMatrix,
      audit: store.audit,
      retried: () => retried.look(),
    }),
    people: createPeopleDesk(logins),
    installs: {
      obstacle: () => installObstacle(logins),
      link: async (admin) => pageOf(logins, await store.logins.begin({ kind: 'install', matrixUser: admin })),
    },
    matching: {
      mode: parts.match,
      isWanted: (user) => !store.matches.isRefused(user),
      choose: (user, wanted) => store.matches.setRefused(user, !wanted),
    },
    encryption: {
      begins: (isPrivate) =>
        beginsEncrypted(encryptionFor(context.encryption, { policy: {}, private: isPrivate })),
      worth: whatIsProtected,
      state: () => matrix.encryption?.health(),
    },
    homeserver: () => matrix.health(),
    workspaces: () => slack.health().map(workspaceState),
    restored: () => store.restored.left(),
    permissionOf: context.permissionOf,
    now: () => Date.now(),
  });
}
