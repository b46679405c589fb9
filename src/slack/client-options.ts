import { LogLevel } from '@slack/web-api';
import type { WebClientOptions } from '@slack/web-api';
import type { Logger } from '../log.ts';
import { slackLogger } from '../log/vendors.ts';

/** How a `WebClient` must be set so that nothing is sent twice, nowhere else, and no channel waits for another. */
export function clientOptions(apiUrl: string, log: Logger): WebClientOptions {
  return {
    slackApiUrl: apiUrl,
    logger: slackLogger(log, LogLevel.INFO),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 15_000,
    allowAbsoluteUrls: false,
  };
}
