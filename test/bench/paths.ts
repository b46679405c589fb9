import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Arrivals } from './arrivals.ts';
import { observeMatrix } from './matrix-observer.ts';
import { matrixWriter } from './matrix-writer.ts';
import type { Rooms } from './rooms.ts';
import type { Ends, Servers } from './servers.ts';
import { observeSlack } from './slack-observer.ts';

/** A way that messages go, through as many rooms as there are places. */
export interface Path {
  /** Writes a text; resolves when it is accepted, in most cases before it arrives. */
  send(index: number, text: string): Promise<void>;
  /** Where it arrives. */
  readonly arrivals: Arrivals;
  /** What each place is called there. */
  readonly places: readonly string[];
}

/** One direction: by way of the bridge, and what a bare client reaches on the same homeserver. */
export interface Direction {
  readonly name: 'slack_to_matrix' | 'matrix_to_slack';
  readonly bridge: Path;
  readonly bare: Path;
}

export async function openPaths(servers: Servers, rooms: Rooms, ends: Ends): Promise<readonly Direction[]> {
  const { synapse, slack, bare } = servers;
  const bob = observeMatrix(synapse.url, rooms.bob);
  ends.push(() => bob.stop());
  const slackPage = await observeSlack(slack.sandbox);
  ends.push(async () => slackPage.stop());
  const count = rooms.bare.length;
  const alice = matrixWriter(synapse.url, rooms.alice.accessToken, count);
  const ghosts = matrixWriter(synapse.url, bare.slot.asToken, count);
  ends.push(() => Promise.all([alice.close(), ghosts.close()]));

  const linked = rooms.linked.map(({ room }) => room);
  const channels = rooms.linked.map(({ channel }) => channel.id);
  const write = (places: readonly string[]) => (index: number, text: string) =>
    alice.send(at(places, index), text);
  const writers = inTurn(rooms.slackPeople);
  const ghostWriters = inTurn(rooms.bareGhosts);
  return [
    {
      name: 'slack_to_matrix',
      bridge: {
        async send(index, text) {
          slack.control.post({ channel: at(channels, index), user: writers(index), text });
          await nextTurn(); // the sandbox runs in this process: let it deliver
        },
        arrivals: bob.arrivals,
        places: linked,
      },
      bare: {
        send: (index, text) => ghosts.send(at(rooms.bare, index), text, ghostWriters(index)),
        arrivals: bob.arrivals,
        places: rooms.bare,
      },
    },
    {
      name: 'matrix_to_slack',
      bridge: { send: write(linked), arrivals: slackPage.arrivals, places: channels },
      bare: { send: write(rooms.bare), arrivals: bare.listener.arrivals, places: rooms.bare },
    },
  ];
}

function at(places: readonly string[], index: number): string {
  const place = places[index];
  if (place === undefined) throw new Error(`There is no room ${index}.`);
  return place;
}

/** In every place one after the other. */
function inTurn(people: readonly string[]): (place: number) => string {
  const turns: number[] = [];
  return (place) => {
    const turn = turns[place] ?? 0;
    turns[place] = turn + 1;
    return at(people, turn % people.length);
  };
}
