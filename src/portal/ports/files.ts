/** What the portals ask of the transport of files. See `ports.ts` for what writes may throw. */
import type { FileKey } from '../../errors.ts';
import type { MatrixCipher, MatrixFile, SlackFile } from '../../events.ts';
import type { FileId, MxcUri, PortalId, SlackUserId, TeamId } from '../../ids.ts';

/** For whom a file is brought: `team` opens it, or takes it; `by` is its sender, a Slack author id or a Matrix user id. */
export interface FilePlace {
  readonly team: TeamId;
  readonly portal: PortalId;
  readonly by: string;
  /** To Slack: the sender's own account there, which brings it and shares it. From Slack: that of somebody who sees it, where the bot doesn't. */
  readonly account?: SlackUserId;
  /** To Matrix: the room is encrypted, so the file is enciphered. */
  readonly encrypted?: boolean;
}

/** A transfer that was begun. The same call again joins the one that is under way, and finds what was brought before. */
export interface Transfer<Result> {
  /** What an item waits for that doesn't keep its place. */
  readonly key: FileKey;
  /** When it was begun, or a large one of the same portal that is under way still, in milliseconds by the context's clock. */
  readonly since: number;
  /**
   * Rejects with `CannotBridge` (too large, gone, no file: its message is for people) or `TryLater`. Nobody need wait for it.
   */
  readonly result: Promise<Result>;
}

export interface FileInMatrix {
  readonly url: MxcUri;
  /** Of what was enciphered. */
  readonly cipher?: MatrixCipher;
  /** Bytes. */
  readonly size: number;
  /** By its first bytes, as far as these say. */
  readonly mimetype: string;
}

export interface FilePort {
  /** A message goes on without a file whose transfer was begun. Remembered: should it be handled again, it does the same. */
  pass(file: FileKey): Promise<void>;
  wasPassed(file: FileKey): Promise<boolean>;
  /**
   * Brings a file of Slack, or Slack's smaller picture of it, to the homeserver, once a portal: its address there is made
   * and remembered, then the bytes follow.
   */
  toMatrix(where: FilePlace, file: SlackFile, kind: 'file' | 'thumbnail'): Transfer<FileInMatrix>;
  /**
   * Brings a file of Matrix to Slack, where nobody sees it before it is shared (`SlackPort.share`).
   *
   * @param source names it: the event and which of its files.
   */
  toSlack(where: FilePlace, file: MatrixFile, source: string): Transfer<FileId>;
  /** What was brought to Slack as this file isn't wanted any more: if it is after all, it is brought anew. */
  forgetInSlack(portal: PortalId, file: FileId): Promise<void>;
  /** Slack has lost it: the next time it is brought anew, as the same file. */
  lostInSlack(portal: PortalId, file: FileId): Promise<void>;
  /**
   * What of a Slack file was brought to the homeserver for this portal is forgotten, and deleted there where the
   * configuration gives a token for that. Of a file that a second message shows everything stays.
   */
  removeFromMatrix(portal: PortalId, file: FileId): Promise<void>;
}
