import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { arrivalOf } from '../../support/bridge/arrival.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import type { Deliveries } from '../support/deliveries.ts';
import { sumOf } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { cameLate } from './came-late.ts';

/** What the people of one room and its channel wrote, in order. */
export interface Stream {
  readonly linked: LinkedRoom;
  readonly fromSlack: Text[];
  readonly fromMatrix: Text[];
}

interface Text {
  readonly text: string;
  /** Who should be seen as having written it. */
  readonly author: string;
}

interface Seen {
  readonly text: string;
  readonly author: string | undefined;
}

/** The texts that Alice sees in a room, in order. Nobody edits or deletes any: this is asked often, and must cost little. */
export function textsInMatrix({ alice }: Scene, { room }: LinkedRoom): readonly string[] {
  return alice
    .room(room)
    .events()
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => String(content['body']));
}

/** The texts that don't stand on the other side. */
export function missing(scene: Scene, { linked, fromSlack, fromMatrix }: Stream): readonly string[] {
  const inMatrix = new Set(textsInMatrix(scene, linked));
  const inSlack = new Set(scene.slack.posts(linked.channel).map(shown));
  return [
    ...fromSlack.filter(({ text }) => !inMatrix.has(text)),
    ...fromMatrix.filter(({ text }) => !inSlack.has(text)),
  ].map(({ text }) => text);
}

/** Compares what stands on both sides with what was written, and by whom. */
export async function judge(
  scene: Scene,
  streams: readonly Stream[],
  deliveries: Deliveries,
): Promise<Verdict> {
  const late = await cameLate(
    scene,
    streams.map(({ linked }) => linked),
    deliveries,
  );
  return sumOf(
    streams.flatMap(({ linked, fromSlack, fromMatrix }) => {
      const inMatrix = scene.alice.room(linked.room).messages();
      const inSlack = scene.slack.posts(linked.channel);
      return [
        verdictOf(
          fromSlack,
          inMatrix.map(({ body, senderName }) => ({ text: body, author: senderName })),
          late,
        ),
        verdictOf(
          fromMatrix,
          inSlack.map((post) => ({ text: shown(post), author: post.username })),
          late,
        ),
      ];
    }),
  );
}

/** Somebody else's name above a message counts as a wrong state. A relayed name has a mark behind it. */
export function verdictOf(
  written: readonly Text[],
  seen: readonly Seen[],
  late: ReadonlySet<string>,
): Verdict {
  const texts = written.map(({ text }) => text);
  const { lost, doubled, outOfOrder } = arrivalOf(
    texts,
    seen.map(({ text }) => text),
    late,
  );
  const authors = new Map(written.map(({ text, author }) => [text, author]));
  const misnamed = seen.filter(({ text, author = '' }) => !author.startsWith(authors.get(text) ?? ''));
  return {
    sent: written.length,
    lost: lost.length,
    doubled: doubled.length,
    outOfOrder: outOfOrder.length,
    late: texts.filter((text) => late.has(text)).length,
    stateDiffers: misnamed.length,
  };
}
