import type { Doc } from '../format/doc.ts';
import type { Request } from './command.ts';
import { portalHere } from './find.ts';
import type { EncryptionState } from './ports.ts';
import { bold, bullets, code, line, reply } from './reply.ts';
import { duration } from './time-words.ts';

/** What encryption does here and what it doesn't, in words, and how it fares. */
export async function crypto(request: Request): Promise<Doc> {
  const { context, place } = request;
  const { matrix } = context;
  const portal = portalHere(request);
  const room = place.room ?? portal?.room;
  const state = context.encryption.state();
  if (!state)
    return reply(
      'Encryption is turned off in this bridge: rooms that are encrypted can’t be linked, and I can’t read what is written in them.',
    );
  const isHere = room !== undefined && (await matrix.encrypts(room));
  return reply(
    ...(room === undefined
      ? []
      : [line(bold(isHere ? 'This room is encrypted.' : 'This room is not encrypted.'))]),
    ...(isHere || portal === undefined ? [context.encryption.worth] : [notHere]),
    'I have one device, and each person of Slack who speaks in an encrypted room has one, too: no message is sent by another’s. Each is signed by its own account, so that clients that trust signed devices only show and send them everything. Linked people who write in Slack appear by their ghost there, not by their own account.',
    bullets(stateLines(request, state).map((each) => [each])),
    line('Say ', code('set encryption'), ' with off, allow, on or require to choose for a linked room.'),
  );
}

const notHere =
  'What is written here can be read by the homeservers of all who are in it. Whoever may change the room’s settings can turn encryption on; that can never be undone.';

/** How encryption fares, for `status`; nothing where it is off. */
export function encryptionLines(request: Request): readonly string[] {
  const state = request.context.encryption.state();
  return state ? stateLines(request, state) : [];
}

function stateLines(request: Request, state: EncryptionState): readonly string[] {
  const { context, permission, place } = request;
  const { trouble, leads, device, missingKeys } = state;
  const own = place.room ?? portalHere(request)?.room;
  const here = state.undecryptable.filter(({ room }) => room === own);
  const all = permission === 'admin' ? state.undecryptable : here;
  return [
    trouble === undefined ? 'Encryption: fine' : `Encryption: ${trouble}`,
    ...(leads ? [] : ['Another process of the bridge has the devices']),
    ...(device ? [deviceLine(device, context.now())] : []),
    ...(missingKeys > 0 ? [`Keys that messages wait for: ${missingKeys}`] : []),
    ...all.map(
      ({ room, reason, count }) =>
        `Could not be read${room === own ? ' here' : ` in ${room}`} since I started: ${count} (${reason})`,
    ),
  ];
}

function deviceLine(
  { id, signed, fingerprint, oneTimeKeys, synced }: NonNullable<EncryptionState['device']>,
  now: number,
): string {
  const signature = signed ? 'signed' : 'not signed yet';
  const heard = synced ? `, keys last fetched ${duration(now - synced.getTime())} ago` : '';
  return `My device: ${id}, ${signature}, fingerprint ${fingerprint}; ${oneTimeKeys} one-time keys left${heard}`;
}
