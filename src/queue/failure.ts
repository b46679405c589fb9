/** What `work` failed with, thrown or rejected; `undefined`: it resolved. */
export async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error ?? new Error('rejected without an error');
  }
}
