/** What a scope allows, in words; of scopes that aren't listed the name is shown. */
const words: ReadonlyMap<string, string> = new Map([
  ['channels:read', 'See which public channels there are'],
  ['channels:history', 'Read messages in public channels'],
  ['channels:join', 'Join public channels'],
  ['channels:manage', 'Create and change public channels'],
  ['channels:write', 'Join, leave and change public channels, and invite people'],
  ['channels:write.topic', 'Set the topic of public channels'],
  ['chat:write', 'Send messages'],
  ['chat:write.customize', 'Send messages under another name and picture'],
  ['commands', 'Add commands and shortcuts'],
  ['emoji:read', 'See the custom emoji'],
  ['files:read', 'See files that are shared'],
  ['files:write', 'Upload, change and delete files'],
  ['groups:read', 'See which private channels there are'],
  ['groups:history', 'Read messages in private channels'],
  ['groups:write', 'Leave and change private channels, and invite people'],
  ['groups:write.topic', 'Set the topic of private channels'],
  ['im:read', 'See which direct messages there are'],
  ['im:history', 'Read direct messages'],
  ['im:write', 'Start direct messages'],
  ['mpim:read', 'See which group direct messages there are'],
  ['mpim:history', 'Read group direct messages'],
  ['mpim:write', 'Start group direct messages'],
  ['pins:read', 'See what is pinned'],
  ['pins:write', 'Pin messages, and take them off'],
  ['reactions:read', 'See reactions'],
  ['reactions:write', 'Add and remove reactions'],
  ['team:read', 'See the name and picture of the workspace'],
  ['usergroups:read', 'See the user groups'],
  ['users:read', 'See who is in the workspace'],
  ['users:read.email', 'See people’s email addresses'],
  ['users.profile:read', 'See people’s profiles'],
  ['users.profile:write', 'Change a profile'],
  ['bookmarks:read', 'See bookmarks'],
  ['conversations.connect:read', 'See invitations of other organisations'],
  ['metadata.message:read', 'Read what apps note on messages'],
  ['authorizations:read', 'See for whom an event is'],
]);

export function permission(scope: string): string {
  return words.get(scope) ?? scope;
}

/** People and bots are never asked for these of the others. */
const botsOnly: ReadonlySet<string> = new Set([
  'channels:join',
  'channels:manage',
  'chat:write.customize',
  'chat:write.public',
  'commands',
]);
const peopleOnly: ReadonlySet<string> = new Set(['channels:write', 'users.profile:write']);

/** The scopes that such a token can't have. */
export function impossible(scopes: readonly string[], kind: 'bot' | 'user'): readonly string[] {
  const others = kind === 'bot' ? peopleOnly : botsOnly;
  return scopes.filter((scope) => others.has(scope) || !/^[a-z_.]+(?::[a-z_.]+)?$/.test(scope));
}
