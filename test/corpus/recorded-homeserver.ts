import { Accounts } from '../../src/matrix/accounts.ts';
import type { Call, HomeserverClient } from '../../src/matrix/call.ts';
import { botUserId, ghostId, ghostOwner, isOurUser } from '../../src/matrix/ghost-id.ts';
import { createEchoMarks } from '../../src/matrix/echo-mark.ts';
import type { JsonObject } from '../../src/matrix/json.ts';
import { Membership } from '../../src/matrix/membership.ts';
import type { GhostRecord, GhostStore } from '../../src/matrix/ports.ts';
import { createSends } from '../../src/matrix/sends.ts';
import type { Sends } from '../../src/matrix/sends.ts';
import { createRoomState } from '../../src/matrix/state.ts';
import { topicContent } from '../../src/matrix/topic.ts';
import type { MatrixPort } from '../../src/portal/ports.ts';
import type { Effect } from './effect.ts';

const names = { domain: 'example.org', bot: 'slackbot', prefix: 'slack_', withTeam: false };
const bridgeId = 'the bridge of the corpus';

/** What of the Matrix side is real here: who the ghosts are, and what is written into rooms. */
type RealMatrix = Pick<
  MatrixPort,
  'bot' | 'ghostOf' | 'authorOf' | 'isOurs' | 'setState' | 'setTopic' | keyof Sends
>;

/** The adapter's own parts down to the requests, which are written into `effects`. Events get the ids `$sent1`, `$sent2`, … */
export function recordedHomeserver(effects: Effect[]): RealMatrix {
  const client = recordingClient(effects);
  const accounts = new Accounts({ client, names, store: memoryGhosts(), bridgeId });
  const bot = botUserId(names);
  const isOurs = (user: string): boolean => isOurUser(names, user);
  const state = createRoomState(client, () => accounts.actor(bot));
  const doubles = { actAs: () => Promise.reject(new Error('nobody in the corpus is linked')) };
  const membership = new Membership({ client, accounts, state, bot, isOurs, doubles });
  return {
    bot,
    isOurs,
    ghostOf: (team, author) => ghostId(names, team, author),
    authorOf: (user) => ghostOwner(names, user),
    setState: (room, type, key, content) => state.set(room, type, key, content),
    setTopic: (room, topic) => state.set(room, 'm.room.topic', '', topicContent(topic)),
    ...createSends({ client, membership, bot, bridgeId, isOurs, marks: createEchoMarks(bridgeId) }),
  };
}

/** Only what is written into rooms is an effect; accounts and devices are made without a word. */
function recordingClient(effects: Effect[]): HomeserverClient {
  let sent = 0;
  const call = async ({ method, path, query, as, body }: Call): Promise<JsonObject> => {
    const [, , kind, , ...rest] = path;
    if (method !== 'PUT' || kind !== 'rooms') return {};
    sent += 1;
    const request = `PUT ${rest.slice(0, -1).join('/')}`; // the last is the transaction, which stands in the content, too
    effects.push({ request, ...(as && { as: as.user }), ...(query && shown(query)), content: body });
    return { event_id: `$sent${sent}` };
  };
  const never = (): Promise<never> => Promise.reject(new Error('nothing in the corpus asks for that'));
  return {
    url: 'https://example.org',
    call,
    callList: never,
    exchange: never,
    open: never,
    close: async () => undefined,
  };
}

function shown(query: NonNullable<Call['query']>): { readonly at?: string } {
  const { ts } = query;
  return ts === undefined ? {} : { at: new Date(Number(ts)).toISOString() };
}

function memoryGhosts(): GhostStore {
  const rows = new Map<string, GhostRecord>();
  return {
    get: async (localpart) => rows.get(localpart),
    save: async (ghost) => void rows.set(ghost.localpart, ghost),
  };
}
