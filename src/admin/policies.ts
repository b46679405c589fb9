import type { PortalPolicy } from '../portal/ports.ts';

/** One thing that people may choose for a portal. */
export interface PolicyOption {
  readonly name: string;
  readonly values: readonly string[];
  readonly help: string;
  readonly show: (policy: PortalPolicy) => string;
  readonly change: (value: string) => Partial<PortalPolicy>;
  /** Whether a value is good that isn't in the list. */
  readonly takes?: (value: string) => boolean;
}

type Switch = {
  [Key in keyof PortalPolicy]: PortalPolicy[Key] extends boolean ? Key : never;
}[keyof PortalPolicy];

function onOff(name: string, key: Switch, help: string): PolicyOption {
  return {
    name,
    values: ['on', 'off'],
    help,
    show: (policy) => (policy[key] ? 'on' : 'off'),
    change: (value) => ({ [key]: value === 'on' }),
  };
}

const directions: Readonly<Record<string, PortalPolicy['direction']>> = {
  both: 'both',
  'to-matrix': 'to-matrix',
  'to-slack': 'to-slack',
};

const memberships: Readonly<Record<string, PortalPolicy['members']>> = {
  auto: 'auto',
  on: 'on',
  lazy: 'lazy',
  off: 'off',
};

const waitings: Readonly<Record<string, PortalPolicy['waiting']>> = {
  reaction: 'reaction',
  notice: 'notice',
  off: 'off',
};

const encryptions: Readonly<Record<string, PortalPolicy['encryption']>> = {
  default: 'default',
  off: 'off',
  allow: 'allow',
  on: 'on',
  require: 'require',
};

export const policies: readonly PolicyOption[] = [
  {
    name: 'direction',
    values: Object.keys(directions),
    help: 'which way messages go',
    show: (policy) => policy.direction,
    change: (value) => ({ direction: directions[value] ?? 'both' }),
  },
  onOff('bots', 'bots', 'whether what other Slack apps post comes here'),
  onOff('notices', 'notices', 'whether notices of bots in Matrix go to Slack'),
  onOff('everyone', 'everyone', 'whether @room and @channel reach everybody on the other side'),
  onOff('topic', 'topic', 'whether the topic goes across'),
  onOff('name', 'name', 'whether the room and the channel share their name'),
  onOff('pins', 'pins', 'whether pinned messages go across'),
  onOff('read-only', 'readOnly', 'whether people can’t write here while the channel is archived'),
  onOff('captions', 'captions', 'whether words with one file come from Slack as its caption, or before it'),
  {
    name: 'file-size',
    values: ['default', 'megabytes'],
    help: 'the largest file that goes across, if that is less than the bridge allows',
    show: ({ largestFile }) => (largestFile === 0 ? 'default' : `${largestFile / 1_000_000} MB`),
    change: (value) => ({ largestFile: value === 'default' ? 0 : Math.round(Number(value) * 1_000_000) }),
    takes: (value) => /^\d{1,7}(?:\.\d{1,3})?$/.test(value) && Number(value) > 0,
  },
  {
    name: 'members',
    values: Object.keys(memberships),
    help: 'which people of the channel are here: all where they aren’t too many, all, those who say something until they leave the channel, those who ever said something',
    show: (policy) => policy.members,
    change: (value) => ({ members: memberships[value] ?? 'auto' }),
  },
  {
    name: 'encryption',
    values: Object.keys(encryptions),
    help: 'whether this room may be encrypted: no, yes, yes (a new room is from the start), it has to be; default: as the bridge’s administrators chose',
    show: (policy) => policy.encryption,
    change: (value) => ({ encryption: encryptions[value] ?? 'default' }),
  },
  onOff('invites', 'invites', 'whether inviting somebody of Slack here invites them to the channel'),
  onOff('kicks', 'kicks', 'whether removing somebody of Slack here removes them from the channel'),
  onOff('other-bridges', 'otherBridges', 'whether to go on beside another bridge in the room or the channel'),
  onOff(
    'reaction-names',
    'reactionNames',
    'whether the bot says in a thread in Slack who in Matrix reacted with what',
  ),
  {
    name: 'waiting',
    values: Object.keys(waitings),
    help: 'how people are told that what they wrote waits: the bot reacts to it with ⏳, says so, or neither',
    show: (policy) => policy.waiting,
    change: (value) => ({ waiting: waitings[value] ?? 'reaction' }),
  },
];

/** Each choice as it stands: `bots: on (whether …)`. */
export function policyLines(policy: PortalPolicy): readonly string[] {
  return policies.map((option) => `${option.name}: ${option.show(policy)} (${option.help})`);
}

/** The same for programs. */
export function policyData(policy: PortalPolicy): Readonly<Record<string, string>> {
  return Object.fromEntries(policies.map((option) => [option.name, option.show(policy)]));
}
