/**
 * A vendor's wire type as we hold our answers against it at compile time: the same keys and the same plain types, but
 * string enums as the strings that go over the wire, lists that may be readonly, and content that we only pass through
 * (blocks, attachments, metadata) left open. An absent field may also be written as `undefined`: JSON leaves it out.
 */
export type Shape<T> = T extends string
  ? `${T}`
  : T extends readonly (infer Item)[]
    ? readonly Shape<Item>[]
    : T extends object
      ? { readonly [K in keyof T as OptionalKey<T, K, never, K>]: Field<K, T[K]> } & {
          readonly [K in keyof T as OptionalKey<T, K, K, never>]?: Field<K, T[K]> | undefined;
        }
      : T;

/** `Given`, if it fits what the vendor's type wants; a compile error else. */
export type Fits<Given extends Wanted, Wanted> = Given;

type OptionalKey<T, K extends keyof T, Yes, No> = object extends Pick<T, K> ? Yes : No;

type Field<Key, Value> = Key extends 'blocks' | 'attachments' | 'metadata' ? unknown : Shape<Value>;
