import type { Scene } from '../../support/bridge.ts';
import { sumOf } from '../verdict.ts';
import type { Deliveries } from './deliveries.ts';
import type { Hand } from './hands.ts';
import { judge } from './judge.ts';
import type { Judgement } from './judge.ts';
import { readLate } from './late.ts';
import type { Late, LateAmong } from './late.ts';
import { modelOf } from './model.ts';
import type { Writing } from './pace.ts';
import type { PeopledRoom } from './people.ts';
import { readChannel, readRoom } from './reading.ts';

export type Side = 'matrix' | 'slack';

/** What the people of one room do on one side. */
export interface Stream extends Writing {
  readonly room: PeopledRoom;
  readonly from: Side;
}

/**
 * Compares what was written by now with what stands on the other side.
 *
 * @param order `any`: the networks tell of everything in any order, nothing has a place in it; else what came late besides
 *   what the database tells.
 */
export async function compare(
  scene: Scene,
  streams: readonly Stream[],
  deliveries: Deliveries,
  order: 'any' | readonly Late[],
): Promise<Judgement> {
  const late = order === 'any' ? allLate : either([...order, await readLate(scene.databaseUrl, deliveries)]);
  const judgements: Judgement[] = [];
  for (const { room, from, acts, begun, hand } of streams) {
    const done = acts.slice(0, begun);
    if (from === 'matrix') {
      const model = modelOf(done, { names: room.matrixPeople, sharedReactions: true });
      judgements.push(judge(model, readChannel(scene, room), lateIn(hand, '', late.fromMatrix)));
    } else {
      const model = modelOf(done, { names: room.slackPeople, sharedReactions: false });
      const lateIds = lateIn(hand, `${room.channel.id} `, late.fromSlack);
      judgements.push(judge(model, await readRoom(scene, room), lateIds));
    }
  }
  return {
    ...sumOf(judgements),
    missing: judgements.flatMap(({ missing }) => missing),
    complaints: judgements.flatMap(({ complaints }) => complaints),
  };
}

const allLate: Late = { fromMatrix: (all) => all, fromSlack: (all) => all };

function either(several: readonly Late[]): Late {
  return {
    fromMatrix: (messages) => several.flatMap(({ fromMatrix }) => fromMatrix(messages)),
    fromSlack: (messages) => several.flatMap(({ fromSlack }) => fromSlack(messages)),
  };
}

function lateIn({ places }: Hand, prefix: string, lateAmong: LateAmong): ReadonlySet<string> {
  const ids = new Map([...places].map(([id, place]) => [prefix + place, id] as const));
  return new Set(lateAmong([...ids.keys()]).flatMap((message) => ids.get(message) ?? []));
}
