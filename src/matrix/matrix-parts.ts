import type { MatrixPort } from '../portal/ports.ts';
import { Accounts } from './accounts.ts';
import type { Acting } from './call.ts';
import { UndiciClient } from './client.ts';
import { botUserId, ghostId, ghostOwner, isOurUser } from './ghost-id.ts';
import type { GhostNames } from './ghost-id.ts';
import { HealthWatch } from './health.ts';
import { createChatRooms } from './chat-rooms.ts';
import { createBotChats } from './bot-chats.ts';
import { createDirectRooms } from './direct-rooms.ts';
import { createDoubles } from './doubles.ts';
import type { Doubles } from './doubles.ts';
import { createEchoMarks } from './echo-mark.ts';
import { textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import type { MatrixOptions } from './matrix-options.ts';
import { createMediaFiles } from './media-files.ts';
import { createMedia } from './media.ts';
import { createMembers } from './members.ts';
import type { Members } from './members.ts';
import { Membership } from './membership.ts';
import { createNamesakes } from './namesakes.ts';
import { createOpenEvent } from './open-event.ts';
import { createPictures } from './pictures.ts';
import { createFieldWriter } from './profile-fields.ts';
import { Profiles } from './profiles.ts';
import { createRoomHistory } from './room-history.ts';
import { createRoomsPort } from './rooms.ts';
import { createSends } from './sends.ts';
import { createShownMessages } from './shown-messages.ts';
import { createShownRoom } from './shown-room.ts';
import { createRoomState } from './state.ts';

/** Who of all users is ours. */
function ourUsers(options: MatrixOptions) {
  const { bot, ghostPrefix, ghostTeam } = options.appservice;
  const names: GhostNames = {
    domain: options.homeserver.domain,
    bot,
    prefix: ghostPrefix,
    withTeam: ghostTeam,
  };
  return { names, bot: botUserId(names), isOurs: (user: string): boolean => isOurUser(names, user) };
}

export type Parts = ReturnType<typeof connect>;

/** What the parts are to each other. */
export function connect(options: MatrixOptions) {
  const { bridgeId, ghostStore: store, fetchPicture, log, puppetsRegistration } = options;
  const { names, bot, isOurs } = ourUsers(options);
  const marks = createEchoMarks(bridgeId);
  const isOwn = (event: JsonObject): boolean =>
    isOurs(textAt(event, 'sender') ?? '') || marks.authorOf(event) !== undefined;
  const client = clientFor(options, () => watch.doubt());
  const accounts = new Accounts({ client, names, store, bridgeId });
  const asBot = (): Promise<Acting> => accounts.actor(bot);
  const state = createRoomState(client, asBot);
  const media = createMedia(client, asBot);
  const files = createMediaFiles({ client, media, as: asBot, log, ...adminOf(options) });
  const members = createMembers(client, state, asBot);
  const namesakes = createNamesakes({ client, bot: asBot, isOurs });
  const doubles = createDoubles({ client, accounts, names, isOurs, registration: puppetsRegistration, log });
  const membership = new Membership({ client, accounts, state, bot, isOurs, doubles });
  const profiles = new Profiles({ client, accounts, media, ...profileOptions(options, client, accounts) });
  const pictures = createPictures({ store: options.pictureStore, media, fetchPicture, as: asBot, log });
  const crypto = options.crypto?.({ client, accounts, state, bot, asBot, isOurs, log });
  const open = createOpenEvent(crypto);
  const watch = healthWatch(options, client, () => void doubles.check());
  const shownRoom = createShownRoom(createRoomHistory(client, asBot), { client, asBot, isOwn });
  const own = { bot, asBot, isOurs, names, policy: options.rooms };
  const port: MatrixPort = {
    bot,
    isOurs,
    ...ghostsPort(names, accounts, profiles),
    ...doublesPort(options, client, doubles),
    ...createBotChats({ client, state, asBot }),
    picture: (url) => pictures.at(url),
    ...createShownMessages({ client, asBot, shownRoom, open }),
    pictureSources: (mxc) => options.pictureStore.urlsOf(mxc),
    ...createSends({ client, membership, bot, bridgeId, isOurs, marks, ...(crypto && { crypto }) }),
    encrypts: async (room) => (await crypto?.isEncrypted(room)) ?? false,
    ...createChatRooms({ client, state, membership, bot, asBot, accounts, policy: own.policy }),
    ...createRoomsPort({ ...own, client, state, members, namesakes, membership, doubles }),
  };
  return {
    port,
    names,
    bot,
    isOwn,
    isGhost: (user: string) => user !== bot && isOurs(user),
    asBot,
    client,
    accounts,
    crypto,
    open,
    /** Told of encrypted events. */
    whenEncrypted: [] as ((event: JsonObject) => void)[],
    doubles,
    media,
    files,
    observe: observers(members, namesakes),
    profiles,
    settled: () => Promise.all([profiles.settled(), pictures.settled()]),
    shownRoom,
    watch,
  };
}

function observers(...all: readonly Pick<Members, 'observe'>[]): (event: JsonObject) => void {
  return (event) => {
    for (const each of all) each.observe(event);
  };
}

function clientFor(options: MatrixOptions, onUnreachable: () => void): UndiciClient {
  const { homeserver, metrics, puppetsRegistration: puppets, registration } = options;
  return new UndiciClient({
    url: homeserver.url,
    asToken: registration.asToken,
    ...(puppets && { puppetsToken: puppets.asToken }),
    onUnreachable,
    ...(metrics && { metrics }),
  });
}

function profileOptions(options: MatrixOptions, client: UndiciClient, accounts: Accounts) {
  const { fetchPicture, log } = options;
  const { ghostName: names, ghostFields: enabled } = options.appservice;
  return { fetchPicture, log, names, fields: createFieldWriter({ client, accounts, log, enabled }) };
}

export function adminOf({ homeserver: { adminToken } }: MatrixOptions): { readonly adminToken?: string } {
  return adminToken === undefined ? {} : { adminToken };
}

function healthWatch(options: MatrixOptions, client: UndiciClient, onBack: () => void): HealthWatch {
  const { registration, log, metrics, onRecovered, onGap } = options;
  return new HealthWatch({
    client,
    registration,
    log,
    ...(metrics && { metrics }),
    onRecovered: () => {
      onBack(); // it may have been restarted to learn of a registration
      onRecovered?.();
    },
    ...(onGap && { onGap }),
  });
}

type GhostsPort = Pick<MatrixPort, 'ghostOf' | 'authorOf' | 'prepareGhost' | 'hasGhost'>;

function ghostsPort(names: GhostNames, accounts: Accounts, profiles: Profiles): GhostsPort {
  return {
    ghostOf: (team, author) => ghostId(names, team, author),
    authorOf: (user) => ghostOwner(names, user),
    prepareGhost: async (profile, haste) => {
      const user = ghostId(names, profile.team, profile.id);
      await profiles.prepare(user, profile, haste);
      return user;
    },
    hasGhost: async (team, author) =>
      (await accounts.find(ghostId(names, team, author)))?.slack !== undefined,
  };
}

function doublesPort(
  { accountOf }: MatrixOptions,
  client: UndiciClient,
  doubles: Doubles,
): Pick<MatrixPort, 'doubleOf' | 'markDirect' | 'joinDirect'> {
  return {
    doubleOf: (team, author) => {
      const user = accountOf(team, author);
      return user !== undefined && doubles.isPossible(user) ? user : undefined;
    },
    ...createDirectRooms(client, doubles),
  };
}
