import type { FileKey } from '../errors.ts';
import type { PortalId } from '../ids.ts';

/** Where it is kept which files were brought, and which are on their way. */

export type FileDirection = 'to_matrix' | 'to_slack';

export interface CarriedFile {
  readonly key: FileKey;
  readonly portal: PortalId;
  /** Slack's file, or the Matrix event and which of its files. */
  readonly source: string;
  readonly kind: 'file' | 'thumbnail';
  readonly direction: FileDirection;
  /** A Slack author or a Matrix user. */
  readonly sender: string;
  /** Bytes, as announced. */
  readonly size?: number;
}

/** `target` is an mxc address, or Slack's file. */
export interface Arrived {
  readonly target: string;
  /** Bytes. */
  readonly size: number;
  /** Of what it is in clear. */
  readonly mimetype: string;
  /** It was enciphered. */
  readonly sealed?: SealedFile;
}

/** What its keys are derived with, and the checksum of its enciphered bytes: base64. Nothing is read by these alone. */
export interface SealedFile {
  readonly nonce: string;
  readonly sha256: string;
}

export type FileState =
  | { readonly state: 'begun'; readonly target?: string }
  | ({ readonly state: 'arrived' } & Arrived)
  | { readonly state: 'failed'; readonly reason: string; readonly message: string };

export interface MediaStore {
  /** How the file stands; one that isn't known, or failed more than ten minutes ago, is begun. */
  begin(file: CarriedFile): Promise<FileState>;
  /** Before bytes are sent there. Gives the one that counts: that of another process, if it was first. */
  aim(key: FileKey, target: string): Promise<string>;
  /** The target isn't there any more. */
  miss(key: FileKey, target: string): Promise<void>;
  /** False: it was forgotten meanwhile. */
  arrived(key: FileKey, file: Arrived): Promise<boolean>;
  failed(key: FileKey, reason: string, message: string): Promise<void>;
  /** The bytes of the last 24 hours before this file, of its portal and of its sender. */
  used(key: FileKey): Promise<{ readonly portal: number; readonly sender: number }>;
  /** When so many of these are older than that, in milliseconds since 1970; undefined: never. */
  freeAt(key: FileKey, scope: 'portal' | 'sender', bytes: number): Promise<number | undefined>;
  /** Whether several messages of the portal that stand show a file of Slack. */
  isShownTwice(portal: PortalId, source: string): Promise<boolean>;
  /** The targets of a file: of itself and of its smaller picture. */
  targets(portal: PortalId, source: string): Promise<readonly string[]>;
  /** Resolves with the targets of what is forgotten. */
  forget(portal: PortalId, source: string): Promise<readonly string[]>;
  /** Forgets what was brought there. */
  forgetTarget(portal: PortalId, target: string): Promise<void>;
  /** What was brought there isn't there any more: it is brought again, and counts once. */
  bringAnew(portal: PortalId, target: string): Promise<void>;
  /** A message goes on without the file, which is known already: remembered for good. */
  pass(key: FileKey): Promise<void>;
  wasPassed(key: FileKey): Promise<boolean>;
  /** Items that wait for a file look for themselves at once: the process that was bringing it may be gone. */
  wake(): Promise<void>;
}
