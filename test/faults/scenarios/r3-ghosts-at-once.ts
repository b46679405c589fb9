import { textDoc } from '../../../src/format/doc.ts';
import { roomId } from '../../../src/ids.ts';
import type { EventId, MatrixUserId, RoomId } from '../../../src/ids.ts';
import type { MatrixPort } from '../../../src/portal/ports.ts';
import { adapterOn, profile } from '../../matrix/support.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { testHomeserver } from '../../support/synapse.ts';
import type { TestHomeserver } from '../../support/synapse.ts';
import type { Run, Scenario, Size } from '../scenario.ts';

interface Plan {
  readonly ghosts: number;
  readonly rounds: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { ghosts: 10, rounds: 3 },
  short: { ghosts: 40, rounds: 5 },
  long: { ghosts: 40, rounds: 25 },
};

/**
 * A homeserver keeps the transaction ids of all ghosts in one list: two that are equal make one event of two messages. In each
 * round all send, and send the same once more.
 *
 * @see https://github.com/element-hq/synapse/blob/develop/synapse/rest/client/transactions.py
 */
export const r3: Scenario = {
  id: 'R3',
  title: '40 ghosts send at once in one room',
  minutes: { quick: 0.2, short: 0.5, long: 1.5 },
  async run(run) {
    const homeserver = await testHomeserver();
    try {
      return await sendAtOnce(run, plans[run.size], homeserver);
    } finally {
      await homeserver.close();
    }
  },
};

async function sendAtOnce(run: Run, plan: Plan, homeserver: TestHomeserver): Promise<readonly Figure[]> {
  const adapter = await adapterOn({ homeserver, slot: await homeserver.takeSlot() });
  try {
    await adapter.listen();
    const { port } = adapter;
    const ann = await homeserver.person('Ann');
    const room = roomId(await ann.createRoom({ invite: [port.bot] }));
    await port.join(room);
    const ghosts = await makeGhosts(port, plan.ghosts);
    const events: EventId[] = [];
    let changed = 0;
    for (let round = 1; round <= plan.rounds; round += 1) {
      const sent = await sendRound(port, room, ghosts, round);
      const again = await sendRound(port, room, ghosts, round);
      changed += again.filter((event, index) => event !== sent[index]).length;
      events.push(...sent);
      if (round % 5 === 0) run.say(`${events.length} events`);
    }
    const distinct = new Set(events);
    const seen = await ann.waitFor(
      room,
      (each) => (each.messages().length >= distinct.size ? each.messages() : undefined),
      240_000,
    );
    const senders = new Map(seen.map(({ eventId, sender }) => [eventId, sender] as const));
    const wrong = events.filter((event, index) => senders.get(event) !== ghosts[index % ghosts.length]);
    return [
      figure('R3.distinct', distinct.size, 'events', { atLeast: plan.ghosts * plan.rounds }),
      figure('R3.in_room', seen.length, 'events', { atMost: events.length }),
      figure('R3.changed_by_repeating', changed, 'events', { atMost: 0 }),
      figure('R3.wrong_sender', wrong.length, 'events', { atMost: 0 }),
    ];
  } finally {
    await adapter.stop();
  }
}

async function makeGhosts(port: MatrixPort, count: number): Promise<readonly MatrixUserId[]> {
  const numbers = Array.from({ length: count }, (_, number) => number + 1);
  return Promise.all(numbers.map((number) => port.prepareGhost(profile(`U${number}`, `Person ${number}`))));
}

/** The events, in the order of the ghosts. */
function sendRound(
  port: MatrixPort,
  room: RoomId,
  ghosts: readonly MatrixUserId[],
  round: number,
): Promise<readonly EventId[]> {
  const message = { kind: 'text', text: textDoc(`round ${round}`) } as const;
  return Promise.all(
    ghosts.map((ghost, index) => {
      const fact = `slack:1:message:${round}.${String(index).padStart(6, '0')}`;
      return port.send(ghost, room, message, { fact, part: 'text' });
    }),
  );
}
