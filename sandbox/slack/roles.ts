import type { User } from './model.ts';

export function isAdministrator(user: Pick<User, 'isAdmin' | 'isOwner' | 'isPrimaryOwner'>): boolean {
  return user.isAdmin || user.isOwner || user.isPrimaryOwner;
}

export function isGuest(user: Pick<User, 'isRestricted' | 'isUltraRestricted'>): boolean {
  return user.isRestricted || user.isUltraRestricted;
}
