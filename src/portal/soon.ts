import { CannotBridge, TryLater } from '../errors.ts';

/** What is only nice to know may take so long, in milliseconds. */
const patience = 2000;

/** What is asked for, where it can be had soon: no message is held up by a name. */
export async function soon<T>(asked: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience);
  });
  try {
    return await Promise.race([asked, late]);
  } catch (error) {
    if (error instanceof TryLater || error instanceof CannotBridge) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
