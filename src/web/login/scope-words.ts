/** What Slack is asked for, as people understand it. */
export interface ScopeGroup {
  readonly what: string;
  readonly why: string;
  /** Slack's names. */
  readonly scopes: readonly string[];
}

const groups: readonly ScopeGroup[] = [
  {
    what: 'Write in your name',
    why: 'What you write, react with, pin or send as a file in Matrix appears in Slack as yours, and you can change and delete it from both sides.',
    scopes: ['chat:write', 'files:write', 'reactions:write', 'pins:write'],
  },
  {
    what: 'Read what you can read in Slack',
    why: 'So that your direct messages and the private channels that are joined to a Matrix room come to Matrix, with their files, reactions and pins. Public channels come through the bridge’s own bot.',
    scopes: [
      'channels:history',
      'groups:history',
      'im:history',
      'mpim:history',
      'files:read',
      'reactions:read',
      'pins:read',
    ],
  },
  {
    what: 'See your conversations and the people in them',
    why: 'So that the bridge knows who writes to you and in which conversation that is.',
    scopes: ['channels:read', 'groups:read', 'im:read', 'mpim:read', 'users:read'],
  },
  {
    what: 'Open chats and mark them as read',
    why: 'So that you can begin a direct message from Matrix, and what you read there counts as read in Slack, too.',
    scopes: ['channels:write', 'groups:write', 'im:write', 'mpim:write'],
  },
];

/** The groups that these belong to, each with those of its own only; what belongs to none stands under its own name. */
export function scopeGroups(scopes: readonly string[]): readonly ScopeGroup[] {
  const known = groups
    .map((group) => ({ ...group, scopes: group.scopes.filter((scope) => scopes.includes(scope)) }))
    .filter((group) => group.scopes.length > 0);
  const named = new Set(groups.flatMap((group) => group.scopes));
  const others = scopes.filter((scope) => !named.has(scope));
  return [...known, ...others.map((scope) => ({ what: scope, why: '', scopes: [scope] }))];
}
