import type { Doc } from '../format/doc.ts';
import { textDoc } from '../format/doc.ts';
import { CannotBridge } from '../errors.ts';
import type { RoomId } from '../ids.ts';
import type { PortalContext } from './context.ts';
import type { Obstacle } from './obstacle-kind.ts';
import type { EncryptionChoice, EncryptionDefaults, Portal, PortalKind, PortalPolicy } from './ports.ts';

/** Of a room that is linked, or is about to be. */
export interface EncryptedPair {
  readonly kind?: PortalKind;
  readonly policy: Partial<Pick<PortalPolicy, 'encryption'>>;
  /** Whether the channel is private in Slack. */
  readonly private: boolean;
}

/** What holds for a room. `defaults` absent: encryption is off altogether. */
export function encryptionFor(
  defaults: EncryptionDefaults | undefined,
  { kind = 'channel', policy: { encryption = 'default' }, private: isPrivate }: EncryptedPair,
): EncryptionChoice {
  if (!defaults) return 'off';
  if (encryption !== 'default') return encryption;
  if (kind !== 'channel') return defaults.direct;
  return isPrivate ? defaults.private : defaults.rooms;
}

/** Whether a room that the bridge makes is encrypted from its first message on. */
export function beginsEncrypted(choice: EncryptionChoice): boolean {
  return choice === 'on' || choice === 'require';
}

/** What stands between a room as it is and what was chosen for it. */
export function encryptionObstacle(
  defaults: EncryptionDefaults | undefined,
  choice: EncryptionChoice,
  isEncrypted: boolean,
): Obstacle | undefined {
  if (isEncrypted && choice === 'off') {
    const message = defaults
      ? 'The room is encrypted, and encryption is turned off for it in the bridge. Say “!slack set encryption allow”, or use a room without encryption.'
      : 'The room is encrypted, and encryption is turned off in this bridge. Use a room without encryption.';
    return { kind: 'encrypted', message };
  }
  if (isEncrypted || choice !== 'require') return undefined;
  return {
    kind: 'not-encrypted',
    message:
      'The room has to be encrypted, and isn’t. Turn encryption on in its settings, or say “!slack set encryption allow”.',
  };
}

const settings = { algorithm: 'm.megolm.v1.aes-sha2' };

/** Turns encryption on where it has to be, and the bot may do that. It can never be turned off again. */
export async function encryptIfRequired(
  { matrix, log }: Pick<PortalContext, 'matrix' | 'log'>,
  room: RoomId,
  choice: EncryptionChoice,
): Promise<void> {
  if (choice !== 'require' || (await matrix.encrypts(room))) return;
  const state = 'm.room.encryption';
  if ((await matrix.powerOf(room, matrix.bot)) < (await matrix.powerNeeded(room, { state }))) return;
  await matrix.setState(room, state, '', settings);
  log.info('A room was encrypted, as it has to be', { room });
}

/** What encryption is worth in a linked room: nobody should think that it is more. */
export const whatIsProtected =
  'The homeserver and others on the way can’t read what is written here. The bridge can: it reads each message and hands it to Slack, which doesn’t encrypt it from end to end.';

/** Said once, when a linked room becomes encrypted. */
function encryptedNow(): Doc {
  return textDoc(`🔒 This room is encrypted now, and still linked to Slack. ${whatIsProtected}`);
}

/** Tells a room's people what it means that it is encrypted from now on. A room that takes no notice goes without. */
export async function tellEncrypted({ matrix, log }: PortalContext, { id, room }: Portal): Promise<void> {
  try {
    const key = { fact: `portal:${id}`, part: 'encrypted' };
    await matrix.send(matrix.bot, room, { kind: 'notice', text: encryptedNow() }, key);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    log.warn('A room takes no notice from the bot', { portal: id, reason: error.reason });
  }
}
