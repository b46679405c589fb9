/** Synapse can't be installed or started here. The message is for the person at the terminal: what is missing and what to do. */
export class SynapseUnavailable extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SynapseUnavailable';
  }
}
