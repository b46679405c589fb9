import { CannotBridge } from '../../errors.ts';
import type { FileId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink } from '../ports.ts';
import { writerOf } from '../own-account.ts';
import { fileOfLink, removeFile } from './share.ts';
import { isTextFile } from './text-file.ts';

/** Removes a post of ours from Slack, with the files that it shares. Throws `CannotBridge` where its account is gone. */
export async function removePost(work: Work, link: MessageLink): Promise<void> {
  const { context, portal, turn } = work;
  const by = writerOf(work, link);
  for (const file of await filesOf(work, link)) await removeFile(work, file, by);
  turn.mayWrite();
  await context.slack.remove(portal.channels[0], link.ts, by === undefined ? {} : { by });
  turn.remember({ type: 'deleted', portal: portal.id, ts: link.ts });
}

/** A link names the first; of several, Slack's message shows which. */
async function filesOf({ context, portal }: Work, link: MessageLink): Promise<ReadonlySet<FileId>> {
  const first = fileOfLink(link);
  if (first === undefined || isTextFile(link)) return new Set(first === undefined ? [] : [first]);
  try {
    const shown = await context.slack.message(portal.channels[0], link.ts, link.threadTs);
    return new Set([first, ...(shown?.files ?? []).map(({ id }) => id)]);
  } catch (error) {
    if (error instanceof CannotBridge) return new Set([first]);
    throw error;
  }
}
