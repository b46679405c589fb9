import assert from 'node:assert/strict';
import { CannotBridge } from '../../../src/errors.ts';
import type { SlackFile, SlackMessage, SlackPlace, SlackProfile } from '../../../src/events.ts';
import type { Doc } from '../../../src/format/doc.ts';
import { plainText, textDoc } from '../../../src/format/doc.ts';
import type { SlackUserId, Ts } from '../../../src/ids.ts';
import { channelId, fileId, slackUserId, teamId, ts } from '../../../src/ids.ts';
import type { SlackNotices } from '../../../src/portal/notice-ports.ts';
import type {
  Bookmark,
  OutgoingPost,
  OutgoingShare,
  OwnEmoji,
  SlackChannel,
  SlackChat,
  SlackPort,
  SlackRole,
  SlackTeam,
} from '../../../src/portal/ports.ts';

export const ourBot = slackUserId('UBRIDGE');
export const ourApp = 'ABRIDGE';

export interface SlackEffect {
  readonly call:
    | 'post'
    | 'update'
    | 'remove'
    | 'react'
    | 'unreact'
    | 'join'
    | 'leave'
    | 'stage'
    | 'share'
    | 'remove-file'
    | 'topic'
    | 'rename'
    | 'invite'
    | 'kick'
    | 'pin'
    | 'unpin'
    | 'mark'
    | 'open';
  readonly ts?: Ts;
  readonly text?: string;
  readonly name?: string;
  readonly post?: OutgoingPost;
  /** The linked person that it was done as. */
  readonly by?: SlackUserId;
  readonly share?: OutgoingShare;
}

/** A workspace of which tests set the content and read the effects. */
export class RecordedSlack implements SlackPort {
  readonly effects: SlackEffect[] = [];
  readonly messages = new Map<Ts, SlackMessage>();
  readonly profiles = new Map<string, SlackProfile>();
  channels: SlackChannel[] = [];
  bridges: readonly string[] = [];
  trouble: string | undefined;
  /** Why files are refused. */
  noFiles: CannotBridge | undefined;
  lacks: readonly string[] = [];
  /** Posts by their key, for history. */
  readonly byKey = new Map<string, Ts[]>();
  /** How many characters fit one message. */
  pieceLength = 1000;
  private next = 1;

  teams(): readonly SlackTeam[] {
    const { trouble, lacks } = this;
    return [
      {
        id: teamId('T1'),
        name: 'Acme',
        url: 'https://acme.slack.com/',
        appId: ourApp,
        bot: ourBot,
        botId: 'BBRIDGE',
        ...(trouble !== undefined && { trouble }),
        ...(lacks.length > 0 && { lacks }),
      },
    ];
  }

  team: SlackPort['team'] = (id) => this.teams().find((each) => each.id === id);
  permalink: SlackPort['permalink'] = (place, at) =>
    `https://acme.slack.com/archives/${place.channel}/p${at}`;
  isOurs: SlackPort['isOurs'] = ({ app, author }) => app === ourApp || author.id === ourBot;
  shownText: SlackPort['shownText'] = ({ text }) => text;
  pieces: SlackPort['pieces'] = (doc) => cut(doc, this.pieceLength);
  /** What people are in the workspace; a member where nothing else is said. */
  readonly roles = new Map<SlackUserId, SlackRole>();
  readonly groups = new Map<string, readonly SlackUserId[]>();
  standing: SlackPort['standing'] = async (_team, user) => ({
    role: this.roles.get(user) ?? 'member',
    name: this.profiles.get(user)?.name ?? user,
  });
  isInUsergroup: SlackPort['isInUsergroup'] = async (_team, group, user) =>
    this.groups.get(group)?.includes(user) === true;
  post: SlackPort['post'] = async (_place, post) => this.recordPost(post);

  private nextTs(): Ts {
    const at = ts(`2000.${String(this.next).padStart(6, '0')}`);
    this.next += 1;
    return at;
  }

  /** A post that Slack took, whatever the bridge gets to hear of it. */
  recordPost(post: OutgoingPost): Ts {
    const at = this.nextTs();
    this.effects.push({ call: 'post', ts: at, text: plainText(post.text), post, ...byOf(post.by) });
    this.byKey.set(post.opKey, [...(this.byKey.get(post.opKey) ?? []), at]);
    return at;
  }

  update: SlackPort['update'] = async (_place, at, post) => {
    this.effects.push({ call: 'update', ts: at, text: plainText(post.text), post, ...byOf(post.by) });
  };
  remove: SlackPort['remove'] = async (_place, at, how) => {
    this.effects.push({ call: 'remove', ts: at, ...byOf(how?.by) });
  };
  stage: SlackPort['stage'] = async (_team, { name, length, body }, by) => {
    if (this.noFiles) throw this.noFiles;
    const staged = this.of('stage').length + 1;
    assert.ok(body instanceof Uint8Array && body.length === length);
    const text = Buffer.from(body).toString('utf8');
    this.effects.push({ call: 'stage', name, text, ...byOf(by) });
    return fileId(`F${staged}`);
  };
  share: SlackPort['share'] = async (_place, share) => void this.recordShare(share);

  /** Files that Slack shows, whatever the bridge gets to hear of it. */
  recordShare(share: OutgoingShare): Ts {
    const at = this.nextTs();
    const ids = share.files.map(({ id }) => id);
    const text = share.text && plainText(share.text);
    this.effects.push({
      call: 'share',
      ts: at,
      name: ids.join(' '),
      ...(text !== undefined && { text }),
      share,
      ...byOf(share.by),
    });
    for (const id of ids) this.byKey.set(`file:${id}`, [...(this.byKey.get(`file:${id}`) ?? []), at]);
    return at;
  }

  removeFile: SlackPort['removeFile'] = async (_team, file, by) => {
    this.effects.push({ call: 'remove-file', name: file, ...byOf(by) });
  };
  react: SlackPort['react'] = async (_place, at, name, by) => {
    this.effects.push({ call: 'react', ts: at, name, ...byOf(by) });
  };
  unreact: SlackPort['unreact'] = async (_place, at, name, by) => {
    this.effects.push({ call: 'unreact', ts: at, name, ...byOf(by) });
  };
  /** Conversations by their channel, as any of their people sees them. */
  readonly chats = new Map<string, SlackChat>();
  chat: SlackPort['chat'] = async ({ channel }, by) => {
    const chat = this.chats.get(channel);
    return chat?.members.includes(by) === true ? chat : undefined;
  };
  privateChannels: SlackPort['privateChannels'] = async (_team, by) =>
    this.channels.flatMap((each) => {
      const isIn = this.chats.get(each.channel)?.members.includes(by) === true;
      return each.private && isIn ? [{ ...each, member: true }] : [];
    });
  findPeople: SlackPort['findPeople'] = async (_team, query) =>
    [...this.profiles.values()].filter(({ id, name }) => [id, name, `@${name}`].includes(query));
  findByOpKey: SlackPort['findByOpKey'] = async (_place, key) => this.byKey.get(key) ?? [];
  message: SlackPort['message'] = async (_place, at) => this.messages.get(at);
  /** What Slack says of files when it is asked; of others nothing. */
  readonly fileInfos = new Map<string, SlackFile>();
  fileInfo: SlackPort['fileInfo'] = async (_place, id) => {
    const info = this.fileInfos.get(id);
    if (!info) throw new CannotBridge('file_not_found', 'Slack doesn’t know the file');
    return info;
  };
  profile: SlackPort['profile'] = async (team, id) =>
    this.profiles.get(id) ?? { team, id, name: `name of ${id}`, bot: id.startsWith('B'), deactivated: false };
  profileChanged: SlackPort['profileChanged'] = async (profile) => {
    this.profiles.set(profile.id, profile);
    return profile;
  };
  isNameOfPerson: SlackPort['isNameOfPerson'] = (_team, name) =>
    [...this.profiles.values()].some((profile) => !profile.bot && profile.name === name);
  isNameTaken: SlackPort['isNameTaken'] = (_team, name) =>
    [...this.profiles.values()].some((profile) => profile.name === name);
  teamPictureUrl: string | undefined;
  teamPicture: SlackPort['teamPicture'] = async () => this.teamPictureUrl;
  readonly usergroups = new Map<string, string>();
  usergroup: SlackPort['usergroup'] = async (_team, id) => this.usergroups.get(id);
  usergroupsChanged: SlackPort['usergroupsChanged'] = () => this.usergroups.clear();
  /** The workspace's own emoji, by name. */
  readonly emoji = new Map<string, OwnEmoji>();
  ownEmoji: SlackPort['ownEmoji'] = async (_team, names) =>
    new Map([...this.emoji].filter(([name]) => names.includes(name)));
  emojiOfPicture: SlackPort['emojiOfPicture'] = async (_team, addresses) =>
    [...this.emoji].find(([, own]) => 'picture' in own && addresses.includes(own.picture))?.[0];
  emojiChanged: SlackPort['emojiChanged'] = async (_team, change) => {
    if (change.type === 'added') this.emoji.set(change.name, { picture: change.value });
    if (change.type === 'removed') for (const name of change.names) this.emoji.delete(name);
  };
  channel: SlackPort['channel'] = async (team, id) =>
    this.channels.find((each) => each.team === team && each.channel === id);
  channelChanged: SlackPort['channelChanged'] = () => undefined;
  forgetChannel: SlackPort['forgetChannel'] = () => undefined;
  findChannels: SlackPort['findChannels'] = async (query, team) =>
    this.channels.filter(
      (each) =>
        (team === undefined || each.team === team) &&
        (each.channel === query || each.name === query.replace('#', '')),
    );
  listChannels: SlackPort['listChannels'] = async (team) =>
    this.channels.filter((each) => each.team === team);
  join: SlackPort['join'] = async (place: SlackPlace) => {
    this.effects.push({ call: 'join' });
    this.channels = this.channels.map((each) =>
      each.channel === place.channel ? { ...each, member: true } : each,
    );
  };
  /** Who is in the channel. */
  people: SlackUserId[] = [ourBot];
  leave: SlackPort['leave'] = async (place: SlackPlace) => {
    this.effects.push({ call: 'leave' });
    this.channels = this.channels.map((each) =>
      each.channel === place.channel ? { ...each, member: false } : each,
    );
  };
  members: SlackPort['members'] = async (_place, most) =>
    this.people.length > most ? undefined : this.people;
  inviteMember: SlackPort['inviteMember'] = async (_place, user, by) => {
    this.change('invite', user, by);
    const isNew = !this.people.includes(user);
    if (isNew) this.people.push(user);
    return isNew;
  };
  removeMember: SlackPort['removeMember'] = async (_place, user, by) => {
    this.change('kick', user, by);
    const before = this.people.length;
    this.people = this.people.filter((each) => each !== user);
    return this.people.length < before;
  };
  marks: Bookmark[] = [];
  readonly pinned = new Set<Ts>();
  /** Why Slack doesn't let the bot change the channel. */
  refusesChange: Error | undefined;
  bookmarks: SlackPort['bookmarks'] = async () => this.marks;
  setTopic: SlackPort['setTopic'] = async (place, topic, by) => {
    this.change('topic', topic, by);
    this.shows(place, { topic: textDoc(topic) });
    return textDoc(topic);
  };
  rename: SlackPort['rename'] = async (place, name, by) => {
    this.change('rename', name, by);
    this.shows(place, { name });
  };
  pin: SlackPort['pin'] = async (_place, at, by) => {
    this.change('pin', at, by);
    this.pinned.add(at);
  };
  unpin: SlackPort['unpin'] = async (_place, at, by) => {
    this.change('unpin', at, by);
    this.pinned.delete(at);
  };

  private change(call: SlackEffect['call'], text: string, by: SlackUserId | undefined): void {
    if (this.refusesChange) throw this.refusesChange;
    this.effects.push({ call, text, ...byOf(by) });
  }

  markRead: SlackPort['markRead'] = async (_place, at, by) => {
    this.effects.push({ call: 'mark', ts: at, by });
  };
  openChat: SlackPort['openChat'] = async (_team, users, by) => {
    this.effects.push({ call: 'open', name: users.join(' '), by });
    return channelId(`D${users.join('')}`);
  };

  /** Somebody changed the channel. */
  shows({ channel }: Pick<SlackPlace, 'channel'>, change: Partial<SlackChannel>): void {
    this.channels = this.channels.map((each) => (each.channel === channel ? { ...each, ...change } : each));
  }

  /** What the bridge itself said, `@person: …` where to one alone. */
  readonly told: string[] = [];
  /** Whether Slack shows notices to single people. */
  showsToPerson = true;
  readonly notices: SlackNotices = {
    toPerson: async (_place, person, words) => {
      if (this.showsToPerson) this.told.push(`@${person}: ${words}`);
      return this.showsToPerson;
    },
    toChannel: async (_place, words, threadTs) => {
      this.told.push(threadTs === undefined ? words : `${threadTs}: ${words}`);
      return true;
    },
  };
  otherBridges: SlackPort['otherBridges'] = async () => this.bridges;

  of(call: SlackEffect['call']): readonly SlackEffect[] {
    return this.effects.filter((each) => each.call === call);
  }

  posted(): readonly string[] {
    return this.of('post').map((each) => each.text ?? '');
  }
}

function byOf(by: SlackUserId | undefined) {
  return by === undefined ? {} : { by };
}

function cut(doc: Doc, length: number): readonly Doc[] {
  const whole = plainText(doc);
  if (whole.length <= length) return [doc];
  const parts: Doc[] = [];
  for (let at = 0; at < whole.length; at += length) {
    const piece = { type: 'text', text: whole.slice(at, at + length), marks: {} } as const;
    parts.push({ blocks: [{ type: 'paragraph', children: [piece] }] });
  }
  return parts;
}
