import { CannotBridge, TryLater } from '../../errors.ts';
import type { Target } from '../../errors.ts';
import { matrixUserId, roomId } from '../../ids.ts';
import { countAt, isObject, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { KeyMissing } from './key-missing.ts';
import type { LocalCrypto } from './local-crypto.ts';
import type { CryptoHandover, KeyKey } from './ports.ts';

/** Encryption with the machines of the process that leads, from another one. */
export function remoteCrypto(handover: Pick<CryptoHandover, 'request'>): LocalCrypto {
  return {
    encrypt: async (as, room, type, content) =>
      resultOf(await handover.request('encrypt', { as, room, type, content })),
    decrypt: async (event) => resultOf(await handover.request('decrypt', { event })),
  };
}

/** What the process that leads answers: also that it failed, and how. */
export function answerWith(local: LocalCrypto): (kind: string, payload: JsonObject) => Promise<JsonObject> {
  const work = (kind: string, payload: JsonObject): Promise<JsonObject> => {
    if (kind === 'decrypt') return local.decrypt(objectAt(payload, 'event'));
    if (kind !== 'encrypt') throw new Error(`Nobody encrypts ${kind}`);
    const [as, room] = [matrixUserId(payload['as']), roomId(payload['room'])];
    return local.encrypt(as, room, textAt(payload, 'type') ?? '', objectAt(payload, 'content'));
  };
  return async (kind, payload) => {
    try {
      return { result: await work(kind, payload) };
    } catch (error) {
      return failed(error);
    }
  };
}

function failed(error: unknown): JsonObject {
  if (error instanceof TryLater) return { later: error.message, after: error.after, target: error.target };
  if (error instanceof KeyMissing) return { missing: error.key, withheld: error.withheld };
  if (error instanceof CannotBridge) return { never: error.message, reason: error.reason };
  throw error;
}

function resultOf(answer: JsonObject): JsonObject {
  const { result } = answer;
  if (isObject(result)) return result;
  const later = textAt(answer, 'later');
  const never = textAt(answer, 'never');
  const missing = textAt(answer, 'missing');
  // both were made by another process of this very bridge
  if (missing !== undefined) throw new KeyMissing(missing as KeyKey, textAt(answer, 'withheld'));
  if (never !== undefined) throw new CannotBridge(textAt(answer, 'reason') ?? 'undecryptable', never);
  const target = textAt(answer, 'target') as Target | undefined;
  const after = countAt(answer, 'after');
  throw new TryLater(later ?? 'the process that encrypts gave no answer', {
    ...(target !== undefined && { target }),
    ...(after !== undefined && { after }),
  });
}
