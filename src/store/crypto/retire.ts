/**
 * All devices with what is known of them being that they are retired: for a database that went back, whose crypto stores
 * are behind what they were used for. Stores are named `<user>|<device>::…`; one may have been begun and nothing else be
 * known of its device yet.
 */
const all = `select user_id, device_id, true as retired from crypto_device
  union select owner[1], owner[2], true
    from (select regexp_match(name, '^(.+)\\|([^|]+)::') as owner from crypto_database) o where owner is not null`;

/** @param condition SQL: whether it is done at all */
export function retireAll(condition = 'true'): string {
  return `insert into crypto_device (user_id, device_id, retired)
    select * from (${all}) d where ${condition}
    on conflict (user_id, device_id) do update set retired = true`;
}
