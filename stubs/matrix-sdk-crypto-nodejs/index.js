'use strict';

/**
 * The bridge library's SDK loads this module at start, whether or not it encrypts. The real one fetches a native
 * binary at install; this one only answers the load. Using any of its classes is a mistake in the bridge.
 */
function unusable(name) {
  return class {
    static get name() {
      return name;
    }
    constructor() {
      throw new Error(`${name} is not available: the bridge does not use the SDK's own encryption`);
    }
  };
}

for (const name of [
  'Attachment',
  'DeviceId',
  'DeviceLists',
  'EncryptedAttachment',
  'EncryptionSettings',
  'OlmMachine',
  'RoomId',
  'UserId',
]) {
  exports[name] = unusable(name);
}

exports.EncryptionAlgorithm = Object.freeze({ OlmV1Curve25519AesSha2: 0, MegolmV1AesSha2: 1 });
exports.HistoryVisibility = Object.freeze({ Invited: 0, Joined: 1, Shared: 2, WorldReadable: 3 });
exports.RequestType = Object.freeze({
  KeysUpload: 0,
  KeysQuery: 1,
  KeysClaim: 2,
  ToDevice: 3,
  SignatureUpload: 4,
  RoomMessage: 5,
  KeysBackup: 6,
});
exports.StoreType = Object.freeze({ Sled: 0, Sqlite: 1 });
