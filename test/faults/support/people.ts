import type { MatrixApi } from '../../../sandbox/matrix-user/api.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';

/** A linked room and the people who write in it, on both sides. No two of them have the same name. */
export interface PeopledRoom extends LinkedRoom {
  readonly matrixPeople: readonly { readonly name: string; readonly api: MatrixApi }[];
  readonly slackPeople: readonly { readonly name: string; readonly user: string }[];
}

/** So many rooms that Alice linked, one after the other. Alice and Bob write in them, and Ann and Ben in Slack. */
export async function linkRooms(scene: Scene, count: number, name: string): Promise<readonly PeopledRoom[]> {
  const rooms: PeopledRoom[] = [];
  for (let number = 1; number <= count; number += 1)
    rooms.push(withFriends(scene, await scene.linkedRoom(`${name}-${number}`)));
  return rooms;
}

/** A scene's own room with the people who are in it. */
export function withFriends({ alice, bob, slack }: Scene, linked: LinkedRoom): PeopledRoom {
  return {
    ...linked,
    matrixPeople: [
      { name: 'Alice', api: alice.api },
      { name: 'Bob', api: bob.api },
    ],
    slackPeople: [
      { name: 'Ann', user: slack.ann },
      { name: 'Ben', user: slack.ben },
    ],
  };
}
