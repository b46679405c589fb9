import { DecryptionErrorCode, MegolmDecryptionError } from '@matrix-org/matrix-sdk-crypto-wasm';
import { CannotBridge } from '../../errors.ts';
import { KeyMissing } from './key-missing.ts';
import type { KeyKey } from './ports.ts';
import { WrongSender } from './wrong-sender.ts';

const otherSender = 'its key is not of the one who is said to have sent it';

/** Why an event can't be read: `reason` is a constant for counts. */
export interface DecryptionFailure {
  readonly reason: string;
  readonly error: KeyMissing | CannotBridge;
}

/** What the crypto module threw while it read an event, which is no Error of JavaScript's. */
export function decryptionFailure(thrown: unknown, key: KeyKey): DecryptionFailure {
  if (thrown instanceof WrongSender) return never('sender-mismatch', otherSender, thrown);
  if (!(thrown instanceof MegolmDecryptionError))
    return never('malformed', 'its encryption is not what Matrix describes', thrown);
  const { code, description, withheldCode } = thrown;
  const cause = new Error(description);
  if (withheldCode !== undefined && isFinal(withheldCode)) {
    const words = `your app keeps its key from the bridge (${withheldCode}). Allow it to send to devices that you haven't verified, at least in this room, and send it again`;
    return never('withheld', words, cause);
  }
  switch (code) {
    case DecryptionErrorCode.MissingRoomKey:
      return { reason: 'key-missing', error: new KeyMissing(key, withheldCode) };
    case DecryptionErrorCode.UnknownMessageIndex:
      return never('before-key', 'it was written before your app gave the bridge a key to this room', cause);
    case DecryptionErrorCode.MismatchedIdentityKeys:
    case DecryptionErrorCode.MismatchedSender:
      return never('sender-mismatch', otherSender, cause);
    case DecryptionErrorCode.UnknownSenderDevice:
    case DecryptionErrorCode.UnsignedSenderDevice:
    case DecryptionErrorCode.SenderIdentityVerificationViolation:
      return never('sender-untrusted', 'the device that sent it is not known to be yours', cause);
    default:
      return never('damaged', 'it could not be deciphered. Send it again', cause);
  }
}

/** A device without a session with ours may still make one; the other codes are decisions. */
function isFinal(withheld: string): boolean {
  return withheld !== 'm.no_olm' && withheld !== 'm.unavailable';
}

function never(reason: string, words: string, cause: unknown): DecryptionFailure {
  return {
    reason,
    error: new CannotBridge('undecryptable', `the bridge can't read it: ${words}.`, { cause }),
  };
}
