/**
 * The name of a file of ours that is shared in Slack: it carries the key that a post carries in its metadata, so that the
 * file is known again when the database that knew it is gone.
 */
export function keyedFileName(opKey: string): string {
  return `message-${opKey}.md`;
}

/** The key in such a name. Anybody may name a file so: look who shared it. */
export function keyInFileName(name: string): string | undefined {
  return /^message-([\w-]{32})\.md$/.exec(name)?.[1];
}
