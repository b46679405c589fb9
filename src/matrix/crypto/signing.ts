import type { OlmMachine, OutgoingRequest } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { MatrixUserId } from '../../ids.ts';
import { failureOf } from '../failure.ts';
import { isObject, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { isRefusal } from '../refusal.ts';
import type { CryptoState } from './ports.ts';
import { pump, sendRequest } from './requests.ts';
import type { MachineDevice } from './requests.ts';
import { EncryptionTrouble } from './trouble.ts';

/**
 * Signs the device with its user's cross-signing keys, so that people see no warning at what it writes and clients that
 * only trust signed devices read it, too. The keys are made once per user, kept, and taken over by later devices. Repeats
 * safely. @throws EncryptionTrouble when the homeserver wants somebody to log in for it; else like {@link pump}
 */
export async function signDevice(
  machine: OlmMachine,
  device: MachineDevice,
  identities: Pick<CryptoState, 'identity' | 'saveIdentity'>,
): Promise<void> {
  const { user } = device.as;
  await pump(machine, device);
  const saved = await identities.identity(user);
  const isOwn = await isComplete(machine);
  if (!isOwn && saved !== undefined) await takeOver(machine, saved);
  const isNew = !(await isComplete(machine));
  const requests = await machine.bootstrapCrossSigning(isNew);
  if (isNew || saved === undefined) await identities.saveIdentity(user, await exported(machine, user));
  // the module has no type for it: the request for the device's keys, or nothing
  const keys = requests.uploadKeysRequest as OutgoingRequest | undefined;
  if (keys !== undefined) await sendRequest(machine, device, keys);
  // those that were taken over are the ones that the homeserver has
  if (isOwn || isNew)
    await uploadKeys(device, JSON.parse(requests.uploadSigningKeysRequest.body) as JsonObject);
  await sendRequest(machine, device, requests.uploadSignaturesRequest);
}

async function isComplete(machine: OlmMachine): Promise<boolean> {
  const { hasMaster, hasSelfSigning, hasUserSigning } = await machine.crossSigningStatus();
  return hasMaster && hasSelfSigning && hasUserSigning;
}

/** Those that the homeserver doesn't show as the user's are not taken over: then there are new ones. */
async function takeOver(machine: OlmMachine, saved: string): Promise<void> {
  const keys: unknown = JSON.parse(saved);
  if (!isObject(keys)) return;
  const { master, selfSigning, userSigning } = {
    master: textAt(keys, 'master'),
    selfSigning: textAt(keys, 'selfSigning'),
    userSigning: textAt(keys, 'userSigning'),
  };
  await machine.importCrossSigningKeys(master, selfSigning, userSigning);
}

async function exported(machine: OlmMachine, user: MatrixUserId): Promise<string> {
  const keys = await machine.exportCrossSigningKeys();
  if (!keys) throw new Error(`The crypto module gives no cross-signing keys of ${user}`);
  return JSON.stringify({
    master: keys.masterKey,
    selfSigning: keys.self_signing_key,
    userSigning: keys.userSigningKey,
  });
}

/** Nobody logs in as our users, so a homeserver that asks for a login can't be answered. */
async function uploadKeys({ as, client }: MachineDevice, body: JsonObject): Promise<void> {
  const path = ['client', 'v3', 'keys', 'device_signing', 'upload'];
  const answer = await client.exchange({ name: 'cross-signing', method: 'POST', path, as, body });
  if (answer.status < 300) return;
  const wantsLogin = answer.status === 401 && isObject(answer.body) && 'flows' in answer.body;
  const failure = failureOf(answer, { url: client.url, room: undefined, asPerson: false, othersWork: true });
  if (!wantsLogin && !isRefusal(failure, 'M_UNRECOGNIZED')) throw failure;
  throw new EncryptionTrouble(
    `The homeserver doesn't let the bridge sign the device of ${as.user} without a login. It needs version 1.17 of Matrix: a newer homeserver (Synapse 1.141 or later), and \`io.element.msc4190: true\` in the registration that it has loaded.`,
    { cause: failure },
  );
}
