import assert from 'node:assert/strict';
import { z } from 'zod';
import type { LinkedRoom, Scene } from '../bridge.ts';
import { eventually } from '../bridge/eventually.ts';
import { elementsIn } from './elements.ts';

/** Ann gives the channel a topic: in the room it is text, and links to nowhere. */
export async function judgeTopicInMatrix(
  { bob, slack }: Scene,
  { room, channel }: LinkedRoom,
  attack: string,
  mark: string,
): Promise<void> {
  slack.control.setTopic({ channel: channel.id, user: slack.ann, topic: escaped(`${mark} ${attack}`) });
  const content = await bob.waitFor(room, (seen) => {
    const topic = seen.state('m.room.topic');
    return String(topic?.['topic']).includes(mark) ? topic : undefined;
  });
  for (const { mimetype, body } of forms.parse(content)['m.topic']['m.text'])
    if (mimetype === 'text/html')
      for (const element of elementsIn(body)) assert.ok(marks.has(element), `${attack} made ${element}`);
}

/** Alice gives the room a topic: Slack gets it escaped. */
export async function judgeTopicInSlack(
  { alice, slack }: Scene,
  { room }: LinkedRoom,
  attack: string,
  mark: string,
): Promise<void> {
  await alice.setState(room, 'm.room.topic', { topic: `${mark} ${attack}` });
  const topic = await eventually(
    () =>
      slack.control
        .log({ kind: 'api', name: 'conversations.setTopic', limit: 2_000 })
        .map(({ details }) => z.object({ topic: z.string() }).safeParse(details['args']).data?.topic)
        .find((each) => each?.includes(mark)),
    () => `The topic ${attack} didn’t come to Slack.`,
  );
  assert.doesNotMatch(topic, /[<>]|&(?!(?:amp|lt|gt);)/, attack);
}

const forms = z.object({
  'm.topic': z
    .object({ 'm.text': z.array(z.object({ mimetype: z.string().optional(), body: z.string() })) })
    .default({ 'm.text': [] }),
});

/** A topic is mrkdwn: its marks are read. */
const marks: ReadonlySet<string> = new Set('p br blockquote pre code strong em del'.split(' '));

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
