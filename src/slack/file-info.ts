import { CannotBridge } from '../errors.ts';
import type { SlackPort } from '../portal/ports.ts';
import type { CallSlack } from './calls.ts';
import { fieldsOf, textOf } from './fields.ts';
import { slackFile } from './files.ts';

/**
 * What Slack says of one file when it is asked: all of a short snippet is in the answer, too.
 * @see https://docs.slack.dev/reference/methods/files.info
 */
export function createFileInfo(call: CallSlack): Pick<SlackPort, 'fileInfo'> {
  return {
    fileInfo: async ({ team, channel }, file) => {
      const request = {
        team,
        within: channel,
        method: 'files.info',
        effect: 'read',
        args: { file },
      } as const;
      const answer = await call(request);
      const whole = answer['is_truncated'] === true ? undefined : textOf(answer['content']);
      const found = slackFile(fieldsOf(answer['file']), whole);
      if (!found) throw new CannotBridge('file_deleted', 'it was deleted in Slack');
      return found;
    },
  };
}
