import type { Dispatcher } from 'undici';

export interface WholeAnswer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

/**
 * Makes a request and reads its whole answer. Like `request` of undici, without a stream that nobody needs for an answer of
 * some hundred bytes: that costs as much as the rest of the call. Rejects with undici's errors.
 */
export function wholeAnswer(pool: Dispatcher, request: Dispatcher.DispatchOptions): Promise<WholeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>();
  const chunks: Buffer[] = [];
  let begun: Pick<WholeAnswer, 'status' | 'headers'> | undefined;
  pool.dispatch(request, {
    onRequestStart: () => undefined,
    onResponseStart(_controller, status, headers) {
      if (status >= 200) begun = { status, headers };
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      const [first] = chunks;
      const body = chunks.length === 1 && first ? first : Buffer.concat(chunks);
      if (begun) resolve({ ...begun, text: body.toString('utf8') });
      else reject(new Error('an answer without a status'));
    },
    onResponseError(_controller, error) {
      reject(error);
    },
  });
  return promise;
}
