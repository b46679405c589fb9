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
    maxRequestConcurrency: 10_000, // each lane makes one call at a time; with 100 unanswered ones all others would wait
    timeout: 15_000,
    allowAbsoluteUrls: false,
  };
}
