import { Agent } from 'undici';
import { CannotBridge } from '../errors.ts';
import { wholeAnswer } from '../whole-answer.ts';

/** Posts an answer to the address that came with a command or a button. Throws `CannotBridge` where Slack doesn't take it. */
export type Respond = (url: string, answer: object) => Promise<void>;

/** Where Slack takes such answers. */
const slacksOwn: ReadonlySet<string> = new Set(['https://hooks.slack.com', 'https://hooks.slack-gov.com']);

const timeout = 10_000;

/**
 * Answers go to Slack's own address, or to that of the configured API, and nowhere else: what the body of a request names is
 * somebody's word. Redirects are not followed.
 *
 * @see https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 */
export function createRespond(apiUrl: string): Respond {
  const { origin: own } = new URL(apiUrl);
  const agent = new Agent();
  return async (address, answer) => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || (url.origin !== own && !slacksOwn.has(url.origin)))
      throw new CannotBridge('response-url', 'an answer was to go to an address that is not Slack’s');
    const { status } = await wholeAnswer(
      agent,
      {
        origin: url.origin,
        method: 'POST',
        path: `${url.pathname}${url.search}`,
        headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'matrix-slack-bridge' },
        body: JSON.stringify(answer),
      },
      timeout,
    );
    if (status !== 200) throw new CannotBridge('response-url', `Slack took no answer: status ${status}`);
  };
}
