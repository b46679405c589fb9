import type { AdminContext } from '../admin/ports.ts';
import { slackDefaults } from '../config.ts';
import type { Config } from '../config.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import { createChatDesk } from '../portal/chats/chat-desk.ts';
import { createBroadcast } from '../portal/broadcast.ts';
import { CannotBridge } from '../errors.ts';
import type { MatrixMessage } from '../events.ts';
import { collectMentions, mapMentions, plainText, text } from '../format/doc.ts';
import type { Mention } from '../format/doc.ts';
import type { PortalContext } from '../portal/context.ts';
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
import { lookAt } from './slack-looks.ts';

function workspaceState({ team, name, ok, trouble }: TeamHealth) {
  return { team, name, ok, ...(trouble !== undefined && { reason: trouble }) };
}

/** How long somebody waits for what is pinned, in milliseconds. */
const lookWithin = 30_000;

interface CommandParts {
  readonly linking: Linking;
  readonly store: Store;
  readonly slack: SlackAdapter;
  readonly matrix: MatrixAdapter;
  readonly retried: RetriedLetters;
  readonly logins: LoginParts;
  readonly peekMatrix: PeekMatrix;
  readonly config: Config;
}

/** All that the commands need. */
export function adminContext(context: PortalContext, parts: CommandParts): AdminContext {
  const { config, linking, store, slack, matrix, retried, logins } = parts;
  return {
    portals: context.portals,
    matrix: context.matrix,
    slack: context.slack,
    linking,
    consent: { ask: () => Promise.reject(noConsent) },
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
      mode: config.people.match,
      isWanted: (person) => !store.matches.isRefused(person),
      choose: (person, wanted) => store.matches.setRefused(person, !wanted),
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
    permissionTable: {
      matrix: config.permissions,
      slack: { ...slackDefaults, ...config.slack_permissions },
    },
    audit: store.audit,
    look: async (portal) => {
      for (const channel of portal.channels) slack.channelChanged(channel);
      const patience = { signal: AbortSignal.timeout(lookWithin) };
      await lookAt({ readPins: slack.readPins, shown: store.shown, intake: store.intake }, portal, patience);
    },
    textOf: plainText,
    wordsOf,
    now: () => Date.now(),
  };
}

const noConsent = new CannotBridge(
  'no-power',
  'You need the power to change that room’s settings, with the Matrix account that you linked (“/matrix login”). Or ask one of the room’s moderators to say “!slack link” there.',
);

/** Pills lead to ids; what has none is read as it was typed. */
function wordsOf({ text: doc, plain }: MatrixMessage): string {
  if (collectMentions(doc).length === 0) return plain;
  return plainText(mapMentions(doc, (target) => text(idOf(target))));
}

function idOf(target: Mention): string {
  switch (target.type) {
    case 'matrix-user':
    case 'slack-user':
      return target.user;
    case 'matrix-room':
      return target.room;
    case 'matrix-alias':
      return target.alias;
    case 'slack-channel':
      return target.channel;
    case 'usergroup':
      return target.usergroup;
    case 'everyone':
      return `@${target.range}`;
  }
}
