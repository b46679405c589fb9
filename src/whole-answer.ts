import type { Dispatcher } from 'undici';

export interface WholeAnswer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  /** As UTF-8. */
  readonly text: string;
}

/** The answer began, and its end never came. */
export class BrokenOff extends Error {
  constructor(cause: Error) {
    super('the answer broke off', { cause });
    this.name = 'BrokenOff';
  }
}

/**
 * Makes a request and reads its whole answer, as undici's `request` does, but without a stream, which an answer of a few
 * hundred bytes doesn't need.
 *
 * @param within milliseconds for all of it; without it the request's own times count.
 *
 * Rejects with undici's error, with `BrokenOff`, or with an `AbortError` when the time is over.
 */
export function wholeAnswer(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  within?: number,
): Promise<WholeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>();
  let controller: Dispatcher.DispatchController | undefined;
  let begun: Omit<WholeAnswer, 'text'> | undefined;
  let failure: Error | undefined;
  const chunks: Buffer[] = [];
  const late = within === undefined ? undefined : setTimeout(() => fail(new TooLate(within)), within);

  function fail(error: Error): void {
    clearTimeout(late);
    failure = error;
    reject(begun ? new BrokenOff(error) : error);
    controller?.abort(error);
  }

  dispatcher.dispatch(request, {
    onRequestStart(started) {
      controller = started;
      if (failure) started.abort(failure); // it waited for a connection for too long: it isn't sent any more
    },
    onResponseStart(_, status, headers) {
      if (status >= 200) begun = { status, headers };
    },
    onResponseData(_, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      clearTimeout(late);
      const [first] = chunks;
      const body = first && chunks.length === 1 ? first : Buffer.concat(chunks);
      if (begun) resolve({ ...begun, text: body.toString('utf8') });
    },
    onResponseError: (_, error) => fail(error),
  });
  return promise;
}

class TooLate extends Error {
  readonly code = 'ABORT_ERR';
  constructor(milliseconds: number) {
    super(`no whole answer within ${milliseconds} ms`);
    this.name = 'AbortError';
  }
}
