import type { AuthorId, MatrixUserId, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { NameTemplate } from '../name-template.ts';
import type { IntakePort } from '../queue/ports.ts';
import type { Accounts } from './accounts.ts';
import type { Acting, HomeserverClient } from './call.ts';
import type { RoomCrypto } from './crypto/ports.ts';
import type { FetchPicture, GhostStore, MatrixMetrics, PictureStore } from './ports.ts';
import type { ReadReceipt } from './receipts.ts';
import type { Registration } from './registration.ts';
import type { RoomPolicy } from './room-creation.ts';
import type { RoomState } from './state.ts';

/** What of the adapter encryption works with. */
export interface CryptoParts {
  readonly client: HomeserverClient;
  readonly accounts: Accounts;
  readonly state: RoomState;
  readonly bot: MatrixUserId;
  readonly asBot: () => Promise<Acting>;
  readonly isOurs: (user: string) => boolean;
  readonly log: Logger;
}

export interface MatrixOptions {
  readonly homeserver: {
    readonly url: string;
    readonly domain: string;
    /** Of an administrator of Synapse: what is deleted in Slack is deleted from its media. */
    readonly adminToken?: string;
  };
  readonly appservice: {
    readonly host: string;
    readonly port: number;
    readonly bot: string;
    readonly ghostPrefix: string;
    readonly ghostTeam: boolean;
    /** How ghosts are called. */
    readonly ghostName: NameTemplate;
    /** Whether ghosts have titles, statuses and the like as fields of their profiles. */
    readonly ghostFields: boolean;
  };
  readonly rooms: RoomPolicy;
  /** Checked by `readRegistration`. */
  readonly registration: Registration;
  /** Checked by `readPuppetsRegistration`; absent: there are no double puppets. */
  readonly puppetsRegistration?: Registration;
  /** The Matrix account under which somebody in Slack wants to appear. Asks nobody. */
  readonly accountOf: (team: TeamId, author: AuthorId) => MatrixUserId | undefined;
  /** The bridge's own secret id: transaction ids and device ids derive from it. */
  readonly bridgeId: string;
  readonly ghostStore: GhostStore;
  readonly pictureStore: PictureStore;
  readonly intake: IntakePort;
  readonly fetchPicture: FetchPicture;
  /** Whether a message's text is for the bot: it then never waits behind the messages of a paused portal. */
  readonly isCommand?: (text: string) => boolean;
  readonly log: Logger;
  readonly metrics?: MatrixMetrics;
  /** The homeserver is well again after trouble: what waits for it may go on. */
  readonly onRecovered?: () => void;
  /** Events may be missing: the homeserver was away, or transactions could not be stored. */
  readonly onGap?: () => void;
  /** An event of this room was delivered. */
  readonly onActivity?: (room: string) => void;
  /** Encryption of rooms; absent: what is encrypted isn't read, and such rooms aren't linked. */
  readonly crypto?: (parts: CryptoParts) => RoomCrypto;
  /** People have read something in rooms; must not throw. */
  readonly onRead?: (receipts: readonly ReadReceipt[]) => void;
}
