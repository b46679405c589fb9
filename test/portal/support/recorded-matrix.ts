import { CannotBridge } from '../../../src/errors.ts';
import type { MatrixMessage } from '../../../src/events.ts';
import { plainText } from '../../../src/format/doc.ts';
import type { Doc } from '../../../src/format/doc.ts';
import type { AuthorId, EventId, MatrixUserId, MxcUri, RoomId } from '../../../src/ids.ts';
import { authorId, eventId, matrixUserId, roomId } from '../../../src/ids.ts';
import type { EffectKey, MatrixPort, OutgoingEvent, ShownPoll } from '../../../src/portal/ports.ts';

export const bot = matrixUserId('@slackbot:hs');

/** One effect in Matrix, as tests read it. */
export interface MatrixEffect {
  readonly call:
    | 'send'
    | 'edit'
    | 'redact'
    | 'react'
    | 'leave'
    | 'join'
    | 'describe'
    | 'create'
    | 'invite'
    | 'ghost'
    | 'state';
  readonly as?: MatrixUserId;
  readonly room?: RoomId;
  readonly text?: string;
  readonly doc?: Doc;
  readonly message?: OutgoingEvent;
  readonly target?: EventId;
  readonly reaction?: string;
  readonly shortcode?: string;
  readonly key?: EffectKey;
  readonly event?: EventId;
  readonly linked?: boolean;
}

/** A homeserver of which tests set the state and read the effects. Repeating a key is the same effect. */
export class RecordedMatrix implements MatrixPort {
  readonly bot = bot;
  readonly effects: MatrixEffect[] = [];
  readonly ghosts = new Set<string>();
  readonly states = new Map<string, Readonly<Record<string, unknown>>>();
  members: MatrixUserId[] = [bot];
  powers = new Map<MatrixUserId, number>();
  names = new Map<MatrixUserId, { readonly name: string; readonly ambiguous?: boolean }>();
  missing: readonly string[] = [];
  joined = true;
  bridges: readonly string[] = [];
  pictures = new Map<string, MxcUri>();
  aliases = new Map<string, RoomId>();
  readonly removed = new Set<EventId>();
  /** What the homeserver shows. */
  readonly messages = new Map<EventId, MatrixMessage>();
  readonly polls = new Map<EventId, ShownPoll>();
  private readonly byKey = new Map<string, EventId>();

  /** People who aren't in the room with their own account. */
  readonly away = new Set<MatrixUserId>();

  private effect(effect: MatrixEffect & { readonly key: EffectKey }): EventId {
    const person = effect.as !== undefined && !this.isOurs(effect.as) ? effect.as : undefined;
    const key = `${effect.key.fact} ${effect.key.part}${person ?? ''}`;
    const known = this.byKey.get(key);
    if (known) return known;
    if (person !== undefined && effect.key.author === undefined) throw new Error('without an author');
    if (person !== undefined && this.away.has(person)) throw new CannotBridge('double-away', 'away');
    const event = eventId(`$ours${this.byKey.size + 1}`);
    this.byKey.set(key, event);
    this.effects.push({ ...effect, event });
    return event;
  }

  ghostOf: MatrixPort['ghostOf'] = (_team, author) => matrixUserId(`@slack_${author.toLowerCase()}:hs`);
  authorOf: MatrixPort['authorOf'] = (user) => {
    const found = /^@slack_([a-z0-9]+):hs$/.exec(user)?.[1];
    return found === undefined ? undefined : { author: authorId(found.toUpperCase()) };
  };
  isOurs: MatrixPort['isOurs'] = (user) => user === bot || user.startsWith('@slack_');
  /** Rooms in which all is encrypted. */
  readonly encrypted = new Set<RoomId>();
  encrypts: MatrixPort['encrypts'] = async (room) => this.encrypted.has(room);
  /** Who in Slack writes as which Matrix account. */
  readonly doubles = new Map<AuthorId, MatrixUserId>();
  doubleOf: MatrixPort['doubleOf'] = (_team, author) => this.doubles.get(author);
  markDirect: MatrixPort['markDirect'] = async (as, room, other) => {
    this.effects.push({ call: 'state', as, room, text: `m.direct ${other}` });
    return true;
  };
  joinDirect: MatrixPort['joinDirect'] = async (as, room) => {
    this.effects.push({ call: 'join', room, as });
    return true;
  };
  /** The bot's chats. */
  readonly chats = new Map<MatrixUserId, RoomId>();
  chatWith: MatrixPort['chatWith'] = async (user) => this.chats.get(user) ?? roomId('!chat:hs');
  rememberChat: MatrixPort['rememberChat'] = async (user, room) => void this.chats.set(user, room);
  hasGhost: MatrixPort['hasGhost'] = (team, author) =>
    Promise.resolve(this.ghosts.has(this.ghostOf(team, author)));
  prepareGhost: MatrixPort['prepareGhost'] = (profile) => {
    const ghost = this.ghostOf(profile.team, profile.id);
    this.ghosts.add(ghost);
    this.effects.push({ call: 'ghost', as: ghost, text: profile.name });
    return Promise.resolve(ghost);
  };
  picture: MatrixPort['picture'] = async (url) => this.pictures.get(url);
  send: MatrixPort['send'] = async (as, room, message, key) =>
    this.effect({ call: 'send', as, room, text: textOf(message), doc: message.text, message, key });
  edit: MatrixPort['edit'] = async (as, room, target, message, key) =>
    this.effect({ call: 'edit', as, room, target, text: textOf(message), message, key });
  redact: MatrixPort['redact'] = async (as, room, target, key) =>
    this.effect({ call: 'redact', as, room, target, key });
  message: MatrixPort['message'] = (_room, event) => Promise.resolve(this.messages.get(event));
  poll: MatrixPort['poll'] = (_room, event) => Promise.resolve(this.polls.get(event));
  canBeEdited: MatrixPort['canBeEdited'] = (_room, event) => Promise.resolve(!this.removed.has(event));
  pictureSources: MatrixPort['pictureSources'] = async (mxc) =>
    [...this.pictures].flatMap(([url, picture]) => (picture === mxc ? [url] : []));
  react: MatrixPort['react'] = async (as, room, target, { key: reaction, shortcode }, key) =>
    this.effect({
      call: 'react',
      as,
      room,
      target,
      reaction,
      ...(shortcode !== undefined && { shortcode }),
      key,
    });
  member: MatrixPort['member'] = (_room, user) =>
    Promise.resolve({ user, ...(this.names.get(user) ?? { name: user }) });
  joinedMembers: MatrixPort['joinedMembers'] = () => Promise.resolve(this.members);
  powerOf: MatrixPort['powerOf'] = (_room, user) => Promise.resolve(this.powers.get(user) ?? 0);
  powerNeeded: MatrixPort['powerNeeded'] = () => Promise.resolve(50);
  rights: MatrixPort['rights'] = () => Promise.resolve({ joined: this.joined, missing: this.missing });
  resolveAlias: MatrixPort['resolveAlias'] = (alias) => Promise.resolve(this.aliases.get(alias));
  aliasOf: MatrixPort['aliasOf'] = (name) => `#slack_${name}:hs`;
  ownAliases: MatrixPort['ownAliases'] = async (at) =>
    [...this.aliases].flatMap(([alias, to]) => (to === at && alias.startsWith('#slack_') ? [alias] : []));
  addAlias: MatrixPort['addAlias'] = async (at, alias) => {
    if (!this.aliases.has(alias)) this.aliases.set(alias, at);
    return this.aliases.get(alias) === at;
  };
  removeAlias: MatrixPort['removeAlias'] = async (alias) => void this.aliases.delete(alias);
  /** What rooms show of ours, the main one first. */
  readonly shownAliases = new Map<RoomId, readonly string[]>();
  showAliases: MatrixPort['showAliases'] = async (at, aliases) => {
    if (this.refusesState) throw this.refusesState;
    this.shownAliases.set(at, aliases);
  };
  readonly ownRooms = new Set<RoomId>();
  isOwnRoom: MatrixPort['isOwnRoom'] = async (at) => this.ownRooms.has(at);
  createRoom: MatrixPort['createRoom'] = ({ name, invite }) => {
    this.effects.push({ call: 'create', text: `${name} for ${invite.join(', ')}` });
    return Promise.resolve(roomId('!new:hs'));
  };
  /** Rooms that were made for chats, by channel. */
  readonly chatRooms = new Map<string, RoomId>();
  /** Called when something is done, before anybody hears of it. */
  afterStep: (step: 'made' | 'joined' | 'described') => void = () => undefined;
  createChatRoom: MatrixPort['createChatRoom'] = async ({ name = 'no name', channel, people, ghosts }) => {
    this.effects.push({ call: 'create', text: `${name} for ${[...people, ...ghosts].join(', ')}` });
    const made = roomId(`!chat${this.chatRooms.size + 1}:hs`);
    this.chatRooms.set(channel.channel, made);
    this.afterStep('made');
    return made;
  };
  chatRoomOf: MatrixPort['chatRoomOf'] = async ({ channel }, isTaken) => {
    const made = this.chatRooms.get(channel);
    return made === undefined || isTaken(made) ? undefined : made;
  };
  bringIn: MatrixPort['bringIn'] = async (room, as) => {
    this.effects.push({ call: 'join', room, as });
    this.afterStep('joined');
  };
  /** Ghosts that the room's people don't want, and why. */
  readonly unwanted = new Map<MatrixUserId, 'banned' | 'kicked'>();
  readonly inRooms = new Map<MatrixUserId, readonly RoomId[]>();
  enter: MatrixPort['enter'] = async (room, as) => {
    const why = this.unwanted.get(as);
    if (why) throw new CannotBridge(why, 'not wanted');
    this.effects.push({ call: 'join', room, as });
  };
  roomsOf: MatrixPort['roomsOf'] = async (ghost) => this.inRooms.get(ghost) ?? [];
  bringBot: MatrixPort['bringBot'] = async (room, as) => {
    this.effects.push({ call: 'join', room, as: bot, text: `by ${as}` });
  };
  invite: MatrixPort['invite'] = async (room, user) => {
    this.effects.push({ call: 'invite', room, text: user });
  };
  join: MatrixPort['join'] = async (room) => {
    this.effects.push({ call: 'join', room });
  };
  leave: MatrixPort['leave'] = async (room, as) => {
    this.effects.push({ call: 'leave', room, as });
  };
  state: MatrixPort['state'] = (_room, type) => Promise.resolve(this.states.get(type));
  stateOfType: MatrixPort['stateOfType'] = () => Promise.resolve([]);
  /** Why the room doesn't let the bot change its state. */
  refusesState: Error | undefined;
  setState: MatrixPort['setState'] = async (_room, type, _key, content, as) => {
    if (as !== undefined && this.away.has(as)) throw new CannotBridge('double-away', 'they lack the power');
    if (this.refusesState) throw this.refusesState;
    this.states.set(type, content);
    const text = `${type} ${JSON.stringify(content)}`;
    this.effects.push({ call: 'state', text, ...(as !== undefined && { as }) });
  };
  setTopic: MatrixPort['setTopic'] = (room, topic, as) =>
    this.setState(room, 'm.room.topic', '', { topic: plainText(topic, { spelled: true }) }, as);
  showPicture: MatrixPort['showPicture'] = (room, picture) =>
    this.setState(room, 'm.room.avatar', '', { url: picture });
  describeBridge: MatrixPort['describeBridge'] = async (room, channel, linked) => {
    this.effects.push({ call: 'describe', room, text: `${channel.name} ${channel.url}`, linked });
    this.afterStep('described');
  };
  otherBridges: MatrixPort['otherBridges'] = () => Promise.resolve(this.bridges);

  /** What people in the room were told or shown, in order. */
  sent(): readonly string[] {
    return this.effects.filter((each) => each.call === 'send').map((each) => each.text ?? '');
  }

  of(call: MatrixEffect['call']): readonly MatrixEffect[] {
    return this.effects.filter((each) => each.call === call);
  }
}

/** As clients show it that know no profiles of messages. */
function textOf({ speaker, text }: OutgoingEvent): string {
  return speaker ? `${speaker.name}: ${plainText(text)}` : plainText(text);
}
