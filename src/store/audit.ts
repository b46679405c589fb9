import type { AuditLog } from '../portal/ports.ts';
import type { Reader } from './reader.ts';

const record = {
  name: 'audit',
  text: 'insert into audit (actor, action, portal, details) values ($1, $2, $3, $4)',
};

export function createAudit(reader: Reader): AuditLog {
  return {
    async record({ actor, action, portal, details }) {
      await reader.query(record, [actor, action, portal, JSON.stringify(details)]);
    },
  };
}
