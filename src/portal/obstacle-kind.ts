/** What keeps a room and a channel from being joined now. `message` is for people: what it is and what to do. */
export interface Obstacle {
  readonly kind: ObstacleKind;
  readonly message: string;
}

export type ObstacleKind =
  | 'team'
  | 'channel-gone'
  | 'archived'
  | 'bot-left'
  | 'no-reader'
  | 'bot-removed'
  | 'rights'
  | 'encrypted'
  | 'not-encrypted'
  | 'upgraded'
  | 'exposed'
  | 'other-bridge';
