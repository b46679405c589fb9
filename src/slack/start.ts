import type { SlackEvent } from '../events.ts';
import type { TeamId } from '../ids.ts';
import { CannotBridge, CannotStart } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { SlackNotices } from '../portal/notice-ports.ts';
import type { SlackPort, SlackTeam } from '../portal/ports.ts';
import type { IntakePort } from '../queue/ports.ts';
import { chatDelivery } from './chat-delivery.ts';
import type { ChatDelivery } from './chat-delivery.ts';
import { createBotTokens } from './bot-tokens.ts';
import type { BotTokens } from './bot-tokens.ts';
import { createCalls } from './calls.ts';
import type { CallSlack } from './calls.ts';
import { createHistory, createPinReader } from './channel-history.ts';
import type { OpenHistory, ReadPins } from './channel-history.ts';
import { createClient } from './client.ts';
import { connectTeams } from './connect-teams.ts';
import { createDownloads } from './downloads.ts';
import type { DownloadsOptions, OpenSlackFile } from './downloads.ts';
import { createEmojiLists } from './emoji-lists.ts';
import { createWorkspaceEmoji } from './emoji.ts';
import { slackEvent } from './inbound.ts';
import { createBotRenewal, createInstalling } from './installing.ts';
import type { Installing } from './installing.ts';
import { createIntake } from './intake.ts';
import { createInteractions } from './interactions.ts';
import type { SlackMetrics } from './metrics.ts';
import { noMetrics } from './metrics.ts';
import { createMissedChats } from './missed-chats.ts';
import type { FindMissedChats } from './missed-chats.ts';
import { createNotices } from './notices.ts';
import type { Picture } from './pictures.ts';
import { createOAuth } from './oauth.ts';
import type { SlackOAuth } from './oauth.ts';
import { createPeopleAddresses } from './people-addresses.ts';
import type { FindByAddress } from './people-addresses.ts';
import { createPeopleLists } from './people-lists.ts';
import { createPeopleNames } from './people-names.ts';
import type {
  ChannelReaders,
  EmojiStore,
  Installations,
  KnownPeople,
  KnownTeams,
  PuppetTokens,
} from './ports.ts';
import { createPersonTokens } from './puppets.ts';
import { createPictures } from './pictures.ts';
import { createPacer } from './rate-limits.ts';
import type { SlackSettings } from './settings.ts';
import { createRespond } from './response-url.ts';
import type { AnswerShortcut, ShortcutOptions } from './message-shortcuts.ts';
import { answerSlash } from './slash-commands.ts';
import type { AnswerMatrix, SlashOptions } from './slash-commands.ts';
import { watchStoring } from './storing-gaps.ts';
import type { Teams } from './teams.ts';
import { createTeams } from './teams.ts';
import { watchTokens } from './token-watch.ts';
import { readThroughPeople } from './through-people.ts';
import type { Connected, SocketState } from './transport.ts';
import { startTransport } from './transport.ts';

export interface SlackOptions {
  readonly settings: SlackSettings;
  readonly intake: IntakePort;
  readonly knownTeams: KnownTeams;
  readonly emojiStore: EmojiStore;
  readonly knownPeople?: KnownPeople;
  readonly puppets: PuppetTokens;
  /** Absent: nobody can install the app by a link of the bridge. */
  readonly installations?: Installations;
  /** Absent: the bot reads all. */
  readonly readers?: ChannelReaders;
  /** Whether a command of this name comes for the first time, in all processes; absent: each does. */
  readonly firstTime?: (name: string) => Promise<boolean>;
  readonly log: Logger;
  readonly metrics?: SlackMetrics;
}

export interface GapWatcher {
  /** First during `listen`. */
  readonly connected: Connected;
  /** Slack says that it keeps events of this workspace from us: there are too many. */
  missed(team: TeamId): void;
}

/** How a workspace fares, for `/readyz` and `!slack status`. */
export interface TeamHealth {
  readonly team: TeamId;
  readonly name: string;
  readonly ok: boolean;
  /** For people: what is wrong and what to do. */
  readonly trouble?: string;
  /** Open Socket Mode connections of its app; absent with transport `http`. */
  readonly sockets?: number;
  /** When its last event came, in milliseconds since 1970. */
  readonly heardAt?: number;
}

/** Everything of Slack: what the portals ask for, and the life of it. */
export interface SlackAdapter extends SlackPort {
  /**
   * What a stored payload says; see `slackEvent`. Throws for one that is malformed. One that says that the token is gone
   * puts its workspace in trouble, until the token is found to work; those of people are tried.
   */
  read(payload: Buffer): SlackEvent;
  /** The same, and nothing follows from it. */
  peek(payload: Buffer): SlackEvent;
  /** Of what was stored before its chat had a portal; see `chatDelivery`. */
  chatDelivery(payload: Buffer): ChatDelivery;
  readonly notices: SlackNotices;
  /** Reads channels in the background; see `createHistory`. */
  readonly history: OpenHistory;
  /** Looks in the background for chats that have no room yet; see `createMissedChats`. */
  readonly missedChats: FindMissedChats;
  /** Asks in the background what is pinned; see `createPinReader`. */
  readonly readPins: ReadPins;
  /** Who in a workspace has an address; undefined while that isn't known. */
  byAddress(team: TeamId): FindByAddress | undefined;
  /** Who is told from now on that events may be missing; one only. */
  watchGaps(watcher: GapWatcher): void;
  /** Who answers the command `/matrix` from now on; before `listen`. */
  answerMatrix(answer: AnswerMatrix): void;
  /** The same of what people choose in the menu of a message. */
  answerShortcuts(answer: AnswerShortcut): void;
  /** Reads a file with the workspace's token; see `createDownloads`. */
  readonly openFile: OpenSlackFile;
  /** People's own accounts: how they allow the app to act for them, and end it. */
  readonly oauth: SlackOAuth;
  /** How workspaces come besides those of the configuration. */
  readonly installing: Installing;
  /** Fetches a profile picture; see `createPictures`. */
  picture(url: string): Promise<Picture>;
  /** Begins to take events. Throws `CannotStart`. */
  listen(): Promise<void>;
  /** Takes no more events; calls under way are not ended. */
  stop(): Promise<void>;
  health(): readonly TeamHealth[];
  /** The port that is listened on with transport `http`, once it is. */
  httpPort(): number | undefined;
}

/** Connects to the configured workspaces. Nothing comes in before `listen`. Throws `CannotStart`. */
export async function startSlack(options: SlackOptions): Promise<SlackAdapter> {
  const { settings, log, emojiStore: store } = options;
  const metrics = options.metrics ?? noMetrics;
  checkTransport(settings);
  const installations = options.installations ?? noInstallations;
  const teams = createTeams([]);
  const known = options.knownTeams;
  const bots = createBotTokens({ teams, installations, known, renew: createBotRenewal(settings), log });
  const installed = await installations.all();
  await connectTeams({ settings, teams, installed, lasting: bots.lasting, known, log });
  const trustedHosts = [...settings.fileHosts, new URL(settings.apiUrl).hostname];
  const oauth = createOAuth(settings, teams);
  const { call, tokenOf } = accessOf(options, { teams, bots, oauth, metrics });
  const emoji = createEmojiLists({ call, store, teams: idsOf(teams), log });
  const names = createPeopleNames(await options.knownPeople?.named());
  const addresses = createPeopleAddresses(settings.matchPeople === true);
  const lists = [emoji, createPeopleLists({ addresses, call, names, teams: idsOf(teams), log })];
  const incoming = createIncoming(options, teams, metrics);
  const installing = createInstalling({
    settings,
    teams,
    known,
    installations,
    lasting: bots.lasting,
    joined: (team, isNew) => {
      for (const list of lists) list.join(team);
      if (isNew) incoming.connected([team]);
    },
    log,
  });
  let watch: ReturnType<typeof watchTokens> | undefined;
  return {
    ...createClient(call, teams, trustedHosts, createWorkspaceEmoji(emoji, store), names),
    notices: createNotices(call),
    ...createReading(teams, call, incoming.missed),
    history: createHistory(call),
    missedChats: createMissedChats(call, teams),
    readPins: createPinReader(call),
    byAddress: (team) => addresses.of(team),
    ...incoming.listeners,
    openFile: createDownloads({ tokenOf, hosts: trustedHosts, apiUrl: settings.apiUrl }),
    oauth,
    installing,
    picture: createPictures({ trustedHosts }),
    listen: async () => {
      teams.onReached((team) => incoming.transport.tryNow(team));
      await incoming.transport.listen();
      watch = watchTokens(teams, call, log);
      for (const list of lists) list.begin();
    },
    stop: async () => {
      watch?.stop();
      for (const list of lists) list.stop();
      await incoming.transport.stop();
    },
    httpPort: () => incoming.transport.httpPort(),
    health: () => teams.all().map(incoming.health),
  };
}

/** How events and commands come in, and who is told of them. */
function createIncoming(options: SlackOptions, teams: Teams, metrics: SlackMetrics) {
  const { settings, intake, log } = options;
  const heard = new Map<string, number>();
  let gaps: GapWatcher | undefined;
  let answer: AnswerMatrix = () => Promise.reject(new Error('nobody answers commands yet'));
  let useShortcut: AnswerShortcut = () => Promise.reject(new Error('nobody answers shortcuts yet'));
  const connected: Connected = (...args) => gaps?.connected(...args);
  const respond = createRespond(settings.apiUrl);
  const shortcuts: ShortcutOptions = { answer: (use) => useShortcut(use), respond, log };
  const slash: SlashOptions = {
    answer: (command) => answer(command),
    firstTime: options.firstTime ?? (() => Promise.resolve(true)),
    respond,
    log,
  };
  const transport = startTransport({
    settings,
    teams,
    metrics,
    log,
    connected,
    intake: createIntake({
      store: watchStoring(intake, (away) => connected(idsOf(teams), away)),
      answer: createInteractions(teams, settings.apiUrl, log, {
        slash: (body) => answerSlash(slash, body),
        shortcuts,
      }),
      accessChanged: () => {
        options.installations?.touch().catch((error: unknown) => log.debug('nobody was told', { error }));
      },
      heard: (team) => heard.set(team, Date.now()),
      metrics,
      log,
    }),
  });
  return {
    transport,
    connected,
    missed: (team: TeamId): void => gaps?.missed(team),
    listeners: {
      watchGaps: (watcher: GapWatcher): void => void (gaps = watcher),
      answerMatrix: (answering: AnswerMatrix): void => void (answer = answering),
      answerShortcuts: (answering: AnswerShortcut): void => void (useShortcut = answering),
    },
    health: (team: SlackTeam): TeamHealth =>
      healthOf(team, heard.get(team.id), transport.sockets(team.id), teams.awayBecause(team.id)),
  };
}

function createReading(
  teams: Teams,
  call: CallSlack,
  missed: (team: TeamId) => void,
): Pick<SlackAdapter, 'read' | 'peek' | 'chatDelivery'> {
  return {
    read: (payload) => {
      const event = slackEvent(payload, teams);
      if (event.type === 'logins-revoked') tryTokens(call, event);
      if (event.type !== 'team') return event;
      if (event.change === 'rate-limited') missed(event.team);
      else for (const team of teams.sharing(event.team)) teams.fails(team, troubles[event.change]);
      return event;
    },
    peek: (payload) => slackEvent(payload, teams),
    chatDelivery: (payload) => chatDelivery(payload, teams),
  };
}

/** By the failure of a call it is known whose token is gone; somebody may have logged in again since. */
function tryTokens(
  call: CallSlack,
  { team, users }: Extract<SlackEvent, { readonly type: 'logins-revoked' }>,
): void {
  for (const by of users)
    void call({ team, by, method: 'auth.test', effect: 'read', args: {} }).catch(() => undefined);
}

/** Calls, and tokens for what isn't one. */
function accessOf(
  { settings, puppets, readers, log }: SlackOptions,
  {
    teams,
    bots,
    oauth,
    metrics,
  }: {
    readonly teams: Teams;
    readonly bots: BotTokens;
    readonly oauth: SlackOAuth;
    readonly metrics: SlackMetrics;
  },
): { readonly call: CallSlack; readonly tokenOf: DownloadsOptions['tokenOf'] } {
  const pacer = createPacer({ paced: settings.rateLimits });
  const people = createPersonTokens({ store: puppets, renew: (...args) => oauth.refresh(...args), log });
  const call = createCalls({ apiUrl: settings.apiUrl, teams, bots, people, pacer, metrics, log });
  return {
    call: readers ? readThroughPeople(call, readers) : call,
    tokenOf: ({ team, account }) =>
      account === undefined ? bots.tokenOf(team) : people.tokenOf(team, account),
  };
}

const noInstallations: Installations = {
  all: () => Promise.resolve([]),
  save: () =>
    Promise.reject(new CannotBridge('no-client', 'workspaces that are installed are not kept here.')),
  renew: () => Promise.resolve(undefined),
  touch: () => Promise.resolve(),
  whenChanged: () => undefined,
};

function idsOf(teams: Teams): readonly TeamId[] {
  return teams.all().map(({ id }) => id);
}

/** What puts a workspace in trouble, and what to do. */
const troubles = {
  uninstalled:
    'the bridge’s Slack app was removed from it. Install the app there again: by “!slack install”, or in Slack, and restart the bridge if it has a new token.',
  'tokens-revoked':
    'the token of the bridge’s Slack app was revoked. Install the app again: by “!slack install”, or in Slack, and restart the bridge if it has a new token.',
} as const;

function checkTransport(settings: SlackSettings): void {
  for (const [index, team] of settings.teams.entries()) {
    if (settings.transport === 'socket' && (team.appToken ?? settings.appToken) === undefined)
      throw new CannotStart(
        `slack.app_token is missing (for slack.teams[${index}]): transport socket needs an app-level token, xapp-….`,
      );
    if (settings.transport === 'http' && (team.signingSecret ?? settings.signingSecret) === undefined)
      throw new CannotStart(
        `slack.signing_secret is missing (for slack.teams[${index}]): transport http needs it to know Slack's requests.`,
      );
  }
}

function healthOf(
  team: SlackTeam,
  heardAt: number | undefined,
  sockets: SocketState | undefined,
  away: string | undefined,
): TeamHealth {
  const dead = sockets !== undefined && sockets.open === 0;
  const trouble =
    team.trouble ?? away ?? (dead ? (sockets.trouble ?? 'no connection to Slack is open.') : undefined);
  return {
    team: team.id,
    name: team.name,
    ok: trouble === undefined,
    ...(trouble !== undefined && { trouble }),
    ...(sockets !== undefined && { sockets: sockets.open }),
    ...(heardAt !== undefined && { heardAt }),
  };
}
