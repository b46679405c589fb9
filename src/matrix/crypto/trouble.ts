/** The homeserver doesn't have this device (any more). Its store is of no use: a new device takes its place. */
export class DeviceGone extends Error {
  constructor(user: string, device: string) {
    super(`the homeserver has no device ${device} of ${user}`);
    this.name = 'DeviceGone';
  }
}

/** Encryption can't work before an administrator changes something. The message says what is wrong and what to do. */
export class EncryptionTrouble extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'EncryptionTrouble';
  }
}
