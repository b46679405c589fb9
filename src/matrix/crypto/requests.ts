import { RequestType, ToDeviceRequest } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { OlmMachine, OutgoingRequest } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Acting, Call, HomeserverClient } from '../call.ts';
import { isObject, objectAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { isRefusal } from '../refusal.ts';
import { DeviceGone } from './trouble.ts';

/** The device that a machine is, and how it reaches the homeserver. */
export interface MachineDevice {
  readonly as: Acting & { readonly device: string };
  readonly client: HomeserverClient;
  /**
   * It sends only: without one-time keys on the homeserver nobody can send it anything that is encrypted for it, which
   * nobody would read.
   */
  readonly sendOnly: boolean;
  /** Whether its keys have been on the homeserver, so that it is gone when they aren't. */
  readonly known: () => boolean;
}

/** Device lists of far servers come through ours, which waits for them. */
const timeout = 60_000;
/** What the machine is told where nothing is uploaded: so many that it makes no more. */
const enough = JSON.stringify({ one_time_key_counts: { signed_curve25519: 100 } });

/** Makes the requests that the machine wants made. @throws DeviceGone; TryLater and Refusal of the homeserver */
export async function pump(machine: OlmMachine, device: MachineDevice): Promise<void> {
  for (const request of await machine.outgoingRequests()) await sendRequest(machine, device, request);
}

/** Makes one request of the machine and tells it the answer. What failed, the machine wants again. */
export async function sendRequest(
  machine: OlmMachine,
  device: MachineDevice,
  request: OutgoingRequest,
): Promise<void> {
  if (request.type === RequestType.RoomMessage || request.type === RequestType.KeysBackup) return; // not for a bridge
  const { id, type } = request;
  const body: unknown = JSON.parse(request.body);
  if (!isObject(body)) throw new Error('The crypto module made a request that is no object');
  if (type === RequestType.KeysUpload && device.sendOnly) {
    if ('device_keys' in body) await call(device, callOf(request, { device_keys: body['device_keys'] }));
    await markSent(machine, id, type, enough);
    return;
  }
  const answer = await call(device, callOf(request, body));
  if (type === RequestType.KeysQuery) checkOwnDevice(device, body, answer);
  await markSent(machine, id, type, JSON.stringify(answer));
}

async function markSent(
  machine: OlmMachine,
  id: string | undefined,
  type: RequestType,
  answer: string,
): Promise<void> {
  if (id !== undefined) await machine.markRequestAsSent(id, type, answer);
}

/** @throws DeviceGone; TryLater and Refusal of the homeserver */
async function call(
  { client, as }: MachineDevice,
  request: Omit<Call, 'as' | 'timeout'>,
): Promise<JsonObject> {
  try {
    return await client.call({ ...request, as, timeout });
  } catch (error) {
    throw isRefusal(error, 'M_UNKNOWN_DEVICE') ? new DeviceGone(as.user, as.device) : error;
  }
}

function callOf(request: OutgoingRequest, body: JsonObject): Omit<Call, 'as' | 'timeout'> {
  const v3 = (...path: readonly string[]) => ['client', 'v3', ...path];
  if (request instanceof ToDeviceRequest) {
    const path = v3('sendToDevice', request.event_type, request.txn_id);
    return { name: 'to-device', method: 'PUT', path, body };
  }
  const found = posts.get(request.type);
  if (!found) throw new Error(`The crypto module made a request of an unknown kind: ${request.type}`);
  return { name: found.name, method: 'POST', path: v3(...found.path), body };
}

const posts: ReadonlyMap<RequestType, { readonly name: string; readonly path: readonly string[] }> = new Map([
  [RequestType.KeysUpload, { name: 'keys-upload', path: ['keys', 'upload'] }],
  [RequestType.KeysQuery, { name: 'keys-query', path: ['keys', 'query'] }],
  [RequestType.KeysClaim, { name: 'keys-claim', path: ['keys', 'claim'] }],
  [RequestType.SignatureUpload, { name: 'signatures', path: ['keys', 'signatures', 'upload'] }],
]);

/** A homeserver that lost the device, or was told to remove it, still answers requests about others. */
function checkOwnDevice({ as, known }: MachineDevice, asked: JsonObject, answer: JsonObject): void {
  if (!known() || !(as.user in objectAt(asked, 'device_keys'))) return;
  if (!(as.device in objectAt(objectAt(answer, 'device_keys'), as.user)))
    throw new DeviceGone(as.user, as.device);
}
