/** Types for a module that is only loaded, never used: see index.js. */
declare class Unusable {
  private constructor();
}

export declare class Attachment extends Unusable {}
export declare class DeviceId extends Unusable {}
export declare class DeviceLists extends Unusable {}
export declare class EncryptedAttachment extends Unusable {}
export declare class EncryptionSettings extends Unusable {}
export declare class OlmMachine extends Unusable {}
export declare class RoomId extends Unusable {}
export declare class UserId extends Unusable {}
export declare enum EncryptionAlgorithm {
  OlmV1Curve25519AesSha2 = 0,
  MegolmV1AesSha2 = 1,
}
export declare enum HistoryVisibility {
  Invited = 0,
  Joined = 1,
  Shared = 2,
  WorldReadable = 3,
}
export declare enum RequestType {
  KeysUpload = 0,
  KeysQuery = 1,
  KeysClaim = 2,
  ToDevice = 3,
  SignatureUpload = 4,
  RoomMessage = 5,
  KeysBackup = 6,
}
export declare enum StoreType {
  Sled = 0,
  Sqlite = 1,
}
